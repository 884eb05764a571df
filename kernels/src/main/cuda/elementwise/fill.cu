// One value into every element, rounded to the element type.
#include "common/layout.cuh"
#include "common/vector.cuh"

using namespace talweg;

namespace {

template <typename T>
struct Constant {
    T value;

    __device__ explicit Constant(double wide) : value(narrow<T>(wide)) {}

    __device__ __forceinline__ T operator()() const {
        return value;
    }
};

}  // namespace

#define FILL(T)                                                                              \
    extern "C" __global__ void fill_contiguous_##T(double value, T *out, long long n) {      \
        mapDense(Constant<T>(value), n, out);                                                \
    }                                                                                        \
    extern "C" __global__ void fill_strided_##T(double value, T *out, const Layout layout) { \
        mapStrided(layout, Constant<T>(value), out);                                         \
    }

FILL(f32)
FILL(f64)
FILL(bf16)
FILL(i32)
FILL(i64)
FILL(u8)
