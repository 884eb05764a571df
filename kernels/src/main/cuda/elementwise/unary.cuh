// Entry points of unary functions for one element type.
//
// Dense operands, by far the most frequent, have an entry for each function, with the registers that this
// one needs. Strided ones share an entry that gets the function as an argument: the branch is the same for
// all threads, and one copy of the index arithmetic is compiled instead of 22. float and double are
// different modules, because the driver compiles a module when it is first used.
#pragma once

#include "common/layout.cuh"
#include "common/vector.cuh"
#include "elementwise/functions.cuh"

#define UNARY(NAME, KIND, T)                                                                              \
    extern "C" __global__ void unary_##NAME##_##T(double p, double q, const T *in, T *out, long long n) { \
        T first = static_cast<T>(p);                                                                      \
        T second = static_cast<T>(q);                                                                     \
        mapDense([=](T x) { return unary<T>(KIND, first, second, x); }, n, out, in);                      \
    }

#define UNARY_STRIDED(T)                                                                            \
    extern "C" __global__ void unary_strided_##T(int kind, double p, double q, const T *in, T *out, \
                                                 const Layout layout) {                             \
        T first = static_cast<T>(p);                                                                \
        T second = static_cast<T>(q);                                                               \
        mapStrided(                                                                                 \
            layout, [=](T x) { return unary<T>(kind, first, second, x); }, out, in);                \
    }

#define UNARY_ALL(T)                 \
    UNARY(exp, EXP, T)               \
    UNARY(log, LOG, T)               \
    UNARY(sqrt, SQRT, T)             \
    UNARY(rsqrt, RSQRT, T)           \
    UNARY(reciprocal, RECIPROCAL, T) \
    UNARY(square, SQUARE, T)         \
    UNARY(pow, POW, T)               \
    UNARY(sin, SIN, T)               \
    UNARY(cos, COS, T)               \
    UNARY(erf, ERF, T)               \
    UNARY(abs, ABS, T)               \
    UNARY(sign, SIGN, T)             \
    UNARY(tanh, TANH, T)             \
    UNARY(sigmoid, SIGMOID, T)       \
    UNARY(relu, RELU, T)             \
    UNARY(leaky_relu, LEAKY_RELU, T) \
    UNARY(elu, ELU, T)               \
    UNARY(silu, SILU, T)             \
    UNARY(gelu, GELU, T)             \
    UNARY(gelu_tanh, GELU_TANH, T)   \
    UNARY(softplus, SOFTPLUS, T)     \
    UNARY(clamp, CLAMP, T)           \
    UNARY_STRIDED(T)
