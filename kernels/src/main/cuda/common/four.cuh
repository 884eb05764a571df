#pragma once

/** Neighbouring elements in registers; four of them move by accesses of 16 bytes. */
template <typename T, int WIDTH>
struct Few {
  T at[WIDTH];
};

template <typename T>
__device__ __forceinline__ Few<T, 1> load(const T* from, Few<T, 1>) {
  return {{*from}};
}

__device__ __forceinline__ Few<float, 4> load(const float* from, Few<float, 4>) {
  float4 x = *reinterpret_cast<const float4*>(from);
  return {{x.x, x.y, x.z, x.w}};
}

__device__ __forceinline__ Few<double, 4> load(const double* from, Few<double, 4>) {
  double2 x = reinterpret_cast<const double2*>(from)[0];
  double2 y = reinterpret_cast<const double2*>(from)[1];
  return {{x.x, x.y, y.x, y.y}};
}

/** The elements from an address on, which is aligned to 16 bytes where they are four. */
template <int WIDTH, typename T>
__device__ __forceinline__ Few<T, WIDTH> load(const T* from) {
  return load(from, Few<T, WIDTH>{});
}

template <typename T>
__device__ __forceinline__ void store(T* to, Few<T, 1> x) {
  *to = x.at[0];
}

__device__ __forceinline__ void store(float* to, Few<float, 4> x) {
  *reinterpret_cast<float4*>(to) = make_float4(x.at[0], x.at[1], x.at[2], x.at[3]);
}

__device__ __forceinline__ void store(double* to, Few<double, 4> x) {
  reinterpret_cast<double2*>(to)[0] = make_double2(x.at[0], x.at[1]);
  reinterpret_cast<double2*>(to)[1] = make_double2(x.at[2], x.at[3]);
}

/** A number of elements as a type, to choose between code for one and for four. */
template <int N>
struct Width {
  static constexpr int COUNT = N;
};

/**
 * The elements from..to, shared out to the block's threads: calls body(i, Width<4>()) for the i that
 * are multiples of 4 where all four lie inside and may be moved at once, else body(i, Width<1>()).
 */
template <typename Body>
__device__ __forceinline__ void for_each_few(long long from, long long to, bool aligned, Body body) {
  for (long long i = (from & ~3LL) + 4 * threadIdx.x; i < to; i += 4 * blockDim.x) {
    if (aligned && i >= from && i + 4 <= to) {
      body(i, Width<4>());
    } else {
      for (long long j = max(i, from); j < min(i + 4, to); j++) {
        body(j, Width<1>());
      }
    }
  }
}
