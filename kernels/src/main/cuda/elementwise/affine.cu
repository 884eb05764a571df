// out = scale * in + shift.
#include "common/layout.cuh"
#include "common/vector.cuh"

using namespace talweg;

namespace {

template <typename T>
struct Affine {
    T scale;
    T shift;

    __device__ Affine(double scale, double shift)
        : scale(static_cast<T>(scale)), shift(static_cast<T>(shift)) {}

    __device__ __forceinline__ T operator()(T x) const {
        return scale * x + shift;
    }
};

}  // namespace

#define AFFINE(T)                                                                                     \
    extern "C" __global__ void affine_contiguous_##T(double scale, double shift, const T *in, T *out, \
                                                     long long n) {                                   \
        mapDense(Affine<T>(scale, shift), n, out, in);                                                \
    }                                                                                                 \
    extern "C" __global__ void affine_strided_##T(double scale, double shift, const T *in, T *out,    \
                                                  const Layout layout) {                              \
        mapStrided(layout, Affine<T>(scale, shift), out, in);                                         \
    }

AFFINE(f32)
AFFINE(f64)
