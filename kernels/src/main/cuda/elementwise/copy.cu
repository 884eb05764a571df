// Elements moved as they are: copies of one type, and a choice between two. Entries are for element
// widths, under the name of one type of that width.
#include "common/layout.cuh"
#include "common/vector.cuh"

using namespace talweg;

namespace {

struct Same {
    template <typename T>
    __device__ __forceinline__ T operator()(T x) const {
        return x;
    }
};

struct Choice {
    template <typename T>
    __device__ __forceinline__ T operator()(u8 condition, T a, T b) const {
        return condition != 0 ? a : b;
    }
};

}  // namespace

#define COPY(T)                                                                                             \
    extern "C" __global__ void copy_contiguous_##T(const T *in, T *out, long long n) {                      \
        mapDense(Same(), n, out, in);                                                                       \
    }                                                                                                       \
    extern "C" __global__ void copy_strided_##T(const T *in, T *out, const Layout layout) {                 \
        mapStrided(layout, Same(), out, in);                                                                \
    }                                                                                                       \
    extern "C" __global__ void where_contiguous_##T(const unsigned char *condition, const T *a, const T *b, \
                                                    T *out, long long n) {                                  \
        mapDense(Choice(), n, out, condition, a, b);                                                        \
    }                                                                                                       \
    extern "C" __global__ void where_strided_##T(const unsigned char *condition, const T *a, const T *b,    \
                                                 T *out, const Layout layout) {                             \
        mapStrided(layout, Choice(), out, condition, a, b);                                                 \
    }

COPY(u8)
COPY(bf16)
COPY(i32)
COPY(i64)
