// Softmax and cross entropy, see FusedCall.SoftmaxCrossEntropy: a team for each row of logits.
#include "common/functions.cuh"
#include "common/team.cuh"

using namespace talweg;

namespace {

// I32 or I64 class indices.
struct Classes {
    const void *at;
    long long stride;
    int wide;

    __device__ long long of(long long row) const {
        return wide ? ((const long long*)at)[row * stride] : ((const int*)at)[row * stride];
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
        most = larger(most, x[c]);
    }
    most = Team<TEAM>::max(most);
    T shift = isinf(most) ? 0 : most;
    double sum = 0;
    for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
        sum += exponential(x[c] - shift);
    }
    return {shift, Team<TEAM>::sum(sum)};
}

template <int TEAM, typename T>
__device__ __forceinline__ void loss(
        const T *logits,
        Classes targets,
        long long rows,
        int classes,
        double smoothing,
        T *losses,
        long long stride) {
    long long row = Team<TEAM>::row();
    if (row >= rows) {
        return;
    }
    const T *x = logits + row * classes;
    SumOfExponentials<T> e = sumOfExponentials<TEAM>(x, classes);
    double mean = 0;
    if (smoothing != 0) {
        for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
            mean += x[c];
        }
        mean = Team<TEAM>::sum(mean) / classes;
    }
    if (Team<TEAM>::lane() == 0) {
        long long target = targets.of(row);
        bool inside = target >= 0 && target < classes;
        double wanted = inside ? x[target] : NAN;
        double logSum = (double)logarithm((T)e.sum) + e.shift;
        losses[row * stride] = (T)(logSum - (1 - smoothing) * wanted - smoothing * mean);
    }
}

template <int TEAM, typename T>
__device__ __forceinline__ void lossGradient(
        const T *logits,
        Classes targets,
        long long rows,
        int classes,
        double smoothing,
        const T *g,
        long long stride,
        T *out) {
    long long row = Team<TEAM>::row();
    if (row >= rows) {
        return;
    }
    const T *x = logits + row * classes;
    SumOfExponentials<T> e = sumOfExponentials<TEAM>(x, classes);
    long long target = targets.of(row);
    bool inside = target >= 0 && target < classes;
    T factor = inside ? g[row * stride] : (T)NAN;
    T scale = (T)(1 / e.sum);
    T uniform = (T)(smoothing / classes);
    T peak = (T)(1 - smoothing + smoothing / classes);
    for (int c = Team<TEAM>::lane(); c < classes; c += TEAM) {
        T wanted = c == target ? peak : uniform;
        out[row * classes + c] = factor * (exponential(x[c] - e.shift) * scale - wanted);
    }
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256) cross_entropy_f32(
        const float *logits,
        const void *targets,
        long long targetStride,
        int wide,
        long long rows,
        int classes,
        double smoothing,
        float *losses,
        long long lossStride,
        int blocks) {
    Classes indices = {targets, targetStride, wide};
    if (blocks) {
        loss<BLOCK>(logits, indices, rows, classes, smoothing, losses, lossStride);
    } else {
        loss<WARP>(logits, indices, rows, classes, smoothing, losses, lossStride);
    }
}

extern "C" __global__ void __launch_bounds__(256) cross_entropy_f64(
        const double *logits,
        const void *targets,
        long long targetStride,
        int wide,
        long long rows,
        int classes,
        double smoothing,
        double *losses,
        long long lossStride,
        int blocks) {
    Classes indices = {targets, targetStride, wide};
    if (blocks) {
        loss<BLOCK>(logits, indices, rows, classes, smoothing, losses, lossStride);
    } else {
        loss<WARP>(logits, indices, rows, classes, smoothing, losses, lossStride);
    }
}

extern "C" __global__ void __launch_bounds__(256) cross_entropy_back_f32(
        const float *logits,
        const void *targets,
        long long targetStride,
        int wide,
        long long rows,
        int classes,
        double smoothing,
        const float *g,
        long long gStride,
        float *out,
        int blocks) {
    Classes indices = {targets, targetStride, wide};
    if (blocks) {
        lossGradient<BLOCK>(logits, indices, rows, classes, smoothing, g, gStride, out);
    } else {
        lossGradient<WARP>(logits, indices, rows, classes, smoothing, g, gStride, out);
    }
}

extern "C" __global__ void __launch_bounds__(256) cross_entropy_back_f64(
        const double *logits,
        const void *targets,
        long long targetStride,
        int wide,
        long long rows,
        int classes,
        double smoothing,
        const double *g,
        long long gStride,
        double *out,
        int blocks) {
    Classes indices = {targets, targetStride, wide};
    if (blocks) {
        lossGradient<BLOCK>(logits, indices, rows, classes, smoothing, g, gStride, out);
    } else {
        lossGradient<WARP>(logits, indices, rows, classes, smoothing, g, gStride, out);
    }
}
