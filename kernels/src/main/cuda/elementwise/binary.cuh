// Entry points of binary functions for one element type; see unary.cuh for why there are so many.
#pragma once

#include "common/layout.cuh"
#include "common/vector.cuh"
#include "elementwise/functions.cuh"

#define BINARY(NAME, KIND, T)                                                                     \
    extern "C" __global__ void binary_##NAME##_##T(const T *a, const T *b, T *out, long long n) { \
        mapDense([](T x, T y) { return binary<T>(KIND, x, y); }, n, out, a, b);                   \
    }

#define BINARY_STRIDED(T)                                                                   \
    extern "C" __global__ void binary_strided_##T(int kind, const T *a, const T *b, T *out, \
                                                  const Layout layout) {                    \
        mapStrided(                                                                         \
            layout, [=](T x, T y) { return binary<T>(kind, x, y); }, out, a, b);            \
    }

#define BINARY_ALL(T)           \
    BINARY(add, ADD, T)         \
    BINARY(sub, SUB, T)         \
    BINARY(mul, MUL, T)         \
    BINARY(div, DIV, T)         \
    BINARY(pow, POWER, T)       \
    BINARY(maximum, MAXIMUM, T) \
    BINARY(minimum, MINIMUM, T) \
    BINARY_STRIDED(T)
