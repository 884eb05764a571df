// Matrix products in true F32 and F64, without matrix instructions: they run on every device.
//
// Registers hold a rectangle of sums per thread, shared memory two tiles of each operand: one to read, one to
// fill. Each sum runs over k in order, so results do not depend on the device.
#include "gemm/product.cuh"

namespace talweg {

// A block's tile is SIDE x SIDE, taken DEPTH of k at a time; a thread has HEIGHT x WIDTH sums.
template <typename T, int SIDE, int DEPTH, int HEIGHT, int WIDTH>
__device__ __forceinline__ void multiplyTile(Operands<T> in, Output<T> output, int k, int slice) {
    constexpr int THREADS = (SIDE / HEIGHT) * (SIDE / WIDTH);
    using Part = Share<T, SIDE, DEPTH, THREADS>;
    // Padding spreads the columns that one chunk is stored to over the banks.
    constexpr int ROW = SIDE + Part::LANES;
    __shared__ __align__(16) T as[2][DEPTH][ROW];
    __shared__ __align__(16) T bs[2][DEPTH][ROW];

    int across = (output.n + SIDE - 1) / SIDE;
    int top = blockIdx.x / across * SIDE;
    int left = blockIdx.x % across * SIDE;
    int start = blockIdx.y * slice;
    int end = start + slice < k ? start + slice : k;
    int row = threadIdx.x / (SIDE / WIDTH) * HEIGHT;
    int column = threadIdx.x % (SIDE / WIDTH) * WIDTH;

    Part a;
    Part b;
    T sums[HEIGHT][WIDTH] = {};
    auto put = [&](int half) {
        in.storeA(a, [&](int outer, int depth, T x) { as[half][depth][outer] = x; });
        in.storeB(b, [&](int outer, int depth, T x) { bs[half][depth][outer] = x; });
    };
    in.loadA(a, top, start, end);
    in.loadB(b, left, start, end);
    put(0);
    __syncthreads();
    int half = 0;
    for (int at = start; at < end; at += DEPTH) {
        bool more = at + DEPTH < end;
        if (more) {
            in.loadA(a, top, at + DEPTH, end);
            in.loadB(b, left, at + DEPTH, end);
        }
#pragma unroll
        for (int d = 0; d < DEPTH; d++) {
            T x[HEIGHT];
            T y[WIDTH];
#pragma unroll
            for (int i = 0; i < HEIGHT; i++) {
                x[i] = as[half][d][row + i];
            }
#pragma unroll
            for (int j = 0; j < WIDTH; j++) {
                y[j] = bs[half][d][column + j];
            }
#pragma unroll
            for (int i = 0; i < HEIGHT; i++) {
#pragma unroll
                for (int j = 0; j < WIDTH; j++) {
                    sums[i][j] += x[i] * y[j];
                }
            }
        }
        if (more) {
            put(half ^ 1);
        }
        __syncthreads();
        half ^= 1;
    }
#pragma unroll
    for (int i = 0; i < HEIGHT; i++) {
#pragma unroll
        for (int j = 0; j < WIDTH; j++) {
            output.accept(top + row + i, left + column + j, sums[i][j]);
        }
    }
}

// Adds the slices' sums, one element of out per thread.
template <typename T>
__device__ __forceinline__ void combine(Output<T> output, i64 size, int slices) {
    i64 index = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x;
    if (index >= size) {
        return;
    }
    T sum = 0;
    for (int s = 0; s < slices; s++) {
        sum += output.partials[s * size + index];
    }
    i64 row = index / output.n;
    output.finish(row / output.m, row % output.m, index % output.n, sum);
}

}  // namespace talweg

using namespace talweg;

// 64 x 64 tiles, 256 threads.
extern "C" __global__ void gemm_large_f32(const float *a, const float *b, float *out, float *partials,
                                          const float *bias, int m, int n, int k, int slice, long long lda,
                                          long long ldb, long long ldo, long long stepA, long long stepB,
                                          long long stepOut, int flags, double alpha, double beta) {
    Operands<f32> in{a + blockIdx.z * stepA, b + blockIdx.z * stepB, m, n, lda, ldb, flags};
    multiplyTile<f32, 64, 16, 4, 4>(
        in, {out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, f32(alpha), f32(beta)}, k, slice);
}

extern "C" __global__ void gemm_large_f64(const double *a, const double *b, double *out, double *partials,
                                          const double *bias, int m, int n, int k, int slice, long long lda,
                                          long long ldb, long long ldo, long long stepA, long long stepB,
                                          long long stepOut, int flags, double alpha, double beta) {
    Operands<f64> in{a + blockIdx.z * stepA, b + blockIdx.z * stepB, m, n, lda, ldb, flags};
    multiplyTile<f64, 64, 16, 4, 4>(
        in, {out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, alpha, beta}, k, slice);
}

// 32 x 32 tiles, 128 threads, for products that would not fill the device otherwise.
extern "C" __global__ void gemm_small_f32(const float *a, const float *b, float *out, float *partials,
                                          const float *bias, int m, int n, int k, int slice, long long lda,
                                          long long ldb, long long ldo, long long stepA, long long stepB,
                                          long long stepOut, int flags, double alpha, double beta) {
    Operands<f32> in{a + blockIdx.z * stepA, b + blockIdx.z * stepB, m, n, lda, ldb, flags};
    multiplyTile<f32, 32, 32, 2, 4>(
        in, {out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, f32(alpha), f32(beta)}, k, slice);
}

extern "C" __global__ void gemm_small_f64(const double *a, const double *b, double *out, double *partials,
                                          const double *bias, int m, int n, int k, int slice, long long lda,
                                          long long ldb, long long ldo, long long stepA, long long stepB,
                                          long long stepOut, int flags, double alpha, double beta) {
    Operands<f64> in{a + blockIdx.z * stepA, b + blockIdx.z * stepB, m, n, lda, ldb, flags};
    multiplyTile<f64, 32, 32, 2, 4>(
        in, {out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, alpha, beta}, k, slice);
}

// The second pass of products whose k was split: partials are [slices, batch, m, n], size = batch * m * n.
extern "C" __global__ void gemm_combine_f32(float *partials, float *out, const float *bias, long long size,
                                            int slices, int m, int n, long long ldo, long long stepOut,
                                            int flags, double alpha, double beta) {
    combine<f32>({out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, f32(alpha), f32(beta)}, size,
                 slices);
}

extern "C" __global__ void gemm_combine_f64(double *partials, double *out, const double *bias, long long size,
                                            int slices, int m, int n, long long ldo, long long stepOut,
                                            int flags, double alpha, double beta) {
    combine<f64>({out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, alpha, beta}, size, slices);
}
