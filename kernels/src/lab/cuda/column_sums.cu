// How the column sums of reduce/reduce.cuh came about: four versions of out[c] = sum of in[r][c] over all
// rows r, each checked against the host and timed. Not part of the build and not shipped. On a machine with
// a GPU:
//
//     nvcc -std=c++17 -O3 -arch=native -I ../../main/cuda column_sums.cu -o column_sums
//     ./column_sums [rows columns]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

#include "reduce/reduce.cuh"

using namespace talweg;

REDUCE(sum, SumOf<f32>(), f32, f32)

// 1: a thread for each column. Loads are coalesced, but a few hundred columns are a few hundred threads, each
// waiting for one load after the other.
__global__ void threadPerColumn(const f32 *in, f32 *out, int rows, int columns) {
    int column = blockIdx.x * blockDim.x + threadIdx.x;
    if (column < columns) {
        f64 sum = 0;
        for (int row = 0; row < rows; row++) {
            sum += in[static_cast<i64>(row) * columns + column];
        }
        out[column] = static_cast<f32>(sum);
    }
}

// 2: a block for each column. Many threads, but neighbours load from different rows: of every 32 bytes that
// come, 4 are used.
__global__ void blockPerColumn(const f32 *in, f32 *out, int rows, int columns) {
    __shared__ f64 sums[256];
    f64 sum = 0;
    for (int row = threadIdx.x; row < rows; row += 256) {
        sum += in[static_cast<i64>(row) * columns + blockIdx.x];
    }
    sums[threadIdx.x] = sum;
    for (int half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            sums[threadIdx.x] += sums[threadIdx.x + half];
        }
    }
    if (threadIdx.x == 0) {
        out[blockIdx.x] = static_cast<f32>(sums[0]);
    }
}

// 3: a block for 32 columns, 8 threads for each: coalesced, and 8 loads under way where there was one. Few
// columns still are few blocks.
__global__ void tilePerBlock(const f32 *in, f32 *out, int rows, int columns) {
    __shared__ f64 sums[8][32];
    int x = threadIdx.x % 32;
    int y = threadIdx.x / 32;
    int column = blockIdx.x * 32 + x;
    f64 sum = 0;
    for (int row = y; row < rows && column < columns; row += 8) {
        sum += in[static_cast<i64>(row) * columns + column];
    }
    sums[y][x] = sum;
    __syncthreads();
    if (y == 0 && column < columns) {
        for (int i = 1; i < 8; i++) {
            sum += sums[i][x];
        }
        out[column] = static_cast<f32>(sum);
    }
}

namespace {

void check(cudaError_t status, const char *call) {
    if (status != cudaSuccess) {
        std::fprintf(stderr, "%s: %s\n", call, cudaGetErrorString(status));
        std::exit(1);
    }
}

// One axis of the given extent, with the strides of up to two operands.
Layout axis(unsigned extent, long long first, long long second) {
    Layout layout;
    std::memset(&layout, 0, sizeof layout);
    layout.rank = 1;
    layout.size = extent;
    layout.extents[0] = extent;
    layout.shifts[0] = 31;
    layout.strides[0][0] = first;
    layout.strides[1][0] = second;
    return layout;
}

// 4: as shipped. The rows are split among blocks too, and a second kernel joins their partial sums; plans as
// talweg.cuda.Reductions does.
void shipped(const f32 *in, f32 *out, void *partials, int rows, int columns) {
    int lanes = 8;
    int blocks = (columns + 31) / 32;
    int parts = std::max(1, std::min(1024 / blocks, rows / lanes / 16));
    Layout kept = axis(columns, 1, 1);
    sum_pass_f32<<<dim3(blocks, parts), 256>>>(0, in, out, partials, kept, axis(rows, columns, 0), rows,
                                               lanes, 1);
    if (parts > 1) {
        int joined = 1;
        while (joined < parts && joined < 256) {
            joined *= 2;
        }
        int outputs = 256 / joined;
        sum_finish_f32<<<(columns + outputs - 1) / outputs, 256>>>(0, partials, out, kept, parts, joined);
    }
}

// Runs a version, compares its result and prints the best of 20 times.
void measure(const char *name, const std::vector<double> &expected, f32 *out, double bytes,
             const std::function<void()> &run) {
    std::vector<f32> got(expected.size());
    check(cudaMemset(out, 0xFF, got.size() * sizeof(f32)), "cudaMemset");
    cudaEvent_t start, end;
    check(cudaEventCreate(&start), "cudaEventCreate");
    check(cudaEventCreate(&end), "cudaEventCreate");
    float best = INFINITY;
    for (int i = 0; i < 20; i++) {
        check(cudaEventRecord(start), "cudaEventRecord");
        run();
        check(cudaEventRecord(end), "cudaEventRecord");
        check(cudaEventSynchronize(end), name);
        float time;
        check(cudaEventElapsedTime(&time, start, end), "cudaEventElapsedTime");
        best = std::min(best, time);
    }
    check(cudaMemcpy(got.data(), out, got.size() * sizeof(f32), cudaMemcpyDeviceToHost), "cudaMemcpy");
    int wrong = 0;
    for (size_t i = 0; i < got.size(); i++) {
        // Also true for NaN, which the result is where nothing was written.
        wrong += !(std::fabs(got[i] - expected[i]) <= 1e-6 * std::fabs(expected[i]));
    }
    std::printf("%-16s %9.2f us %8.1f GB/s  %s\n", name, best * 1e3, bytes / best * 1e-6,
                wrong == 0 ? "right" : "WRONG");
}

}  // namespace

int main(int count, char **arguments) {
    int rows = count > 2 ? std::atoi(arguments[1]) : 65536;
    int columns = count > 2 ? std::atoi(arguments[2]) : 256;
    size_t size = static_cast<size_t>(rows) * columns;
    std::vector<f32> host(size);
    std::vector<double> expected(columns);
    unsigned random = 1;
    for (size_t i = 0; i < size; i++) {
        random = random * 1664525u + 1013904223u;
        host[i] = static_cast<f32>(random >> 8) * 0x1p-24f;
        expected[i % columns] += host[i];
    }
    f32 *in;
    f32 *out;
    void *partials;
    check(cudaMalloc(&in, size * sizeof(f32)), "cudaMalloc");
    check(cudaMalloc(&out, columns * sizeof(f32)), "cudaMalloc");
    check(cudaMalloc(&partials, static_cast<size_t>(columns) * 1024 * sizeof(PlainSum)), "cudaMalloc");
    check(cudaMemcpy(in, host.data(), size * sizeof(f32), cudaMemcpyHostToDevice), "cudaMemcpy");
    double bytes = static_cast<double>(size) * sizeof(f32);
    measure("threadPerColumn", expected, out, bytes,
            [&] { threadPerColumn<<<(columns + 255) / 256, 256>>>(in, out, rows, columns); });
    measure("blockPerColumn", expected, out, bytes,
            [&] { blockPerColumn<<<columns, 256>>>(in, out, rows, columns); });
    measure("tilePerBlock", expected, out, bytes,
            [&] { tilePerBlock<<<(columns + 31) / 32, 256>>>(in, out, rows, columns); });
    measure("shipped", expected, out, bytes, [&] { shipped(in, out, partials, rows, columns); });
    return 0;
}
