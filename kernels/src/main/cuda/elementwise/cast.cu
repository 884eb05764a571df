// Copies between element types. One entry for each type of the output, with the type of the input as an
// argument: 36 entries would do the same at three times the size.
#include "common/layout.cuh"
#include "common/vector.cuh"

using namespace talweg;

namespace {

// As talweg.tensor.DType counts.
enum Type { F32, F64, BF16, I32, I64, U8 };

template <typename T>
struct Cast {
    template <typename S>
    __device__ __forceinline__ T operator()(S x) const {
        return narrow<T>(widen(x));
    }
};

// Calls action(in), with in as a pointer to elements of its type.
template <typename Action>
__device__ __forceinline__ void typed(int type, const void *in, Action action) {
    switch (type) {
        case F32:
            return action(static_cast<const f32 *>(in));
        case F64:
            return action(static_cast<const f64 *>(in));
        case BF16:
            return action(static_cast<const bf16 *>(in));
        case I32:
            return action(static_cast<const i32 *>(in));
        case I64:
            return action(static_cast<const i64 *>(in));
        case U8:
            return action(static_cast<const u8 *>(in));
    }
}

template <typename T>
__device__ __forceinline__ void castStrided(int type, const void *in, T *out, const Layout &layout) {
    unsigned index = blockIdx.x * blockDim.x + threadIdx.x;
    if (index < layout.size) {
        Offsets<2> offsets = offsetsOf<2>(layout, index);
        typed(type, in, [&](auto *from) { out[offsets.at[0]] = Cast<T>()(from[offsets.at[1]]); });
    }
}

}  // namespace

#define CAST(T)                                                                                          \
    extern "C" __global__ void cast_contiguous_##T(int type, const void *in, T *out, long long n) {      \
        typed(type, in, [=](auto *from) { mapDense(Cast<T>(), n, out, from); });                         \
    }                                                                                                    \
    extern "C" __global__ void cast_strided_##T(int type, const void *in, T *out, const Layout layout) { \
        castStrided(type, in, out, layout);                                                              \
    }

CAST(f32)
CAST(f64)
CAST(bf16)
CAST(i32)
CAST(i64)
CAST(u8)
