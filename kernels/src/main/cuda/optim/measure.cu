// The norm of all gradients and what follows from it, see FusedCall.MeasureGradients.
#include "common/block.cuh"
#include "common/packs.cuh"
#include "optim/segments.cuh"

using namespace talweg;

namespace {

// The order of NonFinite.
enum Policy { FAIL, SKIP, PROPAGATE };

// Leaves each piece's sum of squares at its number, 0 where there is no piece.
template <typename T>
__device__ __forceinline__ void measureSquares(
        const long long *segments, long long count, int bits, const T *g, double *squares) {
    Piece piece = pieceOf(segments, count, bits, blockIdx.x);
    double sum = 0;
    forEachPack<lanesOf<T>()>(piece.from, piece.to, isAligned<lanesOf<T>()>(g), [&](long long i, auto width) {
        constexpr int WIDTH = decltype(width)::COUNT;
        Pack<T, WIDTH> pack = load<WIDTH>(g + i);
#pragma unroll
        for (int e = 0; e < WIDTH; e++) {
            sum += (double)pack.lane[e] * pack.lane[e];
        }
    });
    sum = blockSum(sum);
    if (threadIdx.x == 0) {
        squares[blockIdx.x] = sum;
    }
}

// 1 + the first segment whose sum of squares is not finite, or 0; in every thread.
__device__ __forceinline__ int firstBad(
        const long long *segments, long long count, int bits, const double *squares) {
    __shared__ int firsts[1024];
    int first = 0;
    for (int s = threadIdx.x; s < count && first == 0; s += blockDim.x) {
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
    for (int i = 0; i < blockDim.x; i++) {
        if (firsts[i] != 0 && (least == 0 || firsts[i] < least)) {
            least = firsts[i];
        }
    }
    return least;
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) measure_squares_f32(
        const long long *segments,
        long long count,
        int bits,
        const float *g,
        double *squares) {
    measureSquares(segments, count, bits, g, squares);
}

extern "C" __global__ void __launch_bounds__(256) measure_squares_f64(
        const long long *segments,
        long long count,
        int bits,
        const double *g,
        double *squares) {
    measureSquares(segments, count, bits, g, squares);
}

// One block adds up the pieces and decides. Only where their sum is not finite, a segment may be
// bad, and is looked for.
extern "C" __global__ void __launch_bounds__(1024) measure_decide(
        const long long *segments,
        long long count,
        int bits,
        const double *squares,
        long long pieces,
        double average,
        double maxNorm,
        double eps,
        int policy,
        double *state) {
    double sum = 0;
    for (long long i = threadIdx.x; i < pieces; i += blockDim.x) {
        sum += squares[i];
    }
    sum = blockSum(sum);
    int bad = isfinite(sum) ? 0 : firstBad(segments, count, bits, squares);
    if (threadIdx.x != 0) {
        return;
    }
    double norm = sqrt(sum) * average;
    double bound = maxNorm / (norm + eps);
    // NaN stays NaN.
    double clip = isinf(maxNorm) || bound > 1 ? 1 : bound;
    bool write = policy == PROPAGATE || bad == 0;
    if (policy == FAIL) {
        bool stopped = state[BAD_SEGMENT] > 0;
        if (!stopped && bad > 0) {
            state[BAD_SEGMENT] = bad;
            state[BAD_STEP] = state[ATTEMPTED];
        }
        write = write && !stopped;
    }
    state[WRITE] = write ? 1 : 0;
    state[GRAD_NORM] = norm;
    state[GRAD_SCALE] = average * clip;
}
