// Element types and conversions between them, rounded as talweg.spi.Backend.copy says.
#pragma once

namespace talweg {

using u8 = unsigned char;
using u16 = unsigned short;
using i32 = int;
using i64 = long long;
using f32 = float;
using f64 = double;

template <typename S, typename T>
constexpr bool isSame = false;
template <typename T>
constexpr bool isSame<T, T> = true;

// The upper half of an f32.
struct bf16 {
    u16 bits;
};

__device__ __forceinline__ f32 toFloat(bf16 x) {
    return __uint_as_float(static_cast<unsigned>(x.bits) << 16);
}

// To nearest even; every NaN becomes the one quiet NaN.
__device__ __forceinline__ bf16 toBf16(f32 x) {
    if (x != x) {
        return bf16{0x7FC0};
    }
    unsigned bits = __float_as_uint(x);
    return bf16{static_cast<u16>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16)};
}

// Rounds once although it passes through f32: there it takes, of two neighbours, the one with an odd
// significand, which lies on the same side of every tie of bf16 as x.
__device__ __forceinline__ bf16 toBf16(f64 x) {
    f32 nearest = static_cast<f32>(x);
    unsigned bits = __float_as_uint(nearest);
    if (nearest == x || x != x || (bits & 1) == 1) {
        return toBf16(nearest);
    }
    bool tooLarge = fabs(static_cast<f64>(nearest)) > fabs(x);
    return toBf16(__uint_as_float(tooLarge ? bits - 1 : bits + 1));
}

// Not every i64 fits into an f64: the lowest bit kept stands for all that is shifted out.
__device__ __forceinline__ bf16 toBf16(i64 x) {
    if (x > -(1LL << 53) && x < (1LL << 53)) {
        return toBf16(static_cast<f64>(x));
    }
    i64 sticky = (x & 0x7FF) == 0 ? 0 : 1;
    return toBf16(static_cast<f64>((x >> 11) | sticky) * 2048.0);
}

__device__ __forceinline__ i64 clampTo(i64 x, i64 low, i64 high) {
    return x < low ? low : (x > high ? high : x);
}

// Towards zero, saturating; NaN gives 0, which the hardware's conversion to 64 bits does not.
__device__ __forceinline__ i64 toLong(f64 x) {
    return x != x ? 0 : __double2ll_rz(x);
}

__device__ __forceinline__ i64 toLong(f32 x) {
    return x != x ? 0 : __float2ll_rz(x);
}

__device__ __forceinline__ i64 toLong(i64 x) {
    return x;
}

// An element in the smallest of f32, f64 and i64 that holds all values of its type.
__device__ __forceinline__ f32 widen(f32 x) {
    return x;
}

__device__ __forceinline__ f64 widen(f64 x) {
    return x;
}

__device__ __forceinline__ f32 widen(bf16 x) {
    return toFloat(x);
}

__device__ __forceinline__ i64 widen(i32 x) {
    return x;
}

__device__ __forceinline__ i64 widen(i64 x) {
    return x;
}

__device__ __forceinline__ i64 widen(u8 x) {
    return x;
}

// The element of type T for an f32, f64 or i64.
template <typename T, typename Wide>
__device__ __forceinline__ T narrow(Wide x) {
    if constexpr (isSame<T, bf16>) {
        return toBf16(x);
    } else if constexpr (isSame<T, i64>) {
        return toLong(x);
    } else if constexpr (isSame<T, i32>) {
        return static_cast<i32>(clampTo(toLong(x), -0x80000000LL, 0x7FFFFFFFLL));
    } else if constexpr (isSame<T, u8>) {
        return static_cast<u8>(clampTo(toLong(x), 0, 255));
    } else {
        return static_cast<T>(x);
    }
}

}  // namespace talweg
