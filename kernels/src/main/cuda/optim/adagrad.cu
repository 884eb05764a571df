// Adagrad, see FusedCall.AdagradStep.
#include "optim/update.cuh"

using namespace talweg;

namespace {

template <typename T>
struct alignas(16) AdagradFactors {
    T scale;
    T clip;
    T l2;
    T eps;
    T rate;
    T unused[3];
};

// Columns of the constants, see FusedCall.AdagradConstant.
enum AdagradConstant { EPS, RATE_DECAY, L2, CLIP_VALUE, ADAGRAD_COLUMNS };

template <typename T>
__device__ __forceinline__ void adagradFactors(Tables tables, AdagradFactors<T> *factors) {
    advance(tables, ADAGRAD_COLUMNS, [&](long long s, const Turn &turn) {
        const double *c = turn.constants;
        double slowing = 1 + (turn.t - 1) * c[RATE_DECAY];
        factors[s] = {(T)turn.scale, (T)c[CLIP_VALUE], (T)c[L2], (T)c[EPS], (T)(turn.rate / slowing), {}};
    });
}

template <typename T>
struct AdagradRule {
    using Factors = AdagradFactors<T>;
    static constexpr int STATES = 1;
    static constexpr Access ACCESS = WHOLE_STEP;

    const Factors f;

    __device__ AdagradRule(const Factors &factors, const Flat<T, STATES> &) : f(factors) {}

    __device__ __forceinline__ void apply(T &w, T g, T *state) {
        T grad = gradient(g, f.scale, f.clip, f.l2, w);
        T sum = state[0] + grad * grad;
        state[0] = sum;
        w = w - f.rate * (grad / (sqrt(sum) + f.eps));
    }
};

}  // namespace

extern "C" __global__ void adagrad_factors_f32(const long long *segments, long long count, double *steps,
                                               const double *rates, long long window, const double *state,
                                               const double *constants, float *factors) {
    adagradFactors({segments, count, steps, rates, window, state, constants},
                   reinterpret_cast<AdagradFactors<float> *>(factors));
}

extern "C" __global__ void adagrad_factors_f64(const long long *segments, long long count, double *steps,
                                               const double *rates, long long window, const double *state,
                                               const double *constants, double *factors) {
    adagradFactors({segments, count, steps, rates, window, state, constants},
                   reinterpret_cast<AdagradFactors<double> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    adagrad_step_f32(const long long *segments, long long count, int bits, double *state,
                     const float *factors, float *w, const float *g, float *sums) {
    update<float, AdagradRule<float>>(segments, count, bits, state,
                                      reinterpret_cast<const AdagradFactors<float> *>(factors),
                                      {w, g, {sums}});
}

extern "C" __global__ void __launch_bounds__(256)
    adagrad_step_f64(const long long *segments, long long count, int bits, double *state,
                     const double *factors, double *w, const double *g, double *sums) {
    update<double, AdagradRule<double>>(segments, count, bits, state,
                                        reinterpret_cast<const AdagradFactors<double> *>(factors),
                                        {w, g, {sums}});
}
