// Sums over the rows of a matrix, in double and in an order that depends on its shape only. A block
// has 32 columns and so many rows; each of its warps takes every so-many-th of them. Where one block
// has all rows, its sums are the result; else they are left to a second kernel.
#pragma once

namespace talweg {

constexpr int COLUMN_WARPS = 16;

struct ColumnTile {
    int column;
    int first;
    int end;
    bool inside;

    __device__ ColumnTile(int rows, int columns, int rowsPerBlock) {
        column = blockIdx.x * 32 + (threadIdx.x & 31);
        first = blockIdx.y * rowsPerBlock + (threadIdx.x >> 5);
        inside = column < columns;
        end = inside ? min(rows, (int)(blockIdx.y + 1) * rowsPerBlock) : 0;
    }
};

// The sum over the block's rows, in the first warp.
__device__ __forceinline__ double tileSum(double x) {
    __shared__ double sums[COLUMN_WARPS][32];
    __syncthreads();  // The sums before these may still be read.
    sums[threadIdx.x >> 5][threadIdx.x & 31] = x;
    __syncthreads();
    double sum = 0;
    if (threadIdx.x < 32) {
        for (int warp = 0; warp < COLUMN_WARPS; warp++) {
            sum += sums[warp][threadIdx.x];
        }
    }
    return sum;
}

// Where a block's sums go: to the result, which is multiplied by beta first, or to the parts.
template <typename T>
__device__ __forceinline__ void storeTileSum(const ColumnTile &tile, int columns, double sum, double *parts,
                                             T *out, double beta) {
    if (threadIdx.x >= 32 || !tile.inside) {
        return;
    }
    if (gridDim.y == 1) {
        out[tile.column] = (T)(beta == 0 ? sum : sum + beta * out[tile.column]);
    } else {
        parts[blockIdx.y * (long long)columns + tile.column] = sum;
    }
}

// Adds up the parts, a thread for each column.
template <typename T>
__device__ __forceinline__ void addParts(const double *parts, int count, int columns, double beta, T *out) {
    int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column >= columns) {
        return;
    }
    double sum = 0;
    for (int i = 0; i < count; i++) {
        sum += parts[i * (long long)columns + column];
    }
    out[column] = (T)(beta == 0 ? sum : sum + beta * out[column]);
}

}  // namespace talweg
