// What the matrix product kernels share: how tiles come from global memory and results go there.
//
// A product is out = f(alpha * a * b + beta * out + bias), f being x or max(x, 0), [m, n] = [m, k] * [k, n],
// once for each matrix of a batch. Rows of out are dense. A grid is (tiles of out, slices of k, batch); with
// more than one slice, blocks leave their sums in partials, and combine adds them in the order of the slices.
#pragma once

#include "common/types.cuh"

namespace talweg {

// Bits of flags. An operand is dense along its rows, or along its columns if its bit is set; it may be read
// 16 bytes at a time if its other bit is set.
constexpr int COLUMNS_A = 1;
constexpr int COLUMNS_B = 2;
constexpr int VECTOR_A = 4;
constexpr int VECTOR_B = 8;

// Set where f is max(x, 0).
constexpr int RELU = 16;

// Where results go, and what becomes of a sum on the way. Scalars are rounded to the element type once.
template <typename T>
struct Output {
    T *out;
    T *partials;
    const T *bias;
    int m;
    int n;
    i64 ld;
    i64 step;
    bool relu;
    T alpha;
    T beta;

    __device__ void finish(i64 batch, int row, int column, T sum) const {
        T *to = out + batch * step + row * ld + column;
        T y = alpha * sum;
        if (beta != 0) {
            y += beta * *to;
        }
        if (bias != nullptr) {
            y += bias[column];
        }
        // NaN stays NaN.
        *to = relu && y < 0 ? T(0) : y;
    }

    // Takes the sum over the block's slice of k.
    __device__ void accept(int row, int column, T sum) const {
        if (row >= m || column >= n) {
            return;
        }
        if (partials == nullptr) {
            finish(blockIdx.z, row, column, sum);
        } else {
            i64 matrix = static_cast<i64>(blockIdx.y) * gridDim.z + blockIdx.z;
            partials[(matrix * m + row) * n + column] = sum;
        }
    }
};

// One thread's share of a tile of OUTER x DEPTH elements on its way from global to shared memory, zero
// outside of the operand. The loads of the next tile are issued before the current one is used.
template <typename T, int OUTER, int DEPTH, int THREADS>
struct Share {
    static constexpr int LANES = 16 / sizeof(T);
    static constexpr int CHUNKS = OUTER * DEPTH / THREADS / LANES;
    static_assert(CHUNKS * THREADS * LANES == OUTER * DEPTH, "threads take whole chunks");

    struct alignas(16) Chunk {
        T lane[LANES];
    };

    Chunk chunks[CHUNKS];

    // Place of a chunk's first element in the tile; its elements follow along the dense axis.
    static __device__ int outerOf(int chunk, bool deep) {
        int at = threadIdx.x + chunk * THREADS;
        return deep ? at / (DEPTH / LANES) : at % (OUTER / LANES) * LANES;
    }

    static __device__ int depthOf(int chunk, bool deep) {
        int at = threadIdx.x + chunk * THREADS;
        return deep ? at % (DEPTH / LANES) * LANES : at / (OUTER / LANES);
    }

    // Elements [first, ...) x [k, ...) of an operand that has `outers` along the outer axis and ends at
    // `end` along k; deep: dense along k.
    __device__ void load(const T *from, i64 ld, bool deep, bool vector, int first, int outers, int k,
                         int end) {
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            int outer = first + outerOf(c, deep);
            int depth = k + depthOf(c, deep);
            const T *at = deep ? from + outer * ld + depth : from + depth * ld + outer;
            int inside = deep ? (outer < outers ? end - depth : 0) : (depth < end ? outers - outer : 0);
            if (vector && inside >= LANES) {
                chunks[c] = *reinterpret_cast<const Chunk *>(at);
            } else {
#pragma unroll
                for (int i = 0; i < LANES; i++) {
                    chunks[c].lane[i] = i < inside ? at[i] : T{};
                }
            }
        }
    }

    // Calls put(outer, depth, element) for each element.
    template <typename Put>
    __device__ void store(bool deep, Put put) const {
#pragma unroll
        for (int c = 0; c < CHUNKS; c++) {
            int outer = outerOf(c, deep);
            int depth = depthOf(c, deep);
#pragma unroll
            for (int i = 0; i < LANES; i++) {
                put(deep ? outer : outer + i, deep ? depth + i : depth, chunks[c].lane[i]);
            }
        }
    }
};

// The operands of a product, as one block sees them.
template <typename T>
struct Operands {
    const T *a;
    const T *b;
    int m;
    int n;
    i64 lda;
    i64 ldb;
    int flags;

    template <typename Part>
    __device__ void loadA(Part &part, int row, int k, int end) const {
        part.load(a, lda, !(flags & COLUMNS_A), flags & VECTOR_A, row, m, k, end);
    }

    // The outer axis of b is its columns, so that dense rows are dense along it.
    template <typename Part>
    __device__ void loadB(Part &part, int column, int k, int end) const {
        part.load(b, ldb, flags & COLUMNS_B, flags & VECTOR_B, column, n, k, end);
    }

    template <typename Part, typename Put>
    __device__ void storeA(const Part &part, Put put) const {
        part.store(!(flags & COLUMNS_A), put);
    }

    template <typename Part, typename Put>
    __device__ void storeB(const Part &part, Put put) const {
        part.store(flags & COLUMNS_B, put);
    }
};

}  // namespace talweg
