// Dense elements shared out to the threads of one block, by 16 bytes where they may be.
#pragma once

#include "common/vector.cuh"

namespace talweg {

// A number of elements as a type, to choose between code for one and for a pack.
template <int N>
struct Width {
    static constexpr int COUNT = N;
};

// The elements from..to: calls body(i, Width<N>()) for packs of N that begin at multiples of N, and
// body(i, Width<1>()) for those at the ends, or for all where packs are not aligned in memory.
template <int N, typename Body>
__device__ __forceinline__ void forEachPack(i64 from, i64 to, bool aligned, Body body) {
    i64 first = aligned ? min((from + N - 1) & -N, to) : to;
    i64 last = max(first, to & -N);
    for (i64 i = first + N * threadIdx.x; i < last; i += N * blockDim.x) {
        body(i, Width<N>());
    }
    i64 before = max(first - from, 0LL);
    i64 single = before + max(to - last, 0LL);
    for (i64 i = threadIdx.x; i < single; i += blockDim.x) {
        body(i < before ? from + i : last + (i - before), Width<1>());
    }
}

}  // namespace talweg
