// RMSProp, see FusedCall.RmsPropStep.
#include "optim/update.cuh"

using namespace talweg;

namespace {

template <typename T>
struct alignas(16) RmsPropFactors {
    T scale;
    T clip;
    T l2;
    T keep;
    T take;
    T eps;
    T momentum;
    T rate;
};

// Columns of the constants, see FusedCall.RmsPropConstant.
enum RmsPropConstant { ALPHA, EPS, MOMENTUM, L2, CLIP_VALUE, RMSPROP_COLUMNS };

template <typename T>
__device__ __forceinline__ void rmspropFactors(Tables tables, RmsPropFactors<T> *factors) {
    advance(tables, RMSPROP_COLUMNS, [&](long long s, const Turn &turn) {
        const double *c = turn.constants;
        factors[s] = {(T)turn.scale,     (T)c[CLIP_VALUE], (T)c[L2],       (T)c[ALPHA],
                      (T)(1 - c[ALPHA]), (T)c[EPS],        (T)c[MOMENTUM], (T)turn.rate};
    });
}

template <typename T>
struct RmsPropRule {
    using Factors = RmsPropFactors<T>;
    static constexpr int STATES = 3;
    static constexpr Access ACCESS = WHOLE_STEP;

    const Factors f;
    const bool centred;
    const bool buffered;

    __device__ RmsPropRule(const Factors &factors, const Flat<T, STATES> &flat)
        : f(factors), centred(flat.state[1] != nullptr), buffered(flat.state[2] != nullptr) {}

    __device__ __forceinline__ void apply(T &w, T g, T *state) {
        T grad = gradient(g, f.scale, f.clip, f.l2, w);
        T variance = f.keep * state[0] + f.take * (grad * grad);
        state[0] = variance;
        if (centred) {
            state[1] = f.keep * state[1] + f.take * grad;
            variance = variance - state[1] * state[1];
            // Rounding may leave less than 0; NaN stays.
            variance = variance < 0 ? 0 : variance;
        }
        T direction = grad / (sqrt(variance) + f.eps);
        if (buffered) {
            state[2] = f.momentum * state[2] + direction;
            direction = state[2];
        }
        w = w - f.rate * direction;
    }
};

}  // namespace

extern "C" __global__ void rmsprop_factors_f32(const long long *segments, long long count, double *steps,
                                               const double *rates, long long window, const double *state,
                                               const double *constants, float *factors) {
    rmspropFactors({segments, count, steps, rates, window, state, constants},
                   reinterpret_cast<RmsPropFactors<float> *>(factors));
}

extern "C" __global__ void rmsprop_factors_f64(const long long *segments, long long count, double *steps,
                                               const double *rates, long long window, const double *state,
                                               const double *constants, double *factors) {
    rmspropFactors({segments, count, steps, rates, window, state, constants},
                   reinterpret_cast<RmsPropFactors<double> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    rmsprop_step_f32(const long long *segments, long long count, int bits, double *state,
                     const float *factors, float *w, const float *g, float *squares, float *means,
                     float *buffer) {
    update<float, RmsPropRule<float>>(segments, count, bits, state,
                                      reinterpret_cast<const RmsPropFactors<float> *>(factors),
                                      {w, g, {squares, means, buffer}});
}

extern "C" __global__ void __launch_bounds__(256, 2)
    rmsprop_step_f64(const long long *segments, long long count, int bits, double *state,
                     const double *factors, double *w, const double *g, double *squares, double *means,
                     double *buffer) {
    update<double, RmsPropRule<double>>(segments, count, bits, state,
                                        reinterpret_cast<const RmsPropFactors<double> *>(factors),
                                        {w, g, {squares, means, buffer}});
}
