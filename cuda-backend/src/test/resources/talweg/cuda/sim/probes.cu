// Small kernels for the tests of the interpreter, good ones and bad ones. Compiled by
//   nvcc -std=c++17 -O3 -ptx -arch=compute_80 -diag-suppress 177 -o probes.ptx probes.cu
// and the .version line lowered to 7.0.
#include <cuda_bf16.h>
#include <cuda_fp16.h>

#define KERNEL extern "C" __global__ void

KERNEL bad_oob(float* p, int n) { p[n + threadIdx.x * 1024] = 1; }

KERNEL bad_shared(float* p, int i) {
  __shared__ float t[32];
  t[threadIdx.x] = p[threadIdx.x];
  __syncthreads();
  p[threadIdx.x] = t[threadIdx.x + i];
}

KERNEL bad_alignment(const char* p, float4* o) { *o = *(const float4*)(p + 4); }

KERNEL bad_divergent(float* p) {
  if (threadIdx.x < 7) __syncthreads();
  p[threadIdx.x] = 1;
}

KERNEL bad_race(const float* p, float* o) {
  __shared__ float t[64];
  t[threadIdx.x] = p[threadIdx.x];
  o[threadIdx.x] = t[(threadIdx.x + 1) & 63];
}

KERNEL bad_shuffle(float* p) {
  if (threadIdx.x < 16) p[threadIdx.x] = __shfl_down_sync(~0u, p[threadIdx.x], 1);
  else __syncthreads();
}

KERNEL __launch_bounds__(64) bad_loop(volatile int* p) { while (*p == 0) { } }

// Beside the good version of bad_race: with the barrier no order of threads shows.
KERNEL rotate(const float* p, float* o) {
  __shared__ float t[64];
  t[threadIdx.x] = p[threadIdx.x];
  __syncthreads();
  o[threadIdx.x] = t[(threadIdx.x + 1) & 63];
}

KERNEL shuffles(const int* a, int* o) {
  int i = threadIdx.x, v = a[i];
  o[i] = __shfl_down_sync(~0u, v, 3);
  o[32 + i] = __shfl_up_sync(~0u, v, 5);
  o[64 + i] = __shfl_xor_sync(~0u, v, 9);
  o[96 + i] = __shfl_sync(~0u, v, i * 7 & 31);
  o[128 + i] = __shfl_down_sync(~0u, v, 2, 8);
  unsigned half = i < 16 ? 0xffffu : 0xffff0000u;
  o[160 + i] = __shfl_xor_sync(half, v, 1);
  int sum = 0;
  if (i % 2 == 0) sum = __shfl_down_sync(0x55555555u, v, 2);  // only the even lanes
  o[192 + i] = sum;
}

KERNEL votes(const int* a, int* o) {
  int i = threadIdx.x;
  bool p = a[i] > 0;
  o[i] = (int)__ballot_sync(~0u, p);
  o[64 + i] = __any_sync(~0u, p) + 2 * __all_sync(~0u, p);
  o[128 + i] = __syncthreads_count(p);
  o[192 + i] = __syncthreads_or(p) + 2 * __syncthreads_and(p);
  o[256 + i] = (int)__match_any_sync(~0u, a[i] & 3);
  o[320 + i] = __reduce_add_sync(~0u, a[i]);
}

KERNEL atomics(int* o) {
  int i = threadIdx.x;
  __shared__ int s;
  if (i == 0) s = 0;
  __syncthreads();
  atomicAdd(&s, i);
  atomicAdd(o, 2);
  atomicMax(o + 1, i);
  atomicMin(o + 2, -i);
  atomicOr(o + 3, 1 << (i & 31));
  atomicInc((unsigned*)o + 4, 40);
  if (atomicCAS(o + 5, 0, i + 1) == 0) o[6] = i + 1;
  __syncthreads();
  if (i == 0) o[7] = s;
}

// Branches within a warp that meet again, and a loop of a different length in each thread.
KERNEL collatz(const int* a, int* steps) {
  int n = a[threadIdx.x], k = 0;
  while (n != 1) {
    if (n & 1) n = 3 * n + 1;
    else n >>= 1;
    k++;
  }
  steps[threadIdx.x] = k;
}

KERNEL singles(const float* a, float* o, int n) {
  int i = threadIdx.x;
  if (i >= n) return;
  float x = a[i];
  float* r = o + i * 12;
  r[0] = expf(x); r[1] = logf(fabsf(x)); r[2] = powf(fabsf(x), 1.7f); r[3] = sinf(x); r[4] = cosf(x); r[5] = tanhf(x);
  r[6] = erff(x); r[7] = sqrtf(fabsf(x)); r[8] = rsqrtf(fabsf(x)); r[9] = log1pf(fabsf(x)); r[10] = 1 / x; r[11] = floorf(x);
}

KERNEL doubles(const double* a, double* o, int n) {
  int i = threadIdx.x;
  if (i >= n) return;
  double x = a[i];
  double* r = o + i * 12;
  r[0] = exp(x); r[1] = log(fabs(x)); r[2] = pow(fabs(x), 1.7); r[3] = sin(x); r[4] = cos(x); r[5] = tanh(x);
  r[6] = erf(x); r[7] = sqrt(fabs(x)); r[8] = rsqrt(fabs(x)); r[9] = log1p(fabs(x)); r[10] = 1 / x; r[11] = floor(x);
}

KERNEL integers(const long long* a, long long* o) {
  long long x = a[0], y = a[1];
  int u = (int)x, v = (int)y;
  o[0] = x / y; o[1] = x % y; o[2] = (long long)((unsigned long long)x / (unsigned long long)y);
  o[3] = __mulhi(u, v); o[4] = __umulhi(u, v); o[5] = (long long)__umul64hi(x, y); o[6] = __mul64hi(x, y);
  o[7] = __popcll(x); o[8] = __clz(u); o[9] = __ffsll(x); o[10] = (int)__brev(u); o[11] = (int)__byte_perm(u, v, 0x2743);
  o[12] = (int)__funnelshift_l(u, v, 7); o[13] = u >> 3; o[14] = (unsigned)u >> 3; o[15] = x << (v & 63);
  o[16] = min(u, v); o[17] = max((unsigned)u, (unsigned)v); o[18] = (signed char)u; o[19] = (unsigned short)u;
}

KERNEL halves(const float* a, __nv_bfloat16* b, __half* h, float* o, int n) {
  int i = threadIdx.x;
  if (i >= n) return;
  b[i] = __float2bfloat16(a[i]);
  h[i] = __float2half(a[i]);
  o[i] = __bfloat162float(b[i]);
  o[n + i] = __half2float(h[i]);
  o[2 * n + i] = __half2float(h[i] * h[i] + h[i]);
}

KERNEL locals(const int* index, float* o) {
  float v[16];
  for (int i = 0; i < 16; i++) v[i] = i * index[0];
  o[threadIdx.x] = v[index[threadIdx.x] & 15];
}

__constant__ int primes[5] = {2, 3, 5, 7, 11};
__device__ int counter = 40;

KERNEL variables(int* o) {
  o[threadIdx.x] = primes[threadIdx.x];
  if (threadIdx.x == 0) o[5] = ++counter;
}

struct Numbers { int n; long long values[4]; };

KERNEL structures(Numbers a, int i, long long* o) { o[0] = a.values[i] + a.n; }

extern __shared__ double window[];

KERNEL grids(double* o) {
  window[threadIdx.x] = threadIdx.x;
  __syncthreads();
  int x = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
  o[x * blockDim.x + threadIdx.x] = 100 * x + window[blockDim.x - 1 - threadIdx.x];
}

// A tile copied by cp.async; without the wait nothing has arrived.
KERNEL copies(const float* a, float* o, int wait) {
  __shared__ __align__(16) float t[32];
  unsigned to = (unsigned)__cvta_generic_to_shared(t + threadIdx.x);
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(a + threadIdx.x));
  asm volatile("cp.async.commit_group;");
  if (wait) asm volatile("cp.async.wait_group 0;");
  __syncthreads();
  o[threadIdx.x] = t[31 - threadIdx.x];
}

// One tile of 16 x 8: row-major A (16 x k), column-major B (k x 8), as the manual's fragments have it.
KERNEL product_bf16(const __nv_bfloat16* a, const __nv_bfloat16* b, float* d) {
  int g = threadIdx.x / 4, t = threadIdx.x % 4;
  const unsigned* A = (const unsigned*)a;  // pairs: 8 to a row
  const unsigned* B = (const unsigned*)b;
  unsigned a0 = A[g * 8 + t], a1 = A[(g + 8) * 8 + t], a2 = A[g * 8 + t + 4], a3 = A[(g + 8) * 8 + t + 4];
  unsigned b0 = B[g * 8 + t], b1 = B[g * 8 + t + 4];
  float c0 = 1, c1 = 1, c2 = 1, c3 = 1;
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  d[g * 8 + 2 * t] = c0; d[g * 8 + 2 * t + 1] = c1; d[(g + 8) * 8 + 2 * t] = c2; d[(g + 8) * 8 + 2 * t + 1] = c3;
}

KERNEL product_tf32(const unsigned* a, const unsigned* b, float* d) {
  int g = threadIdx.x / 4, t = threadIdx.x % 4;
  unsigned a0 = a[g * 8 + t], a1 = a[(g + 8) * 8 + t], a2 = a[g * 8 + t + 4], a3 = a[(g + 8) * 8 + t + 4];
  unsigned b0 = b[g * 8 + t], b1 = b[g * 8 + t + 4];
  float c0 = 0, c1 = 0, c2 = 0, c3 = 0;
  asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
      : "+f"(c0), "+f"(c1), "+f"(c2), "+f"(c3) : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  d[g * 8 + 2 * t] = c0; d[g * 8 + 2 * t + 1] = c1; d[(g + 8) * 8 + 2 * t] = c2; d[(g + 8) * 8 + 2 * t + 1] = c3;
}
