// Functions of the host's accuracy, by one name for both types.
#pragma once

namespace talweg {

__device__ __forceinline__ float exponential(float x) {
    return expf(x);
}

__device__ __forceinline__ double exponential(double x) {
    return exp(x);
}

__device__ __forceinline__ float logarithm(float x) {
    return logf(x);
}

__device__ __forceinline__ double logarithm(double x) {
    return log(x);
}

__device__ __forceinline__ float hyperbolicTangent(float x) {
    return tanhf(x);
}

__device__ __forceinline__ double hyperbolicTangent(double x) {
    return tanh(x);
}

// From the exponential that does not overflow.
template <typename T>
__device__ __forceinline__ T sigmoid(T x) {
    T e = exponential(x < 0 ? x : -x);
    return x < 0 ? e / (1 + e) : 1 / (1 + e);
}

}  // namespace talweg
