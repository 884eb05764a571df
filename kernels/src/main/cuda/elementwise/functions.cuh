// The functions of talweg.op.UnaryKind and BinaryKind, written so that nothing overflows or cancels on the
// way, in the arithmetic of the element type. With a constant kind the switches vanish.
#pragma once

#include "common/types.cuh"

namespace talweg {

// In the order of talweg.op.UnaryKind.
enum UnaryKind {
    EXP,
    LOG,
    SQRT,
    RSQRT,
    RECIPROCAL,
    SQUARE,
    POW,
    SIN,
    COS,
    ERF,
    ABS,
    SIGN,
    TANH,
    SIGMOID,
    RELU,
    LEAKY_RELU,
    ELU,
    SILU,
    GELU,
    GELU_TANH,
    SOFTPLUS,
    CLAMP
};

// In the order of talweg.op.BinaryKind.
enum BinaryKind { ADD, SUB, MUL, DIV, POWER, MAXIMUM, MINIMUM, EQ, NE, LT, LE, GT, GE };

// NaN if either is NaN.
template <typename T>
__device__ __forceinline__ T larger(T a, T b) {
    return a > b || a != a ? a : b;
}

template <typename T>
__device__ __forceinline__ T smaller(T a, T b) {
    return a < b || a != a ? a : b;
}

template <typename T>
__device__ __forceinline__ T sigmoid(T x) {
    T e = exp(-fabs(x));
    return (x >= 0 ? T(1) : e) / (1 + e);
}

// As java.lang.Math.pow, which differs from C where C's result does not depend on one operand.
template <typename T>
__device__ __forceinline__ T power(T x, T y) {
    bool undefined = y != y || (fabs(x) == 1 && isinf(y));
    return undefined ? static_cast<T>(nan("")) : pow(x, y);
}

template <typename T>
__device__ __forceinline__ T softplus(T x) {
    return larger(x, T(0)) + log1p(exp(-fabs(x)));
}

template <typename T>
__device__ __forceinline__ T unary(int kind, T p, T q, T x) {
    switch (kind) {
        case EXP:
            return exp(x);
        case LOG:
            return log(x);
        case SQRT:
            return sqrt(x);
        case RSQRT:
            return 1 / sqrt(x);
        case RECIPROCAL:
            return 1 / x;
        case SQUARE:
            return x * x;
        case POW:
            return power(x, p);
        case SIN:
            return sin(x);
        case COS:
            return cos(x);
        case ERF:
            return erf(x);
        case ABS:
            return fabs(x);
        case SIGN:
            return x > 0 ? T(1) : (x < 0 ? T(-1) : x);
        case TANH:
            return tanh(x);
        case SIGMOID:
            return sigmoid(x);
        case RELU:
            return larger(x, T(0));
        case LEAKY_RELU:
            return x > 0 ? x : p * x;
        case ELU:
            return x > 0 ? x : p * expm1(x);
        case SILU:
            return x * sigmoid(x);
        case GELU:
            // 1 + erf(z) = erfc(-z), and below (1 + tanh(z)) / 2 = sigmoid(2 z), without cancellation.
            return T(0.5) * x * erfc(-x * T(0.70710678118654752440));
        case GELU_TANH:
            return x * sigmoid(T(1.59576912160573071176) * (x + T(0.044715) * x * x * x));
        case SOFTPLUS:
            return p * x > q ? x : softplus(p * x) / p;
        default:  // CLAMP
            return smaller(larger(x, p), q);
    }
}

// The kinds that are not comparisons.
template <typename T>
__device__ __forceinline__ T binary(int kind, T a, T b) {
    switch (kind) {
        case ADD:
            return a + b;
        case SUB:
            return a - b;
        case MUL:
            return a * b;
        case DIV:
            return a / b;
        case POWER:
            return power(a, b);
        case MAXIMUM:
            return larger(a, b);
        default:  // MINIMUM
            return smaller(a, b);
    }
}

template <typename T>
__device__ __forceinline__ bool compare(int kind, T a, T b) {
    switch (kind) {
        case EQ:
            return a == b;
        case NE:
            return a != b;
        case LT:
            return a < b;
        case LE:
            return a <= b;
        case GT:
            return a > b;
        default:  // GE
            return a >= b;
    }
}

}  // namespace talweg
