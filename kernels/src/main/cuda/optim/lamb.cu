// LAMB, see FusedCall.LambStep: moments and sums of squares of each piece, the trust ratio of each
// segment, then the descent.
#include "common/block.cuh"
#include "optim/update.cuh"

using namespace talweg;

namespace {

template <typename T>
struct alignas(16) LambFactors {
    T scale;
    T clip;
    T l2;
    T keep1;
    T take1;
    T keep2;
    T take2;
    T meanScale;
    T rootScale;
    T eps;
    T decay;
    // Rate times trust ratio; the ratio joins it after the moments.
    T step;
};

// Columns of the constants, see FusedCall.LambConstant.
enum LambConstant {
    BETA1,
    BETA2,
    EPS,
    L2,
    DECAY,
    TAKE1,
    BIAS_CORRECTION,
    TRUST,
    LEAST_NORM,
    LARGEST_NORM,
    CLIP_VALUE,
    LAMB_COLUMNS
};

template <typename T>
__device__ __forceinline__ void lambFactors(Tables tables, LambFactors<T> *factors) {
    advance(tables, LAMB_COLUMNS, [&](long long s, const Turn &turn) {
        const double *c = turn.constants;
        bool corrected = c[BIAS_CORRECTION] != 0;
        factors[s] = {(T)turn.scale,
                      (T)c[CLIP_VALUE],
                      (T)c[L2],
                      (T)c[BETA1],
                      (T)c[TAKE1],
                      (T)c[BETA2],
                      (T)(1 - c[BETA2]),
                      (T)(corrected ? 1 / complementOfPower(c[BETA1], turn.t) : 1),
                      (T)(corrected ? 1 / sqrt(complementOfPower(c[BETA2], turn.t)) : 1),
                      (T)c[EPS],
                      (T)c[DECAY],
                      (T)0};
    });
}

template <typename T>
__device__ __forceinline__ T lambDirection(const LambFactors<T> &f, T w, T m, T v) {
    return m * f.meanScale / (sqrt(v) * f.rootScale + f.eps) + f.decay * w;
}

template <typename T>
struct LambMoments {
    using Factors = LambFactors<T>;
    static constexpr int STATES = 2;
    static constexpr Access ACCESS = {true, false, true};

    const Factors f;
    double weights = 0;
    double directions = 0;

    __device__ LambMoments(const Factors &factors, const Flat<T, STATES> &) : f(factors) {}

    __device__ __forceinline__ void apply(T &w, T g, T *state) {
        T grad = gradient(g, f.scale, f.clip, f.l2, w);
        state[0] = f.keep1 * state[0] + f.take1 * grad;
        state[1] = f.keep2 * state[1] + f.take2 * (grad * grad);
        T direction = lambDirection(f, w, state[0], state[1]);
        weights += (double)w * w;
        directions += (double)direction * direction;
    }
};

template <typename T>
struct LambDescent {
    using Factors = LambFactors<T>;
    static constexpr int STATES = 2;
    static constexpr Access ACCESS = {false, true, false};

    const Factors f;

    __device__ LambDescent(const Factors &factors, const Flat<T, STATES> &) : f(factors) {}

    __device__ __forceinline__ void apply(T &w, T, T *state) {
        w = w - f.step * lambDirection(f, w, state[0], state[1]);
    }
};

// Leaves the two sums of squares of each piece at its number.
template <typename T>
__device__ __forceinline__ void lambMoments(const long long *segments, long long count, int bits,
                                            const double *state, const LambFactors<T> *factors,
                                            const Flat<T, 2> &flat, double *squares) {
    double write = state[WRITE];
    Piece piece = pieceOf(segments, count, bits, blockIdx.x);
    if (write == 0 || piece.from >= piece.to) {
        return;
    }
    LambMoments<T> rule(factors[piece.segment], flat);
    updatePiece<T>(rule, flat, piece);
    double weights = blockSum(rule.weights);
    double directions = blockSum(rule.directions);
    if (threadIdx.x == 0) {
        squares[2 * (long long)blockIdx.x] = weights;
        squares[2 * (long long)blockIdx.x + 1] = directions;
    }
}

// From the sums of squares of the weights and of the direction.
__device__ __forceinline__ double trustRatio(const double *c, double weights, double directions) {
    if (c[TRUST] == 0 || weights == 0 || directions == 0) {
        return 1;
    }
    double norm = sqrt(weights);
    norm = norm < c[LEAST_NORM] ? c[LEAST_NORM] : norm > c[LARGEST_NORM] ? c[LARGEST_NORM] : norm;
    return norm / sqrt(directions);
}

// One block for each segment adds up its pieces.
template <typename T>
__device__ __forceinline__ void lambRatios(Tables tables, int bits, const double *squares, double *ratios,
                                           LambFactors<T> *factors) {
    int s = blockIdx.x;
    const long long *row = tables.segments + s * (long long)COLUMNS;
    if (tables.state[WRITE] == 0 || row[HAS_GRADIENT] == 0) {
        return;
    }
    double weights = 0;
    double directions = 0;
    long long end = endPiece(tables.segments, s, bits);
#pragma unroll 4
    for (long long i = firstPiece(tables.segments, s, bits) + threadIdx.x; i < end; i += blockDim.x) {
        weights += squares[2 * i];
        directions += squares[2 * i + 1];
    }
    weights = blockSum(weights);
    directions = blockSum(directions);
    if (threadIdx.x == 0) {
        long long group = row[GROUP];
        double ratio = trustRatio(tables.constants + group * LAMB_COLUMNS, weights, directions);
        ratios[s] = ratio;
        long long applied = (long long)tables.state[APPLIED];
        factors[s].step = (T)(tables.rates[group * tables.window + applied % tables.window] * ratio);
    }
}

}  // namespace

extern "C" __global__ void lamb_factors_f32(const long long *segments, long long count, double *steps,
                                            const double *rates, long long window, const double *state,
                                            const double *constants, float *factors) {
    lambFactors({segments, count, steps, rates, window, state, constants},
                reinterpret_cast<LambFactors<float> *>(factors));
}

extern "C" __global__ void lamb_factors_f64(const long long *segments, long long count, double *steps,
                                            const double *rates, long long window, const double *state,
                                            const double *constants, double *factors) {
    lambFactors({segments, count, steps, rates, window, state, constants},
                reinterpret_cast<LambFactors<double> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    lamb_moments_f32(const long long *segments, long long count, int bits, const double *state,
                     const float *factors, float *w, const float *g, float *m, float *v, double *squares) {
    lambMoments<float>(segments, count, bits, state, reinterpret_cast<const LambFactors<float> *>(factors),
                       {w, g, {m, v}}, squares);
}

extern "C" __global__ void __launch_bounds__(256)
    lamb_moments_f64(const long long *segments, long long count, int bits, const double *state,
                     const double *factors, double *w, const double *g, double *m, double *v,
                     double *squares) {
    lambMoments<double>(segments, count, bits, state, reinterpret_cast<const LambFactors<double> *>(factors),
                        {w, g, {m, v}}, squares);
}

extern "C" __global__ void __launch_bounds__(256)
    lamb_ratios_f32(const long long *segments, long long count, int bits, const double *rates,
                    long long window, const double *state, const double *constants, const double *squares,
                    double *ratios, float *factors) {
    lambRatios({segments, count, nullptr, rates, window, state, constants}, bits, squares, ratios,
               reinterpret_cast<LambFactors<float> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    lamb_ratios_f64(const long long *segments, long long count, int bits, const double *rates,
                    long long window, const double *state, const double *constants, const double *squares,
                    double *ratios, double *factors) {
    lambRatios({segments, count, nullptr, rates, window, state, constants}, bits, squares, ratios,
               reinterpret_cast<LambFactors<double> *>(factors));
}

extern "C" __global__ void __launch_bounds__(256)
    lamb_descent_f32(const long long *segments, long long count, int bits, double *state,
                     const float *factors, float *w, float *m, float *v) {
    update<float, LambDescent<float>>(segments, count, bits, state,
                                      reinterpret_cast<const LambFactors<float> *>(factors),
                                      {w, nullptr, {m, v}});
}

extern "C" __global__ void __launch_bounds__(256)
    lamb_descent_f64(const long long *segments, long long count, int bits, double *state,
                     const double *factors, double *w, double *m, double *v) {
    update<double, LambDescent<double>>(segments, count, bits, state,
                                        reinterpret_cast<const LambFactors<double> *>(factors),
                                        {w, nullptr, {m, v}});
}
