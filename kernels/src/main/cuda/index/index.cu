// Gather and its adjoint, along one axis. An index out of range is noted for the host, which looks when it
// waits for the device, and the element is left alone.
#include "common/indices.cuh"
#include "common/layout.cuh"

using namespace talweg;

namespace {

// layout: out, index, in with the axis' stride 0; `step` is the stride of `in` there.
template <typename T>
__device__ __forceinline__ void gather(const T *in, const void *index, T *out, void *fault, int wide,
                                       i64 step, i64 extent, const Layout &layout) {
    unsigned element = blockIdx.x * blockDim.x + threadIdx.x;
    if (element >= layout.size) {
        return;
    }
    Offsets<3> offsets = offsetsOf<3>(layout, element);
    i64 place = indexAt(index, wide, offsets.at[1]);
    if (place < 0 || place >= extent) {
        report(static_cast<IndexFault *>(fault), GATHER, place, extent);
        return;
    }
    out[offsets.at[0]] = in[offsets.at[2] + place * step];
}

// Whole rows of `words` times 16 bytes, as of a table of embeddings or of a data set on the device.
__device__ __forceinline__ void gatherRows(const uint4 *in, const void *index, uint4 *out, void *fault,
                                           int wide, i64 indexStep, i64 step, i64 extent, unsigned words,
                                           unsigned size) {
    unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= size) {
        return;
    }
    unsigned row = i / words;
    i64 place = indexAt(index, wide, row * indexStep);
    if (place < 0 || place >= extent) {
        report(static_cast<IndexFault *>(fault), GATHER, place, extent);
        return;
    }
    out[i] = in[place * step + (i - row * words)];
}

// Sums along the axis stay in order without atomics: for each line, every `parts`-th place belongs to one
// thread, which goes through all indices and adds those that are its own. `lines` has all axes but this one
// and operands out, index, in, with the given strides along the axis.
template <typename T>
__device__ __forceinline__ void scatterAdd(const T *in, const void *index, T *out, void *fault, int wide,
                                           i64 outStep, i64 indexStep, i64 inStep, i64 count, i64 extent,
                                           int parts, const Layout &lines) {
    unsigned line = blockIdx.x * blockDim.x + threadIdx.x;
    int part = blockIdx.y;
    if (line >= lines.size) {
        return;
    }
    Offsets<3> offsets = offsetsOf<3>(lines, line);
#pragma unroll 4
    for (i64 i = 0; i < count; i++) {
        i64 place = indexAt(index, wide, offsets.at[1] + i * indexStep);
        if (place < 0 || place >= extent) {
            report(static_cast<IndexFault *>(fault), SCATTER_ADD, place, extent);
        } else if ((place & (parts - 1)) == part) {
            out[offsets.at[0] + place * outStep] += in[offsets.at[2] + i * inStep];
        }
    }
}

}  // namespace

// By element width, under the name of one type of that width.
#define GATHER_ENTRY(T)                                                                                \
    extern "C" __global__ void gather_strided_##T(const T *in, const void *index, T *out, void *fault, \
                                                  int wide, long long step, long long extent,          \
                                                  const Layout layout) {                               \
        gather(in, index, out, fault, wide, step, extent, layout);                                     \
    }

GATHER_ENTRY(u8)
GATHER_ENTRY(bf16)
GATHER_ENTRY(i32)
GATHER_ENTRY(i64)

extern "C" __global__ void __launch_bounds__(256)
    gather_rows(const void *in, const void *index, void *out, void *fault, int wide, long long indexStep,
                long long step, long long extent, int words, int size) {
    gatherRows(static_cast<const uint4 *>(in), index, static_cast<uint4 *>(out), fault, wide, indexStep, step,
               extent, words, size);
}

#define SCATTER_ENTRY(T)                                                                                  \
    extern "C" __global__ void scatter_add_##T(const T *in, const void *index, T *out, void *fault,       \
                                               int wide, long long outStep, long long indexStep,          \
                                               long long inStep, long long count, long long extent,       \
                                               int parts, const Layout lines) {                           \
        scatterAdd(in, index, out, fault, wide, outStep, indexStep, inStep, count, extent, parts, lines); \
    }

SCATTER_ENTRY(f32)
SCATTER_ENTRY(f64)
