// What surrounds the product of a linear layer, see FusedCall.LinearActivation.
#include "common/columns.cuh"
#include "common/packs.cuh"
#include "elementwise/functions.cuh"

using namespace talweg;

namespace {

// In the order of talweg.op.FusedActivation.
constexpr int NO_FUNCTION = 0;
constexpr int FUSED_RELU = 1;
constexpr int FUSED_TANH = 2;
constexpr int FUSED_SIGMOID = 3;

template <typename T>
__device__ __forceinline__ T activate(int kind, T x) {
    switch (kind) {
        case FUSED_RELU:
            return larger(x, T(0));
        case FUSED_TANH:
            return tanh(x);
        case FUSED_SIGMOID:
            return sigmoid(x);
        default:
            return x;
    }
}

// g times the derivative where the result is y.
template <typename T>
__device__ __forceinline__ T activationGradient(int kind, T y, T g) {
    switch (kind) {
        case FUSED_RELU:
            return y > 0 ? g : 0;
        case FUSED_TANH:
            return g * (1 - y * y);
        case FUSED_SIGMOID:
            return g * (y * (1 - y));
        default:
            return g;
    }
}

// In place.
template <typename T>
__device__ __forceinline__ void biasActivation(T *out, const T *bias, long long size, int columns, int kind) {
    constexpr int LANES = lanesOf<T>();
    long long chunk = 4LL * blockDim.x;
    long long from = blockIdx.x * chunk;
    bool aligned = columns % LANES == 0 && isAligned<LANES>(out) && isAligned<LANES>(bias);
    forEachPack<LANES>(from, min(size, from + chunk), aligned, [&](long long i, auto width) {
        constexpr int WIDTH = decltype(width)::COUNT;
        int column = size <= 0xffffffffLL ? (unsigned)i % (unsigned)columns : i % columns;
        Pack<T, WIDTH> x = load<WIDTH>(out + i);
        Pack<T, WIDTH> b = load<WIDTH>(bias + column);
#pragma unroll
        for (int e = 0; e < WIDTH; e++) {
            x.lane[e] = activate(kind, x.lane[e] + b.lane[e]);
        }
        store(out + i, x);
    });
}

}  // namespace

extern "C" __global__ void __launch_bounds__(256)
    bias_activation_f32(float *out, const float *bias, long long size, int columns, int kind) {
    biasActivation(out, bias, size, columns, kind);
}

extern "C" __global__ void __launch_bounds__(256)
    bias_activation_f64(double *out, const double *bias, long long size, int columns, int kind) {
    biasActivation(out, bias, size, columns, kind);
}

// The gradient of the sum, which may be g itself, and its column sums; each unless it is null.
template <typename T>
__device__ __forceinline__ void linearBack(const T *y, const T *g, int kind, int rows, int columns,
                                           int rowsPerBlock, T *dSum, double *parts, T *dBias, double beta) {
    // So many rows at a time, whose loads do not wait for each other.
    constexpr int BATCH = 4;
    ColumnTile tile(rows, columns, rowsPerBlock);
    double sum = 0;
    for (int row = tile.first; row < tile.end; row += BATCH * COLUMN_WARPS) {
        T slopes[BATCH];
        T ys[BATCH];
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            int r = row + k * COLUMN_WARPS;
            long long at = r * (long long)columns + tile.column;
            slopes[k] = r < tile.end ? g[at] : 0;
            ys[k] = kind != NO_FUNCTION && r < tile.end ? y[at] : 0;
        }
#pragma unroll
        for (int k = 0; k < BATCH; k++) {
            int r = row + k * COLUMN_WARPS;
            T d = activationGradient(kind, ys[k], slopes[k]);
            if (r < tile.end) {
                sum += d;
                if (dSum != nullptr) {
                    dSum[r * (long long)columns + tile.column] = d;
                }
            }
        }
    }
    if (dBias != nullptr) {
        storeTileSum(tile, columns, tileSum(sum), parts, dBias, beta);
    }
}

extern "C" __global__ void __launch_bounds__(512)
    linear_back_f32(const float *y, const float *g, int kind, int rows, int columns, int rowsPerBlock,
                    float *dSum, double *parts, float *dBias, double beta) {
    linearBack(y, g, kind, rows, columns, rowsPerBlock, dSum, parts, dBias, beta);
}

extern "C" __global__ void __launch_bounds__(512)
    linear_back_f64(const double *y, const double *g, int kind, int rows, int columns, int rowsPerBlock,
                    double *dSum, double *parts, double *dBias, double beta) {
    linearBack(y, g, kind, rows, columns, rowsPerBlock, dSum, parts, dBias, beta);
}

extern "C" __global__ void linear_bias_f32(const double *parts, int count, int columns, double beta,
                                           float *out) {
    addParts(parts, count, columns, beta, out);
}

extern "C" __global__ void linear_bias_f64(const double *parts, int count, int columns, double beta,
                                           double *out) {
    addParts(parts, count, columns, beta, out);
}
