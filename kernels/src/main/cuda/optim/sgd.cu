// SGD with momentum, see FusedCall.SgdStep.
#include "optim/update.cuh"

using namespace talweg;

namespace {

template <typename T>
struct alignas(16) SgdFactors {
    T scale;
    T clip;
    T l2;
    T momentum;
    T take;
    T nesterov;
    T first;
    T rate;
};

// Columns of the constants, see FusedCall.SgdConstant.
enum SgdConstant { MOMENTUM, DAMPENING, NESTEROV, L2, CLIP_VALUE, SGD_COLUMNS };

template <typename T>
__device__ __forceinline__ void sgdFactors(Tables tables, SgdFactors<T> *factors) {
    advance(tables, SGD_COLUMNS, [&](long long s, const Turn &turn) {
        const double *c = turn.constants;
        factors[s] = {
            (T)turn.scale,  (T)c[CLIP_VALUE],         (T)c[L2],    (T)c[MOMENTUM], (T)(1 - c[DAMPENING]),
            (T)c[NESTEROV], (T)(turn.t == 1 ? 1 : 0), (T)turn.rate};
    });
}

template <typename T>
struct SgdRule {
    using Factors = SgdFactors<T>;
    static constexpr int STATES = 1;
    static constexpr Access ACCESS = WHOLE_STEP;

    const Factors f;
    const bool buffered;

    __device__ SgdRule(const Factors &factors, const Flat<T, STATES> &flat)
        : f(factors), buffered(flat.state[0] != nullptr) {}

    __device__ __forceinline__ void apply(T &w, T g, T *state) {
        T grad = gradient(g, f.scale, f.clip, f.l2, w);
        T direction = grad;
        if (buffered) {
            // What the buffer held before the first step does not matter, whatever it is.
            T b = f.first != 0 ? grad : f.momentum * state[0] + f.take * grad;
            state[0] = b;
            direction = f.nesterov != 0 ? grad + f.momentum * b : b;
        }
        w = w - f.rate * direction;
    }
};

}  // namespace

extern "C" __global__ void sgd_factors_f32(const long long *segments, long long count, double *steps,
                                           const double *rates, long long window, const double *state,
                                           const double *constants, float *factors) {
    sgdFactors({segments, count, steps, rates, window, state, constants},
               reinterpret_cast<SgdFactors<float> *>(factors));
}

extern "C" __global__ void sgd_factors_f64(const long long *segments, long long count, double *steps,
                                           const double *rates, long long window, const double *state,
                                           const double *constants, double *factors) {
    sgdFactors({segments, count, steps, rates, window, state, constants},
               reinterpret_cast<SgdFactors<double> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    sgd_step_f32(const long long *segments, long long count, int bits, double *state, const float *factors,
                 float *w, const float *g, float *buffer) {
    update<float, SgdRule<float>>(segments, count, bits, state,
                                  reinterpret_cast<const SgdFactors<float> *>(factors), {w, g, {buffer}});
}

extern "C" __global__ void __launch_bounds__(256)
    sgd_step_f64(const long long *segments, long long count, int bits, double *state, const double *factors,
                 double *w, const double *g, double *buffer) {
    update<double, SgdRule<double>>(segments, count, bits, state,
                                    reinterpret_cast<const SgdFactors<double> *>(factors), {w, g, {buffer}});
}
