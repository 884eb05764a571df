// Batch norm on [batch, channels, positions], see FusedCall.BatchNorm. The elements of a channel are
// shared out to the blocks of a column of the grid. If that is one block, it does everything; else it
// leaves what it found in its share, and a second kernel puts that together and goes on.
#include "common/block.cuh"
#include "common/mean.cuh"

using namespace talweg;

namespace {
constexpr int THREADS = 256;

struct Extents {
    int batch;
    int channels;
    int positions;
};

// What a thread does of a channel: every step-th element from first to end, counted over batch and
// positions. With one position, neighbours in memory are of different channels: then a block takes
// 32 channels, each of its warps some of the examples; otherwise a block is for one channel.
template <bool COLUMNS>
struct Share {
    static constexpr int STEP = COLUMNS ? THREADS / 32 : THREADS;

    Extents extents;
    int channel;
    int first;
    int end;
    bool inside;

    __device__ explicit Share(Extents e) : extents(e) {
        channel = COLUMNS ? blockIdx.x * 32 + (threadIdx.x & 31) : blockIdx.x;
        inside = channel < e.channels;
        first = start(blockIdx.y) + (COLUMNS ? threadIdx.x >> 5 : threadIdx.x);
        end = inside ? start(blockIdx.y + 1) : 0;
    }

    __device__ int count() const {
        return extents.batch * extents.positions;
    }

    // Where the share of a block begins.
    __device__ int start(int block) const {
        return (int)((long long)count() * block / gridDim.y);
    }

    __device__ long long at(int i) const {
        unsigned p = extents.positions;
        long long example = (unsigned)i / p;
        return (example * extents.channels + channel) * p + (unsigned)i % p;
    }

    // Whether this thread speaks for the block's share of the channel.
    __device__ bool leads() const {
        return inside && threadIdx.x < (COLUMNS ? 32 : 1);
    }

    // The sum over the threads of a channel, in all of them.
    __device__ double sum(double x) const {
        if (!COLUMNS) {
            return blockSum(x);
        }
        __shared__ double sums[THREADS];
        __syncthreads();  // The sums before these may still be read.
        sums[threadIdx.x] = x;
        __syncthreads();
        double total = 0;
        for (int k = threadIdx.x & 31; k < THREADS; k += 32) {
            total += sums[k];
        }
        return total;
    }

    // Two numbers for each channel and block.
    __device__ double *part(double *parts, int block) const {
        return parts + 2 * (block * (long long)extents.channels + channel);
    }
};

// Mean, and the mean square around it, which loses no digits to a large mean.
struct Moments {
    double mean;
    double variance;
};

template <typename T, bool COLUMNS>
__device__ __forceinline__ void normalise(const Share<COLUMNS> &share, const T *x, const T *weight,
                                          const T *bias, double eps, Moments moments, double *statistics,
                                          T *out) {
    if (blockIdx.y == 0 && share.leads()) {
        statistics[share.channel] = moments.mean;
        statistics[share.extents.channels + share.channel] = moments.variance;
    }
    if (!share.inside) {
        return;
    }
    Mean<T> mean(moments.mean);
    T scale = (T)(1 / sqrt(moments.variance + eps));
    T w = weight[share.channel];
    T b = bias[share.channel];
    for (int i = share.first; i < share.end; i += share.STEP) {
        long long at = share.at(i);
        out[at] = mean.subtractFrom(x[at]) * scale * w + b;
    }
}

template <bool COLUMNS, typename T>
__device__ __forceinline__ void batchNorm(Extents extents, const T *x, const T *weight, const T *bias,
                                          double eps, double *parts, double *statistics, T *out) {
    Share<COLUMNS> share(extents);
    double sum = 0;
    for (int i = share.first; i < share.end; i += share.STEP) {
        sum += x[share.at(i)];
    }
    int count = share.start(blockIdx.y + 1) - share.start(blockIdx.y);
    double average = share.sum(sum) / count;
    Mean<T> mean(average);
    double square = 0;
    for (int i = share.first; i < share.end; i += share.STEP) {
        T centred = mean.subtractFrom(x[share.at(i)]);
        square += (double)centred * centred;
    }
    square = share.sum(square);
    if (gridDim.y == 1) {
        normalise(share, x, weight, bias, eps, {average, square / count}, statistics, out);
    } else if (share.leads()) {
        double *part = share.part(parts, blockIdx.y);
        part[0] = average;
        part[1] = square;
    }
}

// Joins the moments of the shares: the squares around the common mean.
template <bool COLUMNS>
__device__ __forceinline__ Moments joined(const Share<COLUMNS> &share, double *parts) {
    if (!share.inside) {
        return {0, 0};
    }
    double mean = 0;
    for (int k = 0; k < gridDim.y; k++) {
        mean += share.part(parts, k)[0] * (share.start(k + 1) - share.start(k));
    }
    mean /= share.count();
    double square = 0;
    for (int k = 0; k < gridDim.y; k++) {
        double *part = share.part(parts, k);
        double offset = part[0] - mean;
        square += part[1] + offset * offset * (share.start(k + 1) - share.start(k));
    }
    return {mean, square / share.count()};
}

template <bool COLUMNS, typename T>
__device__ __forceinline__ void batchNormJoined(Extents extents, const T *x, const T *weight, const T *bias,
                                                double eps, double *parts, double *statistics, T *out) {
    Share<COLUMNS> share(extents);
    normalise(share, x, weight, bias, eps, joined(share, parts), statistics, out);
}

// The normalised input from the statistics that the forward pass left.
template <typename T, bool COLUMNS>
struct Normal {
    Mean<T> mean;
    T scale;

    __device__ Normal(const Share<COLUMNS> &share, const double *statistics, double eps)
        : mean(share.inside ? statistics[share.channel] : 0),
          scale(
              (T)(1 / sqrt((share.inside ? statistics[share.extents.channels + share.channel] : 0) + eps))) {}

    __device__ T of(T x) const {
        return mean.subtractFrom(x) * scale;
    }
};

// From the sums of g n and of g over the channel.
template <typename T, bool COLUMNS>
__device__ __forceinline__ void gradient(const Share<COLUMNS> &share, const Normal<T, COLUMNS> &normal,
                                         const T *x, const T *weight, const T *g, double slope, double level,
                                         T *dx, T *dWeight, T *dBias) {
    if (blockIdx.y == 0 && share.leads()) {
        dWeight[share.channel] = (T)slope;
        dBias[share.channel] = (T)level;
    }
    if (!share.inside) {
        return;
    }
    T factor = weight[share.channel] * normal.scale;
    T meanSlope = (T)(slope / share.count());
    T meanLevel = (T)(level / share.count());
    for (int i = share.first; i < share.end; i += share.STEP) {
        long long at = share.at(i);
        dx[at] = factor * (g[at] - meanLevel - normal.of(x[at]) * meanSlope);
    }
}

template <bool COLUMNS, typename T>
__device__ __forceinline__ void batchNormBack(Extents extents, const T *x, const T *weight, double eps,
                                              const double *statistics, const T *g, double *parts, T *dx,
                                              T *dWeight, T *dBias) {
    Share<COLUMNS> share(extents);
    Normal<T, COLUMNS> normal(share, statistics, eps);
    double slope = 0;
    double level = 0;
    for (int i = share.first; i < share.end; i += share.STEP) {
        long long at = share.at(i);
        slope += (double)g[at] * normal.of(x[at]);
        level += g[at];
    }
    slope = share.sum(slope);
    level = share.sum(level);
    if (gridDim.y == 1) {
        gradient(share, normal, x, weight, g, slope, level, dx, dWeight, dBias);
    } else if (share.leads()) {
        double *part = share.part(parts, blockIdx.y);
        part[0] = slope;
        part[1] = level;
    }
}

template <bool COLUMNS, typename T>
__device__ __forceinline__ void batchNormBackJoined(Extents extents, const T *x, const T *weight, double eps,
                                                    const double *statistics, const T *g, double *parts,
                                                    T *dx, T *dWeight, T *dBias) {
    Share<COLUMNS> share(extents);
    Normal<T, COLUMNS> normal(share, statistics, eps);
    double slope = 0;
    double level = 0;
    for (int k = 0; share.inside && k < gridDim.y; k++) {
        double *part = share.part(parts, k);
        slope += part[0];
        level += part[1];
    }
    gradient(share, normal, x, weight, g, slope, level, dx, dWeight, dBias);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_f32(int batch, int channels, int positions, const float *x, const float *weight,
                   const float *bias, double eps, double *parts, double *statistics, float *out) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNorm<true>(extents, x, weight, bias, eps, parts, statistics, out);
    } else {
        batchNorm<false>(extents, x, weight, bias, eps, parts, statistics, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_f64(int batch, int channels, int positions, const double *x, const double *weight,
                   const double *bias, double eps, double *parts, double *statistics, double *out) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNorm<true>(extents, x, weight, bias, eps, parts, statistics, out);
    } else {
        batchNorm<false>(extents, x, weight, bias, eps, parts, statistics, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_joined_f32(int batch, int channels, int positions, const float *x, const float *weight,
                          const float *bias, double eps, double *parts, double *statistics, float *out) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNormJoined<true>(extents, x, weight, bias, eps, parts, statistics, out);
    } else {
        batchNormJoined<false>(extents, x, weight, bias, eps, parts, statistics, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_joined_f64(int batch, int channels, int positions, const double *x, const double *weight,
                          const double *bias, double eps, double *parts, double *statistics, double *out) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNormJoined<true>(extents, x, weight, bias, eps, parts, statistics, out);
    } else {
        batchNormJoined<false>(extents, x, weight, bias, eps, parts, statistics, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_back_f32(int batch, int channels, int positions, const float *x, const float *weight,
                        double eps, const double *statistics, const float *g, double *parts, float *dx,
                        float *dWeight, float *dBias) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNormBack<true>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    } else {
        batchNormBack<false>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_back_f64(int batch, int channels, int positions, const double *x, const double *weight,
                        double eps, const double *statistics, const double *g, double *parts, double *dx,
                        double *dWeight, double *dBias) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNormBack<true>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    } else {
        batchNormBack<false>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_back_joined_f32(int batch, int channels, int positions, const float *x, const float *weight,
                               double eps, const double *statistics, const float *g, double *parts, float *dx,
                               float *dWeight, float *dBias) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNormBackJoined<true>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    } else {
        batchNormBackJoined<false>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    batch_norm_back_joined_f64(int batch, int channels, int positions, const double *x, const double *weight,
                               double eps, const double *statistics, const double *g, double *parts,
                               double *dx, double *dWeight, double *dBias) {
    Extents extents = {batch, channels, positions};
    if (positions == 1) {
        batchNormBackJoined<true>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    } else {
        batchNormBackJoined<false>(extents, x, weight, eps, statistics, g, parts, dx, dWeight, dBias);
    }
}
