// Reductions over any axes, in an order that depends on shapes only.
//
// A group of `lanes` threads makes one output: each takes every lanes-th element of its part, then a tree in
// shared memory joins them. Where neighbouring outputs lie closer together in memory than neighbouring
// elements of one output ("across", as in column sums), neighbouring threads belong to neighbouring outputs,
// else to one; so loads are coalesced both ways. Where outputs are few, the elements are split among blocks
// (grid y), which leave partial results, and a second kernel joins those.
#pragma once

#include "common/layout.cuh"

namespace talweg {

constexpr int REDUCE_THREADS = 256;

// Sums in double: exact to the last bit or two of an f32, however many elements there are.
struct PlainSum {
    f64 sum;
};

template <typename T>
struct SumOf;

template <>
struct SumOf<f32> {
    using Partial = PlainSum;
    f64 divisor;

    __device__ __forceinline__ Partial none() const {
        return {0};
    }

    __device__ __forceinline__ Partial one(f32 x, i64) const {
        return {x};
    }

    __device__ __forceinline__ Partial join(Partial a, Partial b) const {
        return {a.sum + b.sum};
    }

    __device__ __forceinline__ f32 result(Partial a) const {
        return static_cast<f32>(a.sum / divisor);
    }
};

// A sum and what its rounding lost (Knuth's two-sum), since one thread adds many elements in a row.
struct ExactSum {
    f64 sum;
    f64 lost;
};

template <>
struct SumOf<f64> {
    using Partial = ExactSum;
    f64 divisor;

    __device__ __forceinline__ Partial none() const {
        return {0, 0};
    }

    __device__ __forceinline__ Partial one(f64 x, i64) const {
        return {x, 0};
    }

    __device__ __forceinline__ Partial join(Partial a, Partial b) const {
        f64 sum = a.sum + b.sum;
        f64 added = sum - a.sum;
        f64 lost = (a.sum - (sum - added)) + (b.sum - added);
        return {sum, a.lost + b.lost + lost};
    }

    // What an infinite sum lost is not a number.
    __device__ __forceinline__ f64 result(Partial a) const {
        return (isfinite(a.sum) ? a.sum + a.lost : a.sum) / divisor;
    }
};

// The largest or smallest element; NaN if there is one.
template <typename T>
struct ExtremeOf {
    using Partial = T;
    bool largest;

    __device__ __forceinline__ Partial none() const {
        return static_cast<T>(largest ? -INFINITY : INFINITY);
    }

    __device__ __forceinline__ Partial one(T x, i64) const {
        return x;
    }

    __device__ __forceinline__ Partial join(Partial a, Partial b) const {
        bool beaten = largest ? b > a : b < a;
        return a == a && (beaten || b != b) ? b : a;
    }

    __device__ __forceinline__ T result(Partial a) const {
        return a;
    }
};

// Where the first of them is; NaN counts as more extreme than all numbers. Position -1: no element yet.
template <typename T>
struct PositionOf {
    struct Partial {
        T value;
        int position;
    };
    bool largest;

    __device__ __forceinline__ Partial none() const {
        return {0, -1};
    }

    __device__ __forceinline__ Partial one(T x, i64 position) const {
        return {x, static_cast<int>(position)};
    }

    __device__ __forceinline__ Partial join(Partial a, Partial b) const {
        bool aIsNan = a.value != a.value;
        bool bIsNan = b.value != b.value;
        bool tie = a.value == b.value || (aIsNan && bIsNan);
        bool beaten = bIsNan || (!aIsNan && (largest ? b.value > a.value : b.value < a.value));
        bool second = a.position < 0 || (tie ? b.position < a.position : beaten);
        return b.position >= 0 && second ? b : a;
    }

    __device__ __forceinline__ int result(Partial a) const {
        return a.position;
    }
};

// Which output a thread works for, and as which of the lanes.
struct Place {
    i64 output;
    int lane;
    // Distance in threads to the next lane of the output.
    int step;

    __device__ __forceinline__ Place(int lanes, int across) {
        int outputs = REDUCE_THREADS / lanes;
        int thread = threadIdx.x;
        lane = across ? thread / outputs : thread % lanes;
        step = across ? outputs : 1;
        output = static_cast<i64>(blockIdx.x) * outputs + (across ? thread % outputs : thread / lanes);
    }
};

// The results of all lanes joined, in the first lane. To be called by all threads.
template <typename Op>
__device__ __forceinline__ typename Op::Partial joinLanes(const Op &op, typename Op::Partial mine,
                                                          Place place, int lanes) {
    __shared__ typename Op::Partial shared[REDUCE_THREADS];
    shared[threadIdx.x] = mine;
    for (int half = lanes / 2; half > 0; half /= 2) {
        __syncthreads();
        if (place.lane < half) {
            mine = op.join(mine, shared[threadIdx.x + half * place.step]);
            shared[threadIdx.x] = mine;
        }
    }
    return mine;
}

// kept: the outputs' axes, with operands out and in; reduced: the others, with operand in, `count` elements.
template <typename Op, typename T, typename Out>
__device__ __forceinline__ void reducePass(const Op &op, const T *in, Out *out, void *partials,
                                           const Layout &kept, const Layout &reduced, i64 count, int lanes,
                                           int across) {
    Place place(lanes, across);
    bool active = place.output < kept.size;
    Offsets<2> base = offsetsOf<2>(kept, static_cast<unsigned>(place.output));
    const T *from = in + base.at[1];
    i64 part = (count + gridDim.y - 1) / gridDim.y;
    i64 first = part * blockIdx.y + place.lane;
    i64 end = active ? min(part * (blockIdx.y + 1), count) : 0;
    typename Op::Partial mine = op.none();
    if (reduced.rank <= 1) {
#pragma unroll 4
        for (i64 i = first; i < end; i += lanes) {
            mine = op.join(mine, op.one(from[i * reduced.strides[0][0]], i));
        }
    } else {
        for (i64 i = first; i < end; i += lanes) {
            i64 offset = offsetsOf<1>(reduced, static_cast<unsigned>(i)).at[0];
            mine = op.join(mine, op.one(from[offset], i));
        }
    }
    mine = joinLanes(op, mine, place, lanes);
    if (active && place.lane == 0) {
        if (gridDim.y == 1) {
            out[base.at[0]] = op.result(mine);
        } else {
            static_cast<typename Op::Partial *>(partials)[place.output * gridDim.y + blockIdx.y] = mine;
        }
    }
}

// Joins the `parts` partial results of each output.
template <typename Op, typename Out>
__device__ __forceinline__ void reduceFinish(const Op &op, const void *partials, Out *out, const Layout &kept,
                                             int parts, int lanes) {
    Place place(lanes, 0);
    bool active = place.output < kept.size;
    auto *from = static_cast<const typename Op::Partial *>(partials) + place.output * parts;
    typename Op::Partial mine = op.none();
    for (int i = place.lane; active && i < parts; i += lanes) {
        mine = op.join(mine, from[i]);
    }
    mine = joinLanes(op, mine, place, lanes);
    if (active && place.lane == 0) {
        out[offsetsOf<1>(kept, static_cast<unsigned>(place.output)).at[0]] = op.result(mine);
    }
}

}  // namespace talweg

// `largest` tells maximum from minimum, and `divisor` makes means of sums.
#define REDUCE(NAME, OP, OUT, T)                                                                           \
    extern "C" __global__ void __launch_bounds__(256)                                                      \
        NAME##_pass_##T(int largest, double divisor, const T *in, OUT *out, void *partials,                \
                        const Layout kept, const Layout reduced, long long count, int lanes, int across) { \
        reducePass(OP, in, out, partials, kept, reduced, count, lanes, across);                            \
    }                                                                                                      \
    extern "C" __global__ void __launch_bounds__(256)                                                      \
        NAME##_finish_##T(int largest, double divisor, const void *partials, OUT *out, const Layout kept,  \
                          int parts, int lanes) {                                                          \
        reduceFinish(OP, partials, out, kept, parts, lanes);                                               \
    }

#define REDUCE_ALL(T)                                 \
    REDUCE(sum, SumOf<T>{divisor}, T, T)              \
    REDUCE(extreme, ExtremeOf<T>{largest != 0}, T, T) \
    REDUCE(position, PositionOf<T>{largest != 0}, int, T)
