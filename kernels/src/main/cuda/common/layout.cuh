// Elementwise work on strided and broadcast operands.
#pragma once

#include <utility>

#include "common/types.cuh"

namespace talweg {

constexpr int MAX_RANK = 6;
constexpr int MAX_OPERANDS = 4;

}  // namespace talweg

// Extents and strides that several operands share, innermost axis first. The host has merged axes where
// it could and split what has more axes or 2^31 elements; see talweg.cuda.Layout, which writes it.
struct Layout {
    int rank;
    unsigned size;
    unsigned extents[talweg::MAX_RANK];
    // x / extent = (hi(x * multiplier) + x) >> shift for x < 2^31 (Granlund and Montgomery, 1994).
    unsigned multipliers[talweg::MAX_RANK];
    unsigned shifts[talweg::MAX_RANK];
    long long strides[talweg::MAX_OPERANDS][talweg::MAX_RANK];
};

namespace talweg {

template <int N>
struct Offsets {
    i64 at[N];
};

// Where the first N operands have element number `index`. Unrolled, so that the layout is read from
// constant memory by fixed addresses and never copied to local memory.
template <int N>
__device__ __forceinline__ Offsets<N> offsetsOf(const Layout &layout, unsigned index) {
    Offsets<N> offsets;
#pragma unroll
    for (int k = 0; k < N; k++) {
        offsets.at[k] = 0;
    }
    unsigned rest = index;
#pragma unroll
    for (int axis = 0; axis < MAX_RANK; axis++) {
        if (axis >= layout.rank) {
            break;
        }
        unsigned above = (__umulhi(rest, layout.multipliers[axis]) + rest) >> layout.shifts[axis];
        unsigned place = rest - above * layout.extents[axis];
        rest = above;
#pragma unroll
        for (int k = 0; k < N; k++) {
            offsets.at[k] += place * layout.strides[k][axis];
        }
    }
    return offsets;
}

template <typename F, int N, std::size_t... I, typename... In>
__device__ __forceinline__ auto applyAt(F &f, const Offsets<N> &offsets, std::index_sequence<I...>,
                                        const In *...in) {
    return f(in[offsets.at[1 + I]]...);
}

// out[...] = f(in[...]...), one element a thread; the layout's operands are out, in...
template <typename F, typename Out, typename... In>
__device__ __forceinline__ void mapStrided(const Layout &layout, F f, Out *out, const In *...in) {
    constexpr int N = 1 + sizeof...(In);
    unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
    if (index < layout.size) {
        Offsets<N> offsets = offsetsOf<N>(layout, index);
        out[offsets.at[0]] = applyAt(f, offsets, std::index_sequence_for<In...>(), in...);
    }
}

}  // namespace talweg
