// Matrix products with operands of BF16 or rounded to TF32 and sums in F32, by matrix instructions where
// the code is compiled for compute capability 8.0 or more, else by plain arithmetic on the same values.
#include "gemm/product.cuh"

namespace talweg {

// Sums of a 16 x 8 piece that a warp shares: with g = lane / 4 and t = lane % 4, a thread has rows g, g, g +
// 8, g + 8 and columns 2t, 2t + 1, 2t, 2t + 1 (PTX ISA, mma.m16n8k16 and mma.m16n8k8).
struct Piece {
    f32 sums[4];
};

__device__ __forceinline__ int pieceRow(int i) {
    return threadIdx.x % 32 / 4 + (i / 2) * 8;
}

__device__ __forceinline__ int pieceColumn(int i) {
    return threadIdx.x % 4 * 2 + i % 2;
}

#if __CUDA_ARCH__ < 800
// What a matrix instruction does for one thread's sums.
template <int STEP, typename T, typename Widen>
__device__ __forceinline__ void multiplyPlainly(Piece &piece, const T *a, const T *b, int row, Widen widen) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
#pragma unroll 1
        for (int d = 0; d < STEP; d++) {
            piece.sums[i] += widen(a[pieceRow(i) * row + d]) * widen(b[pieceColumn(i) * row + d]);
        }
    }
}
#endif

// How elements of each type lie in shared memory and are multiplied, STEP of k at a time. Tiles are stored
// [outer][depth] with ROW elements a row: 80 bytes, so that the 32 words of a load meet 32 banks.
struct Bf16Steps {
    using Element = bf16;
    static constexpr int DEPTH = 32;
    static constexpr int STEP = 16;
    static constexpr int ROW = DEPTH + 8;

    static __device__ bf16 stored(bf16 x) {
        return x;
    }

    // a and b: first element of a 16 x STEP and an 8 x STEP piece.
    static __device__ void multiply(Piece &piece, const bf16 *a, const bf16 *b) {
#if __CUDA_ARCH__ >= 800
        int g = threadIdx.x % 32 / 4;
        int t = threadIdx.x % 4;
        const unsigned *x = reinterpret_cast<const unsigned *>(a + g * ROW) + t;
        const unsigned *y = reinterpret_cast<const unsigned *>(b + g * ROW) + t;
        constexpr int LOWER = 8 * ROW / 2;
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, "
            "%9}, {%0, %1, %2, %3};"
            : "+f"(piece.sums[0]), "+f"(piece.sums[1]), "+f"(piece.sums[2]), "+f"(piece.sums[3])
            : "r"(x[0]), "r"(x[LOWER]), "r"(x[4]), "r"(x[LOWER + 4]), "r"(y[0]), "r"(y[4]));
#else
        multiplyPlainly<STEP>(piece, a, b, ROW, [](bf16 x) { return toFloat(x); });
#endif
    }
};

struct Tf32Steps {
    using Element = f32;
    static constexpr int DEPTH = 16;
    static constexpr int STEP = 8;
    static constexpr int ROW = DEPTH + 4;

    // To 10 bits of mantissa, ties away from zero.
    static __device__ f32 stored(f32 x) {
#if __CUDA_ARCH__ >= 800
        unsigned bits;
        asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
        return __uint_as_float(bits);
#else
        return isfinite(x) ? __uint_as_float((__float_as_uint(x) + 0x1000) & ~0x1FFFu) : x;
#endif
    }

    static __device__ void multiply(Piece &piece, const f32 *a, const f32 *b) {
#if __CUDA_ARCH__ >= 800
        int g = threadIdx.x % 32 / 4;
        int t = threadIdx.x % 4;
        const unsigned *x = reinterpret_cast<const unsigned *>(a + g * ROW) + t;
        const unsigned *y = reinterpret_cast<const unsigned *>(b + g * ROW) + t;
        constexpr int LOWER = 8 * ROW;
        asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, "
            "%9}, {%0, %1, %2, %3};"
            : "+f"(piece.sums[0]), "+f"(piece.sums[1]), "+f"(piece.sums[2]), "+f"(piece.sums[3])
            : "r"(x[0]), "r"(x[LOWER]), "r"(x[4]), "r"(x[LOWER + 4]), "r"(y[0]), "r"(y[4]));
#else
        multiplyPlainly<STEP>(piece, a, b, ROW, [](f32 x) { return x; });
#endif
    }
};

// 64 x 64 tiles by 4 warps, of which each has 32 x 32: 2 x 4 pieces.
template <typename Steps>
__device__ __forceinline__ void multiplyTile(Operands<typename Steps::Element> in, Output<f32> output, int k,
                                             int slice) {
    using T = typename Steps::Element;
    constexpr int SIDE = 64;
    using Part = Share<T, SIDE, Steps::DEPTH, 128>;
    __shared__ __align__(16) T as[2][SIDE * Steps::ROW];
    __shared__ __align__(16) T bs[2][SIDE * Steps::ROW];

    int across = (output.n + SIDE - 1) / SIDE;
    int top = blockIdx.x / across * SIDE;
    int left = blockIdx.x % across * SIDE;
    int start = blockIdx.y * slice;
    int end = start + slice < k ? start + slice : k;
    int warp = threadIdx.x / 32;
    int row = warp / 2 * 32;
    int column = warp % 2 * 32;

    Part a;
    Part b;
    Piece pieces[2][4] = {};
    auto put = [&](int half) {
        in.storeA(
            a, [&](int outer, int depth, T x) { as[half][outer * Steps::ROW + depth] = Steps::stored(x); });
        in.storeB(
            b, [&](int outer, int depth, T x) { bs[half][outer * Steps::ROW + depth] = Steps::stored(x); });
    };
    in.loadA(a, top, start, end);
    in.loadB(b, left, start, end);
    put(0);
    __syncthreads();
    int half = 0;
    for (int at = start; at < end; at += Steps::DEPTH) {
        bool more = at + Steps::DEPTH < end;
        if (more) {
            in.loadA(a, top, at + Steps::DEPTH, end);
            in.loadB(b, left, at + Steps::DEPTH, end);
        }
#pragma unroll
        for (int d = 0; d < Steps::DEPTH; d += Steps::STEP) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
#pragma unroll
                for (int j = 0; j < 4; j++) {
                    Steps::multiply(pieces[i][j], as[half] + (row + 16 * i) * Steps::ROW + d,
                                    bs[half] + (column + 8 * j) * Steps::ROW + d);
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
    for (int i = 0; i < 2; i++) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
#pragma unroll
            for (int s = 0; s < 4; s++) {
                output.accept(top + row + 16 * i + pieceRow(s), left + column + 8 * j + pieceColumn(s),
                              pieces[i][j].sums[s]);
            }
        }
    }
}

}  // namespace talweg

using namespace talweg;

// BF16 operands, F32 result.
extern "C" __global__ void gemm_tensor_bf16(const bf16 *a, const bf16 *b, float *out, float *partials,
                                            const float *bias, int m, int n, int k, int slice, long long lda,
                                            long long ldb, long long ldo, long long stepA, long long stepB,
                                            long long stepOut, int flags, double alpha, double beta) {
    Operands<bf16> in{a + blockIdx.z * stepA, b + blockIdx.z * stepB, m, n, lda, ldb, flags};
    multiplyTile<Bf16Steps>(
        in, {out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, f32(alpha), f32(beta)}, k, slice);
}

// F32 operands, which are rounded to TF32 on the way.
extern "C" __global__ void gemm_tensor_f32(const float *a, const float *b, float *out, float *partials,
                                           const float *bias, int m, int n, int k, int slice, long long lda,
                                           long long ldb, long long ldo, long long stepA, long long stepB,
                                           long long stepOut, int flags, double alpha, double beta) {
    Operands<f32> in{a + blockIdx.z * stepA, b + blockIdx.z * stepB, m, n, lda, ldb, flags};
    multiplyTile<Tf32Steps>(
        in, {out, partials, bias, m, n, ldo, stepOut, (flags & RELU) != 0, f32(alpha), f32(beta)}, k, slice);
}
