// The threads that work on one row together: a warp where rows are short, else a block of TEAM
// threads. Reductions give their result to every member.
#pragma once

#include "common/block.cuh"

namespace talweg {

constexpr int WARP = 32;
constexpr int BLOCK = 256;

template <int TEAM>
struct Team {
    // The row that this thread works on; may lie behind the last one.
    __device__ static long long row() {
        return (blockIdx.x * (long long)blockDim.x + threadIdx.x) / TEAM;
    }

    __device__ static int lane() {
        return threadIdx.x % TEAM;
    }

    __device__ static double sum(double x) {
        return TEAM == WARP ? warpSum(x) : blockSum(x);
    }

    template <typename T>
    __device__ static T max(T x) {
        return TEAM == WARP ? warpMax(x) : blockMax(x);
    }
};

}  // namespace talweg
