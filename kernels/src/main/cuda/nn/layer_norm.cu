// Layer norm, see FusedCall.LayerNorm: a team for each row; sums are in double.
#include "common/columns.cuh"
#include "common/mean.cuh"
#include "common/team.cuh"

using namespace talweg;

namespace {

// Mean of a row and 1 / sqrt(variance + eps).
struct Moments {
    double mean;
    double scale;
};

template <int TEAM, typename T>
__device__ __forceinline__ Moments moments(const T *x, int n, double eps) {
    double sum = 0;
    for (int j = Team<TEAM>::lane(); j < n; j += TEAM) {
        sum += x[j];
    }
    double average = Team<TEAM>::sum(sum) / n;
    Mean<T> mean(average);
    double square = 0;
    for (int j = Team<TEAM>::lane(); j < n; j += TEAM) {
        T centred = mean.subtractFrom(x[j]);
        square += (double)centred * centred;
    }
    return {average, 1 / sqrt(Team<TEAM>::sum(square) / n + eps)};
}

template <int TEAM, typename T>
__device__ __forceinline__ void layerNorm(const T *in, const T *weight, const T *bias, long long rows, int n,
                                          double eps, T *out) {
    long long row = Team<TEAM>::row();
    if (row >= rows) {
        return;
    }
    const T *x = in + row * n;
    Moments m = moments<TEAM>(x, n, eps);
    Mean<T> mean(m.mean);
    T scale = (T)m.scale;
    for (int j = Team<TEAM>::lane(); j < n; j += TEAM) {
        out[row * n + j] = mean.subtractFrom(x[j]) * scale * weight[j] + bias[j];
    }
}

// Also leaves the moments of each row, for the parameters' gradients.
template <int TEAM, typename T>
__device__ __forceinline__ void layerNormBack(const T *in, const T *weight, long long rows, int n, double eps,
                                              const T *upstream, T *dx, double *rowMoments) {
    long long row = Team<TEAM>::row();
    if (row >= rows) {
        return;
    }
    const T *x = in + row * n;
    const T *g = upstream + row * n;
    Moments m = moments<TEAM>(x, n, eps);
    Mean<T> mean(m.mean);
    T scale = (T)m.scale;
    double level = 0;
    double slope = 0;
    for (int j = Team<TEAM>::lane(); j < n; j += TEAM) {
        T d = g[j] * weight[j];
        level += d;
        slope += (double)d * (mean.subtractFrom(x[j]) * scale);
    }
    T meanLevel = (T)(Team<TEAM>::sum(level) / n);
    T meanSlope = (T)(Team<TEAM>::sum(slope) / n);
    for (int j = Team<TEAM>::lane(); j < n; j += TEAM) {
        T normal = mean.subtractFrom(x[j]) * scale;
        dx[row * n + j] = (g[j] * weight[j] - meanLevel - normal * meanSlope) * scale;
    }
    if (Team<TEAM>::lane() == 0) {
        rowMoments[2 * row] = m.mean;
        rowMoments[2 * row + 1] = m.scale;
    }
}

// Sums over the rows of g n and of g; parts of the second lie behind those of the first.
template <typename T>
__device__ __forceinline__ void layerNormSums(const T *x, const T *g, const double *rowMoments, int rows,
                                              int columns, int rowsPerBlock, double *parts, T *dWeight,
                                              T *dBias) {
    ColumnTile tile(rows, columns, rowsPerBlock);
    double slope = 0;
    double level = 0;
    for (int row = tile.first; row < tile.end; row += COLUMN_WARPS) {
        long long at = row * (long long)columns + tile.column;
        Mean<T> mean(rowMoments[2 * (long long)row]);
        T normal = mean.subtractFrom(x[at]) * (T)rowMoments[2 * (long long)row + 1];
        slope += (double)g[at] * normal;
        level += g[at];
    }
    storeTileSum(tile, columns, tileSum(slope), parts, dWeight, 0);
    double *behind = parts + gridDim.y * (long long)columns;
    storeTileSum(tile, columns, tileSum(level), behind, dBias, 0);
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    layer_norm_f32(const float *x, const float *weight, const float *bias, long long rows, int n, double eps,
                   float *out, int blocks) {
    if (blocks) {
        layerNorm<BLOCK>(x, weight, bias, rows, n, eps, out);
    } else {
        layerNorm<WARP>(x, weight, bias, rows, n, eps, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    layer_norm_f64(const double *x, const double *weight, const double *bias, long long rows, int n,
                   double eps, double *out, int blocks) {
    if (blocks) {
        layerNorm<BLOCK>(x, weight, bias, rows, n, eps, out);
    } else {
        layerNorm<WARP>(x, weight, bias, rows, n, eps, out);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    layer_norm_back_f32(const float *x, const float *weight, long long rows, int n, double eps,
                        const float *g, float *dx, double *moments, int blocks) {
    if (blocks) {
        layerNormBack<BLOCK>(x, weight, rows, n, eps, g, dx, moments);
    } else {
        layerNormBack<WARP>(x, weight, rows, n, eps, g, dx, moments);
    }
}

extern "C" __global__ void __launch_bounds__(256)
    layer_norm_back_f64(const double *x, const double *weight, long long rows, int n, double eps,
                        const double *g, double *dx, double *moments, int blocks) {
    if (blocks) {
        layerNormBack<BLOCK>(x, weight, rows, n, eps, g, dx, moments);
    } else {
        layerNormBack<WARP>(x, weight, rows, n, eps, g, dx, moments);
    }
}

extern "C" __global__ void __launch_bounds__(512)
    layer_norm_sums_f32(const float *x, const float *g, const double *moments, int rows, int columns,
                        int rowsPerBlock, double *parts, float *dWeight, float *dBias) {
    layerNormSums(x, g, moments, rows, columns, rowsPerBlock, parts, dWeight, dBias);
}

extern "C" __global__ void __launch_bounds__(512)
    layer_norm_sums_f64(const double *x, const double *g, const double *moments, int rows, int columns,
                        int rowsPerBlock, double *parts, double *dWeight, double *dBias) {
    layerNormSums(x, g, moments, rows, columns, rowsPerBlock, parts, dWeight, dBias);
}

// A row of blocks for each parameter.
template <typename T>
__device__ __forceinline__ void layerNormParts(const double *parts, int count, int columns, T *dWeight,
                                               T *dBias) {
    bool bias = blockIdx.y == 1;
    addParts(parts + (bias ? count * (long long)columns : 0), count, columns, 0, bias ? dBias : dWeight);
}

extern "C" __global__ void layer_norm_parts_f32(const double *parts, int count, int columns, float *dWeight,
                                                float *dBias) {
    layerNormParts(parts, count, columns, dWeight, dBias);
}

extern "C" __global__ void layer_norm_parts_f64(const double *parts, int count, int columns, double *dWeight,
                                                double *dBias) {
    layerNormParts(parts, count, columns, dWeight, dBias);
}
