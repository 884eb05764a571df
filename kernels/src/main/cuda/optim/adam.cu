// Adam, AdamW and AMSGrad, see FusedCall.AdamStep.
#include "optim/update.cuh"

using namespace talweg;

namespace {

template <typename T>
struct alignas(16) AdamFactors {
    T scale;
    T clip;
    T l2;
    T keep1;
    T take1;
    T keep2;
    T take2;
    T shrink;
    T stepSize;
    T rootScale;
    T eps;
    T unused;
};

// Columns of the constants, see FusedCall.AdamConstant.
enum AdamConstant { BETA1, BETA2, EPS, L2, DECAY, CLIP_VALUE, ADAM_COLUMNS };

template <typename T>
__device__ __forceinline__ void adamFactors(Tables tables, AdamFactors<T> *factors) {
    advance(tables, ADAM_COLUMNS, [&](long long s, const Turn &turn) {
        const double *c = turn.constants;
        AdamFactors<T> f = {};
        f.scale = (T)turn.scale;
        f.clip = (T)c[CLIP_VALUE];
        f.l2 = (T)c[L2];
        f.keep1 = (T)c[BETA1];
        f.take1 = (T)(1 - c[BETA1]);
        f.keep2 = (T)c[BETA2];
        f.take2 = (T)(1 - c[BETA2]);
        f.shrink = (T)(1 - turn.rate * c[DECAY]);
        f.stepSize = (T)(turn.rate / complementOfPower(c[BETA1], turn.t));
        f.rootScale = (T)(1 / sqrt(complementOfPower(c[BETA2], turn.t)));
        f.eps = (T)c[EPS];
        factors[s] = f;
    });
}

template <typename T>
struct AdamRule {
    using Factors = AdamFactors<T>;
    static constexpr int STATES = 3;
    static constexpr Access ACCESS = WHOLE_STEP;

    const Factors f;
    const bool amsGrad;

    __device__ AdamRule(const Factors &factors, const Flat<T, STATES> &flat)
        : f(factors), amsGrad(flat.state[2] != nullptr) {}

    __device__ __forceinline__ void apply(T &w, T g, T *state) {
        T grad = gradient(g, f.scale, f.clip, f.l2, w);
        T m = f.keep1 * state[0] + f.take1 * grad;
        T v = f.keep2 * state[1] + f.take2 * (grad * grad);
        state[0] = m;
        state[1] = v;
        if (amsGrad) {
            // A NaN on either side stays.
            state[2] = v > state[2] || v != v ? v : state[2];
            v = state[2];
        }
        w = w * f.shrink - f.stepSize * m / (sqrt(v) * f.rootScale + f.eps);
    }
};

}  // namespace

extern "C" __global__ void adam_factors_f32(const long long *segments, long long count, double *steps,
                                            const double *rates, long long window, const double *state,
                                            const double *constants, float *factors) {
    adamFactors({segments, count, steps, rates, window, state, constants},
                reinterpret_cast<AdamFactors<float> *>(factors));
}

extern "C" __global__ void adam_factors_f64(const long long *segments, long long count, double *steps,
                                            const double *rates, long long window, const double *state,
                                            const double *constants, double *factors) {
    adamFactors({segments, count, steps, rates, window, state, constants},
                reinterpret_cast<AdamFactors<double> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    adam_step_f32(const long long *segments, long long count, int bits, double *state, const float *factors,
                  float *w, const float *g, float *m, float *v, float *vMax) {
    update<float, AdamRule<float>>(segments, count, bits, state,
                                   reinterpret_cast<const AdamFactors<float> *>(factors),
                                   {w, g, {m, v, vMax}});
}

extern "C" __global__ void __launch_bounds__(256, 2)
    adam_step_f64(const long long *segments, long long count, int bits, double *state, const double *factors,
                  double *w, const double *g, double *m, double *v, double *vMax) {
    update<double, AdamRule<double>>(segments, count, bits, state,
                                     reinterpret_cast<const AdamFactors<double> *>(factors),
                                     {w, g, {m, v, vMax}});
}
