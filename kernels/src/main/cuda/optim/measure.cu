// The norm of all gradients and what follows from it, see FusedCall.MeasureGradients: one launch, whose
// last block to finish adds up what the blocks found, in the order of the pieces, and decides.
#include "common/block.cuh"
#include "common/last.cuh"
#include "common/packs.cuh"
#include "optim/segments.cuh"

using namespace talweg;

namespace {

constexpr int THREADS = 256;

// In the order of talweg.op.NonFinite.
enum Policy { FAIL, SKIP, PROPAGATE };

struct Decision {
    double average;
    double maxNorm;
    double eps;
    int policy;
    double *state;
};

template <typename T>
__device__ __forceinline__ double sumOfSquares(const T *g, Piece piece) {
    constexpr int LANES = lanesOf<T>();
    double sum = 0;
    forEachPack<LANES>(piece.from, piece.to, isAligned<LANES>(g), [&](i64 i, auto width) {
        constexpr int WIDTH = decltype(width)::COUNT;
        Pack<T, WIDTH> pack = load<WIDTH>(g + i);
#pragma unroll
        for (int e = 0; e < WIDTH; e++) {
            sum += static_cast<double>(pack.lane[e]) * pack.lane[e];
        }
    });
    return blockSum(sum);
}

// 1 + the first segment whose sum of squares is not finite, or 0; in every thread.
__device__ __forceinline__ int firstBad(const long long *segments, long long count, int bits,
                                        const volatile double *squares) {
    __shared__ int firsts[THREADS];
    int first = 0;
    for (int s = threadIdx.x; s < count && first == 0; s += THREADS) {
        double sum = 0;
        long long end = endPiece(segments, s, bits);
        for (long long i = firstPiece(segments, s, bits); i < end; i++) {
            sum += squares[i];
        }
        first = isfinite(sum) ? 0 : s + 1;
    }
    firsts[threadIdx.x] = first;
    __syncthreads();
    int least = 0;
    for (int i = 0; i < THREADS; i++) {
        if (firsts[i] != 0 && (least == 0 || firsts[i] < least)) {
            least = firsts[i];
        }
    }
    return least;
}

__device__ __forceinline__ void decide(const Decision &decision, double sum, int bad) {
    double *state = decision.state;
    double norm = sqrt(sum) * decision.average;
    double bound = decision.maxNorm / (norm + decision.eps);
    // NaN stays NaN.
    double clip = isinf(decision.maxNorm) || bound > 1 ? 1 : bound;
    bool write = decision.policy == PROPAGATE || bad == 0;
    if (decision.policy == FAIL) {
        bool stopped = state[BAD_SEGMENT] > 0;
        if (!stopped && bad > 0) {
            state[BAD_SEGMENT] = bad;
            state[BAD_STEP] = state[ATTEMPTED];
        }
        write = write && !stopped;
    }
    state[WRITE] = write ? 1 : 0;
    state[GRAD_NORM] = norm;
    state[GRAD_SCALE] = decision.average * clip;
}

// Leaves each piece's sum of squares at its number, 0 where there is no piece.
template <typename T>
__device__ __forceinline__ void measure(const long long *segments, long long count, int bits, const T *g,
                                        volatile double *squares, unsigned *ticket,
                                        const Decision &decision) {
    double mine = sumOfSquares(g, pieceOf(segments, count, bits, blockIdx.x));
    if (threadIdx.x == 0) {
        squares[blockIdx.x] = mine;
    }
    if (!isLastBlock(ticket)) {
        return;
    }
    double sum = 0;
#pragma unroll 4
    for (unsigned i = threadIdx.x; i < gridDim.x; i += THREADS) {
        sum += squares[i];
    }
    sum = blockSum(sum);
    // Only where the sum is not finite, a segment may be bad.
    int bad = isfinite(sum) ? 0 : firstBad(segments, count, bits, squares);
    if (threadIdx.x == 0) {
        decide(decision, sum, bad);
    }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    measure_gradients_f32(const long long *segments, long long count, int bits, const float *g,
                          double *squares, unsigned *ticket, double average, double maxNorm, double eps,
                          int policy, double *state) {
    measure(segments, count, bits, g, squares, ticket, {average, maxNorm, eps, policy, state});
}

extern "C" __global__ void __launch_bounds__(256)
    measure_gradients_f64(const long long *segments, long long count, int bits, const double *g,
                          double *squares, unsigned *ticket, double average, double maxNorm, double eps,
                          int policy, double *state) {
    measure(segments, count, bits, g, squares, ticket, {average, maxNorm, eps, policy, state});
}
