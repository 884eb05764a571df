// Softmax and cross entropy, see FusedCall.SoftmaxCrossEntropy: a team for each row of logits.
#include "common/indices.cuh"
#include "common/last.cuh"
#include "common/team.cuh"

using namespace talweg;

namespace {

// One class index, I32 or I64, for each row.
struct Classes {
    const void *at;
    long long stride;
    int wide;
    int count;
    void *fault;

    // Out of range: noted, and -1.
    __device__ int of(long long row) const {
        i64 target = indexAt(at, wide, row * stride);
        if (target < 0 || target >= count) {
            report(static_cast<IndexFault *>(fault), CROSS_ENTROPY, target, count);
            return -1;
        }
        return static_cast<int>(target);
    }
};

// sum_c exp(x[c] - shift), shifted by the maximum, but for an infinite one, which gives NaN.
template <typename T>
struct SumOfExponentials {
    T shift;
    double sum;
};

template <int TEAM, typename T>
__device__ __forceinline__ SumOfExponentials<T> sumOfExponentials(const T *x, int classes) {
    T most = -(T)INFINITY;
    for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
        most = max(most, x[c]);
    }
    most = Team<TEAM>::max(most);
    T shift = isinf(most) ? 0 : most;
    double sum = 0;
    for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
        sum += exp(x[c] - shift);
    }
    return {shift, Team<TEAM>::sum(sum)};
}

// One row's loss, in the team's first thread.
template <int TEAM, typename T>
__device__ __forceinline__ double rowLoss(const T *logits, const Classes &targets, long long row,
                                          double smoothing) {
    int classes = targets.count;
    const T *x = logits + row * classes;
    int target = Team<TEAM>::lane() == 0 ? targets.of(row) : -1;
    SumOfExponentials<T> e = sumOfExponentials<TEAM>(x, classes);
    double mean = 0;
    if (smoothing != 0) {
        for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
            mean += x[c];
        }
        mean = Team<TEAM>::sum(mean) / classes;
    }
    double wanted = target < 0 ? NAN : x[target];
    double logSum = (double)log((T)e.sum) + e.shift;
    return logSum - (1 - smoothing) * wanted - smoothing * mean;
}

// Where the losses of rows go: each to its place, or, where there are parts, their mean to the first.
template <typename T>
struct Losses {
    T *at;
    long long stride;
    volatile double *parts;
    unsigned *ticket;

    // The last block adds up what all left.
    __device__ __forceinline__ void addUp(double mine, long long rows) const {
        double sum = blockSum(mine);
        if (threadIdx.x == 0) {
            parts[blockIdx.x] = sum;
        }
        if (!isLastBlock(ticket)) {
            return;
        }
        double all = 0;
        for (unsigned i = threadIdx.x; i < gridDim.x; i += blockDim.x) {
            all += parts[i];
        }
        all = blockSum(all);
        if (threadIdx.x == 0) {
            *at = (T)(all / rows);
        }
    }
};

template <int TEAM, typename T>
__device__ __forceinline__ void loss(const T *logits, const Classes &targets, long long rows,
                                     double smoothing, const Losses<T> &losses) {
    long long row = Team<TEAM>::row();
    double mine = row < rows ? rowLoss<TEAM>(logits, targets, row, smoothing) : 0;
    bool first = row < rows && Team<TEAM>::lane() == 0;
    if (losses.parts != nullptr) {
        losses.addUp(first ? mine : 0, rows);
    } else if (first) {
        losses.at[row * losses.stride] = (T)mine;
    }
}

// Each row gets a share of its g: the whole of it, or, of the gradient of a mean, one for each row.
template <int TEAM, typename T>
__device__ __forceinline__ void lossGradient(const T *logits, Classes targets, long long rows,
                                             double smoothing, const T *g, long long stride, double share,
                                             T *out) {
    long long row = Team<TEAM>::row();
    if (row >= rows) {
        return;
    }
    int classes = targets.count;
    const T *x = logits + row * classes;
    // Asked for before the sums, which take as long as the loads.
    int target = targets.of(row);
    T factor = target < 0 ? T(NAN) : (T)(share * g[row * stride]);
    SumOfExponentials<T> e = sumOfExponentials<TEAM>(x, classes);
    T scale = (T)(1 / e.sum);
    T uniform = (T)(smoothing / classes);
    T peak = (T)(1 - smoothing + smoothing / classes);
    for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
        T wanted = c == target ? peak : uniform;
        out[row * classes + c] = factor * (exp(x[c] - e.shift) * scale - wanted);
    }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    cross_entropy_f32(const float *logits, const void *targets, long long targetStride, int wide, void *fault,
                      long long rows, int classes, double smoothing, float *losses, long long lossStride,
                      double *parts, unsigned *ticket, int blocks) {
    Classes indices = {targets, targetStride, wide, classes, fault};
    Losses<float> results = {losses, lossStride, parts, ticket};
    if (blocks) {
        loss<BLOCK>(logits, indices, rows, smoothing, results);
    } else {
        loss<WARP>(logits, indices, rows, smoothing, results);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    cross_entropy_f64(const double *logits, const void *targets, long long targetStride, int wide,
                      void *fault, long long rows, int classes, double smoothing, double *losses,
                      long long lossStride, double *parts, unsigned *ticket, int blocks) {
    Classes indices = {targets, targetStride, wide, classes, fault};
    Losses<double> results = {losses, lossStride, parts, ticket};
    if (blocks) {
        loss<BLOCK>(logits, indices, rows, smoothing, results);
    } else {
        loss<WARP>(logits, indices, rows, smoothing, results);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    cross_entropy_back_f32(const float *logits, const void *targets, long long targetStride, int wide,
                           void *fault, long long rows, int classes, double smoothing, const float *g,
                           long long gStride, double share, float *out, int blocks) {
    Classes indices = {targets, targetStride, wide, classes, fault};
    if (blocks) {
        lossGradient<BLOCK>(logits, indices, rows, smoothing, g, gStride, share, out);
    } else {
        lossGradient<WARP>(logits, indices, rows, smoothing, g, gStride, share, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    cross_entropy_back_f64(const double *logits, const void *targets, long long targetStride, int wide,
                           void *fault, long long rows, int classes, double smoothing, const double *g,
                           long long gStride, double share, double *out, int blocks) {
    Classes indices = {targets, targetStride, wide, classes, fault};
    if (blocks) {
        lossGradient<BLOCK>(logits, indices, rows, smoothing, g, gStride, share, out);
    } else {
        lossGradient<WARP>(logits, indices, rows, smoothing, g, gStride, share, out);
    }
}
