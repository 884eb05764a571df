// Sums and maxima over the threads of a warp and of a block, in an order that never changes.
#pragma once

namespace talweg {

__device__ __forceinline__ double warpSum(double x) {
    for (int step = 16; step > 0; step >>= 1) {
        x += __shfl_xor_sync(0xffffffffu, x, step);
    }
    return x;
}

// NaN counts as nothing.
template <typename T>
__device__ __forceinline__ T warpMax(T x) {
    for (int step = 16; step > 0; step >>= 1) {
        x = max(x, __shfl_xor_sync(0xffffffffu, x, step));
    }
    return x;
}

// The sum over a block of whole warps, in every thread.
__device__ __forceinline__ double blockSum(double x) {
    __shared__ double parts[32];
    x = warpSum(x);
    __syncthreads();  // The parts of a sum before this one may still be read.
    if ((threadIdx.x & 31) == 0) {
        parts[threadIdx.x >> 5] = x;
    }
    __syncthreads();
    unsigned lane = threadIdx.x & 31;
    return warpSum(lane < blockDim.x >> 5 ? parts[lane] : 0);
}

// The maximum over a block of whole warps, in every thread; NaN counts as nothing.
template <typename T>
__device__ __forceinline__ T blockMax(T x) {
    __shared__ T parts[32];
    x = warpMax(x);
    __syncthreads();
    if ((threadIdx.x & 31) == 0) {
        parts[threadIdx.x >> 5] = x;
    }
    __syncthreads();
    unsigned lane = threadIdx.x & 31;
    return warpMax(parts[lane < blockDim.x >> 5 ? lane : 0]);
}

}  // namespace talweg
