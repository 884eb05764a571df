// What the optimizer updates share: one thread for each segment advances its count and computes its
// factors, in double; then one block for each piece updates the elements.
#pragma once

#include "common/packs.cuh"
#include "optim/segments.cuh"

namespace talweg {

// What the factors of an update follow from.
struct Tables {
    const long long *segments;
    long long count;
    double *steps;
    const double *rates;
    long long window;
    const double *state;
    const double *constants;
};

// One segment's update: its number, the group's rate and constants.
struct Turn {
    double t;
    double rate;
    double scale;
    const double *constants;
};

// Calls body(segment, turn) for each segment that is to be updated, after counting that.
template <typename Body>
__device__ __forceinline__ void advance(Tables tables, int columns, Body body) {
    long long s = blockIdx.x * (long long)blockDim.x + threadIdx.x;
    if (s >= tables.count) {
        return;
    }
    // One thread's chain of loads is the whole kernel: they are asked for before any is looked at.
    const long long *row = tables.segments + s * COLUMNS;
    double write = tables.state[WRITE];
    long long present = row[HAS_GRADIENT];
    long long group = row[GROUP];
    long long applied = (long long)tables.state[APPLIED];
    Turn turn;
    turn.t = tables.steps[s] + 1;
    turn.rate = tables.rates[group * tables.window + applied % tables.window];
    turn.scale = tables.state[GRAD_SCALE];
    turn.constants = tables.constants + group * columns;
    if (write == 0 || present == 0) {
        return;
    }
    tables.steps[s] = turn.t;
    body(s, turn);
}

// 1 - beta^t, without the cancellation near 1.
__device__ __forceinline__ double complementOfPower(double beta, double t) {
    return -expm1(t * log(beta));
}

// NaN stays NaN.
template <typename T>
__device__ __forceinline__ T clamp(T x, T bound) {
    return x < -bound ? -bound : x > bound ? bound : x;
}

// The gradient as every optimizer takes it.
template <typename T>
__device__ __forceinline__ T gradient(T g, T scale, T clip, T l2, T w) {
    return clamp(g * scale, clip) + l2 * w;
}

// Buffers that are indexed alike; a state that is not kept is null.
template <typename T, int STATES>
struct Flat {
    T *w;
    const T *g;
    T *state[STATES];
};

// What a rule reads and writes beside the states that it reads.
struct Access {
    bool readsGradient;
    bool writesWeights;
    bool writesStates;
};

constexpr Access WHOLE_STEP = {true, true, true};

// Applies a rule to neighbouring elements.
template <typename T, typename Rule, int WIDTH>
__device__ __forceinline__ void updateLanes(Rule &rule, const Flat<T, Rule::STATES> &flat, long long i,
                                            Width<WIDTH>) {
    Pack<T, WIDTH> w = load<WIDTH>(flat.w + i);
    Pack<T, WIDTH> g = {};
    if (Rule::ACCESS.readsGradient) {
        g = load<WIDTH>(flat.g + i);
    }
    Pack<T, WIDTH> states[Rule::STATES];
#pragma unroll
    for (int k = 0; k < Rule::STATES; k++) {
        states[k] = flat.state[k] == nullptr ? Pack<T, WIDTH>{} : load<WIDTH>(flat.state[k] + i);
    }
#pragma unroll
    for (int e = 0; e < WIDTH; e++) {
        T state[Rule::STATES];
#pragma unroll
        for (int k = 0; k < Rule::STATES; k++) {
            state[k] = states[k].lane[e];
        }
        rule.apply(w.lane[e], g.lane[e], state);
#pragma unroll
        for (int k = 0; k < Rule::STATES; k++) {
            states[k].lane[e] = state[k];
        }
    }
    if (Rule::ACCESS.writesWeights) {
        store(flat.w + i, w);
    }
#pragma unroll
    for (int k = 0; k < Rule::STATES; k++) {
        if (Rule::ACCESS.writesStates && flat.state[k] != nullptr) {
            store(flat.state[k] + i, states[k]);
        }
    }
}

// Applies a rule to this block's piece.
template <typename T, typename Rule>
__device__ __forceinline__ void updatePiece(Rule &rule, const Flat<T, Rule::STATES> &flat, Piece piece) {
    constexpr int LANES = lanesOf<T>();
    bool aligned = isAligned<LANES>(flat.w) && isAligned<LANES>(flat.g);
#pragma unroll
    for (int k = 0; k < Rule::STATES; k++) {
        aligned = aligned && isAligned<LANES>(flat.state[k]);
    }
    forEachPack<LANES>(piece.from, piece.to, aligned,
                       [&](long long i, auto width) { updateLanes<T>(rule, flat, i, width); });
}

// The whole update kernel, the last one of an update: finds the piece, then the segment's factors, which
// start the rule. The counters that the first block moves, no other one looks at.
template <typename T, typename Rule>
__device__ __forceinline__ void update(const long long *segments, long long count, int bits, double *state,
                                       const typename Rule::Factors *factors,
                                       const Flat<T, Rule::STATES> &flat) {
    // Asked for first and looked at last: the piece is found meanwhile.
    double write = state[WRITE];
    Piece piece = pieceOf(segments, count, bits, blockIdx.x);
    if (write != 0 && piece.from < piece.to) {
        Rule rule(factors[piece.segment], flat);
        updatePiece<T>(rule, flat, piece);
    }
    if (blockIdx.x == 0 && threadIdx.x < COUNTERS) {
        state[threadIdx.x] += state[INCREMENTS + threadIdx.x];
    }
}

}  // namespace talweg
