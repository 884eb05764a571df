// Elementwise work on dense memory: 16-byte loads and stores where the addresses allow them.
#pragma once

#include "common/types.cuh"

namespace talweg {

// N neighbouring elements, loaded and stored at once.
template <typename T, int N>
struct alignas(sizeof(T) * N) Pack {
    T lane[N];
};

// Number of elements that a thread takes: 16 bytes of the widest operand.
template <typename... T>
__host__ __device__ constexpr int lanesOf() {
    unsigned widest = 1;
    ((widest = sizeof(T) > widest ? sizeof(T) : widest), ...);
    return 16 / widest;
}

template <int N, typename T>
__device__ __forceinline__ bool isAligned(const T *pointer) {
    return reinterpret_cast<unsigned long long>(pointer) % (sizeof(T) * N) == 0;
}

template <int N, typename T>
__device__ __forceinline__ Pack<T, N> load(const T *from) {
    return *reinterpret_cast<const Pack<T, N> *>(from);
}

template <int N, typename T>
__device__ __forceinline__ void store(T *to, const Pack<T, N> &pack) {
    *reinterpret_cast<Pack<T, N> *>(to) = pack;
}

// At once, or else one by one as far as they go, with the first for those that are not there.
template <int N, typename T>
__device__ __forceinline__ Pack<T, N> load(const T *from, bool atOnce, long long count) {
    if (atOnce) {
        return load<N>(from);
    }
    Pack<T, N> pack;
#pragma unroll
    for (int j = 0; j < N; j++) {
        pack.lane[j] = from[j < count ? j : 0];
    }
    return pack;
}

// out[i] = f(in[i]...) for i < n. Views at odd offsets and the last elements are moved one by one; f is
// compiled once for both. The output may be an operand, so no pointer is declared free of aliases.
template <typename F, typename Out, typename... In>
__device__ __forceinline__ void mapDense(F f, long long n, Out *out, const In *...in) {
    constexpr int N = lanesOf<Out, In...>();
    long long first = (static_cast<long long>(blockIdx.x) * blockDim.x + threadIdx.x) * N;
    long long count = n - first;
    if (count <= 0) {
        return;
    }
    bool atOnce = count >= N && isAligned<N>(out) && (isAligned<N>(in) && ...);
    [&](const auto &...packs) {
        Pack<Out, N> result;
#pragma unroll
        for (int j = 0; j < N; j++) {
            result.lane[j] = f(packs.lane[j]...);
        }
        if (atOnce) {
            store(out + first, result);
            return;
        }
#pragma unroll
        for (int j = 0; j < N; j++) {
            if (j < count) {
                out[first + j] = result.lane[j];
            }
        }
    }(load<N>(in + first, atOnce, count)...);
}

}  // namespace talweg
