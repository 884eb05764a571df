// Random numbers; see talweg.spi.Philox. A thread takes one block of four random words: four f32 or two f64.
#include "common/philox.cuh"
#include "common/vector.cuh"

using namespace talweg;

namespace {

__device__ __forceinline__ Pack<f32, 4> uniforms(const Words &bits, f32) {
    return {{uniform(bits.word[0]), uniform(bits.word[1]), uniform(bits.word[2]), uniform(bits.word[3])}};
}

__device__ __forceinline__ Pack<f64, 2> uniforms(const Words &bits, f64) {
    return {{uniform(bits.word[0], bits.word[1]), uniform(bits.word[2], bits.word[3])}};
}

// The pair of normals of Box and Muller, computed in double and rounded once.
template <typename T>
__device__ __forceinline__ void toNormals(T &u, T &v) {
    f64 radius = sqrt(-2 * log1p(-static_cast<f64>(u)));
    f64 angle = 6.283185307179586477 * static_cast<f64>(v);
    f64 sine;
    f64 cosine;
    sincos(angle, &sine, &cosine);
    u = static_cast<T>(radius * cosine);
    v = static_cast<T>(radius * sine);
}

template <bool NORMAL, typename T>
__device__ __forceinline__ void draw(i64 seed, int site, const f64 *counter, T *out, i64 n) {
    constexpr int N = 16 / sizeof(T);
    i64 block = static_cast<i64>(blockIdx.x) * blockDim.x + threadIdx.x;
    i64 first = block * N;
    if (first >= n) {
        return;
    }
    Words bits = philox(seed, site, toLong(*counter), static_cast<unsigned>(block));
    Pack<T, N> numbers = uniforms(bits, T());
    if (NORMAL) {
#pragma unroll
        for (int i = 0; i < N; i += 2) {
            toNormals(numbers.lane[i], numbers.lane[i + 1]);
        }
    }
    if (first + N <= n && isAligned<N>(out)) {
        store(out + first, numbers);
        return;
    }
#pragma unroll
    for (int i = 0; i < N; i++) {
        if (first + i < n) {
            out[first + i] = numbers.lane[i];
        }
    }
}

}  // namespace

extern "C" __global__ void random_uniform_f32(long long seed, int site, const double *counter, float *out,
                                              long long n) {
    draw<false>(seed, site, counter, out, n);
}

extern "C" __global__ void random_uniform_f64(long long seed, int site, const double *counter, double *out,
                                              long long n) {
    draw<false>(seed, site, counter, out, n);
}

extern "C" __global__ void random_normal_f32(long long seed, int site, const double *counter, float *out,
                                             long long n) {
    draw<true>(seed, site, counter, out, n);
}

extern "C" __global__ void random_normal_f64(long long seed, int site, const double *counter, double *out,
                                             long long n) {
    draw<true>(seed, site, counter, out, n);
}
