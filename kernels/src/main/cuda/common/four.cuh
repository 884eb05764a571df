// Dense elements shared out to the threads of one block, four at a time where they may be.
#pragma once

#include "common/vector.cuh"

namespace talweg {

// A number of elements as a type, to choose between code for one and for four.
template <int N>
struct Width {
    static constexpr int COUNT = N;
};

// The elements from..to: calls body(i, Width<4>()) for the i that are multiples of 4 where all four lie
// inside and may be moved at once, else body(i, Width<1>()).
template <typename Body>
__device__ __forceinline__ void forEachFour(i64 from, i64 to, bool aligned, Body body) {
    for (i64 i = (from & ~3LL) + 4 * threadIdx.x; i < to; i += 4 * blockDim.x) {
        if (aligned && i >= from && i + 4 <= to) {
            body(i, Width<4>());
        } else {
            for (i64 j = max(i, from); j < min(i + 4, to); j++) {
                body(j, Width<1>());
            }
        }
    }
}

}  // namespace talweg
