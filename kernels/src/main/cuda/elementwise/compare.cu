// Comparisons, which give one byte for each pair of elements.
#include "common/layout.cuh"
#include "common/vector.cuh"
#include "elementwise/functions.cuh"

using namespace talweg;

namespace {

struct Comparison {
    int kind;

    template <typename T>
    __device__ __forceinline__ u8 operator()(T a, T b) const {
        return compare(kind, a, b) ? 1 : 0;
    }
};

}  // namespace

#define COMPARE(T)                                                                                          \
    extern "C" __global__ void compare_contiguous_##T(int kind, const T *a, const T *b, unsigned char *out, \
                                                      long long n) {                                        \
        mapDense(Comparison{kind}, n, out, a, b);                                                           \
    }                                                                                                       \
    extern "C" __global__ void compare_strided_##T(int kind, const T *a, const T *b, unsigned char *out,    \
                                                   const Layout layout) {                                   \
        mapStrided(layout, Comparison{kind}, out, a, b);                                                    \
    }

COMPARE(f32)
COMPARE(f64)
COMPARE(i32)
COMPARE(i64)
