#pragma once

namespace talweg {

// A mean in two parts, so that subtracting it costs no digits.
template <typename T>
struct Mean {
    T high;
    T low;

    __device__ explicit Mean(double mean) : high((T)mean), low((T)(mean - (T)mean)) {}

    __device__ T subtractFrom(T x) const {
        return (x - high) - low;
    }
};

}  // namespace talweg
