// What a batch scores, see FusedCall.Score: a team for each row of predictions.
#include "common/indices.cuh"
#include "common/team.cuh"

using namespace talweg;

namespace {

// Predictions and the class of each row; null where there are none.
template <typename T>
struct Answers {
    const T *prediction;
    int count;
    const void *classes;
    long long stride;
    int wide;

    // Whether argmax would choose x at c rather than y at d. NaN is larger than every number.
    __device__ static bool beats(T x, int c, T y, int d) {
        bool tie = x == y || (x != x && y != y);
        return tie ? c < d : x != x || x > y;
    }

    // Whether nothing beats the prediction for the row's class.
    template <int TEAM>
    __device__ bool areRight(long long row) const {
        i64 wanted = indexAt(classes, wide, row * stride);
        if (wanted < 0 || wanted >= count) {
            return false;
        }
        const T *x = prediction + row * count;
        T mine = x[wanted];
        double beaten = 0;
        for (int c = Team<TEAM>::lane(); c < count; c += TEAM) {
            beaten += beats(x[c], c, mine, (int)wanted);
        }
        return Team<TEAM>::sum(beaten) == 0;
    }
};

// The tally counts the blocks that are done in its upper half, and the right rows in its lower one, so that
// one atomic operation tells the last block the sum. Integers add up to the same in any order.
template <int TEAM, typename T>
__device__ __forceinline__ void score(const T *loss, long long examples, const Answers<T> &answers,
                                      double *sums, unsigned long long *tally) {
    long long row = Team<TEAM>::row();
    bool right = answers.prediction != nullptr && row < examples && answers.template areRight<TEAM>(row);
    double found = blockSum(right && Team<TEAM>::lane() == 0 ? 1 : 0);
    if (threadIdx.x != 0) {
        return;
    }
    unsigned long long mine = (1ULL << 32) + (unsigned)found;
    unsigned long long all = atomicAdd(tally, mine) + mine;
    if (all >> 32 == gridDim.x) {
        *tally = 0;
        sums[0] += examples * (double)*loss;
        sums[1] += (unsigned)all;
    }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    score_f32(const float *loss, long long examples, const float *prediction, int count, const void *classes,
              long long stride, int wide, double *sums, unsigned long long *tally, int blocks) {
    Answers<float> answers = {prediction, count, classes, stride, wide};
    if (blocks) {
        score<BLOCK>(loss, examples, answers, sums, tally);
    } else {
        score<WARP>(loss, examples, answers, sums, tally);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    score_f64(const double *loss, long long examples, const double *prediction, int count,
              const void *classes, long long stride, int wide, double *sums, unsigned long long *tally,
              int blocks) {
    Answers<double> answers = {prediction, count, classes, stride, wide};
    if (blocks) {
        score<BLOCK>(loss, examples, answers, sums, tally);
    } else {
        score<WARP>(loss, examples, answers, sums, tally);
    }
}
