// Indices, and the note of the first one that is out of range.
#pragma once

#include "common/types.cuh"

namespace talweg {

// As talweg.cuda.IndexFaults reads it: what found it (0: nothing was), the index, and the extent.
struct IndexFault {
    unsigned long long operation;
    i64 index;
    i64 extent;
};

constexpr unsigned long long GATHER = 1;
constexpr unsigned long long SCATTER_ADD = 2;
constexpr unsigned long long CROSS_ENTROPY = 3;

// The first one to come is kept.
__device__ __forceinline__ void report(IndexFault *fault, unsigned long long operation, i64 index,
                                       i64 extent) {
    if (atomicCAS(&fault->operation, 0ULL, operation) == 0) {
        fault->index = index;
        fault->extent = extent;
    }
}

// An I64 (wide) or I32 index.
__device__ __forceinline__ i64 indexAt(const void *index, int wide, i64 offset) {
    return wide ? static_cast<const i64 *>(index)[offset] : static_cast<const i32 *>(index)[offset];
}

}  // namespace talweg
