// Philox4x32-10, as talweg.spi.Philox defines it and reads its streams.
#pragma once

#include "common/types.cuh"

namespace talweg {

struct Words {
    unsigned word[4];
};

// Four random words of stream (seed, site) at a counter.
__device__ __forceinline__ Words philox(i64 seed, int site, i64 counter, unsigned block) {
    unsigned c0 = block;
    unsigned c1 = static_cast<unsigned>(site);
    unsigned c2 = static_cast<unsigned>(counter);
    unsigned c3 = static_cast<unsigned>(counter >> 32);
    unsigned k0 = static_cast<unsigned>(seed);
    unsigned k1 = static_cast<unsigned>(seed >> 32);
#pragma unroll
    for (int round = 0; round < 10; round++) {
        unsigned low0 = 0xD2511F53u * c0;
        unsigned high0 = __umulhi(0xD2511F53u, c0);
        unsigned low1 = 0xCD9E8D57u * c2;
        unsigned high1 = __umulhi(0xCD9E8D57u, c2);
        c0 = high1 ^ c1 ^ k0;
        c1 = low1;
        c2 = high0 ^ c3 ^ k1;
        c3 = low0;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return Words{{c0, c1, c2, c3}};
}

// A uniform number on [0, 1) with 24 bits.
__device__ __forceinline__ f32 uniform(unsigned word) {
    return static_cast<f32>(word >> 8) * 5.9604644775390625e-8f;
}

// A uniform number on [0, 1) with 53 bits.
__device__ __forceinline__ f64 uniform(unsigned high, unsigned low) {
    unsigned long long bits = static_cast<unsigned long long>(high) << 32 | low;
    return static_cast<f64>(bits >> 11) * 1.1102230246251565404e-16;
}

}  // namespace talweg
