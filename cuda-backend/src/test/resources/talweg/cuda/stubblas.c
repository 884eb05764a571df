// A small cuBLAS and cuBLASLt for tests: it computes, in double, on memory that it copies through the driver,
// so that a wrong argument shows as a wrong result or as the error that the real library would give.
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SUCCESS = 0, NOT_INITIALIZED = 1, ALLOC_FAILED = 3, INVALID_VALUE = 7, EXECUTION_FAILED = 13, NOT_SUPPORTED = 15 };
enum { R_32F = 0, R_64F = 1, R_16BF = 14 };
enum { COMPUTE_32F = 68, COMPUTE_64F = 70, COMPUTE_TF32 = 77 };
enum { RELU = 2, BIAS = 4, BIAS_GRADIENT = 512 };

// What tests set and read.
typedef struct {
  int (*toHost)(void *, uint64_t, size_t);
  int (*toDevice)(uint64_t, const void *, size_t);
  int (*awaitStream)(void *);
  int refuseEpilogues;  // 1: the heuristic has no algorithm with an epilogue
  int refuseLight;      // 1: the heuristic has no algorithm at all
  int failNext;         // status of the next product, once
  long lightCalls;
  long plainCalls;
  long heuristics;
  long objects;  // handles and descriptors that were not destroyed
  int lastCompute;
  int lastOperand;
} Stub;
static Stub stub;

int stub_use_driver(const char *path) {
  void *driver = dlopen(path, RTLD_LAZY);
  if (!driver) return NOT_INITIALIZED;
  memset(&stub, 0, sizeof stub);
  stub.toHost = dlsym(driver, "cuMemcpyDtoH_v2");
  stub.toDevice = dlsym(driver, "cuMemcpyHtoD_v2");
  stub.awaitStream = dlsym(driver, "cuStreamSynchronize");
  return stub.toHost && stub.toDevice && stub.awaitStream ? SUCCESS : NOT_INITIALIZED;
}
void stub_refuse(int epilogues, int light) { stub.refuseEpilogues = epilogues; stub.refuseLight = light; }
void stub_fail_next(int status) { stub.failNext = status; }
long stub_light_calls(void) { return stub.lightCalls; }
long stub_plain_calls(void) { return stub.plainCalls; }
long stub_heuristics(void) { return stub.heuristics; }
long stub_objects(void) { return stub.objects; }
int stub_last_compute(void) { return stub.lastCompute; }
int stub_last_operand(void) { return stub.lastOperand; }

static size_t bytesOf(int type) { return type == R_64F ? 8 : type == R_32F ? 4 : type == R_16BF ? 2 : 0; }

static double get(const void *from, int type, size_t i) {
  if (type == R_64F) return ((const double *)from)[i];
  uint32_t bits = type == R_32F ? ((const uint32_t *)from)[i] : (uint32_t)((const uint16_t *)from)[i] << 16;
  float x;
  memcpy(&x, &bits, 4);
  return x;
}

static void put(void *to, int type, size_t i, double x) {
  if (type == R_64F) ((double *)to)[i] = x;
  else ((float *)to)[i] = (float)x;
}

static double toTf32(double x) {
  float f = (float)x;
  uint32_t bits;
  memcpy(&bits, &f, 4);
  bits = (bits + 0x1000) & ~0x1fffu;
  memcpy(&f, &bits, 4);
  return f;
}

typedef struct {
  uint64_t address;
  int type, transposed, rows, columns;  // as stored, column by column
  int64_t ld, step;
} Matrix;

static int fetch(const Matrix *x, int64_t batch, int64_t extent, void **copy) {
  size_t size = bytesOf(x->type) * (size_t)(extent + 1);
  *copy = malloc(size);
  if (!*copy) return ALLOC_FAILED;
  return stub.toHost(*copy, x->address + batch * x->step * bytesOf(x->type), extent * bytesOf(x->type)) ? EXECUTION_FAILED : SUCCESS;
}

static int64_t extentOf(const Matrix *x) { return x->rows && x->columns ? x->ld * (int64_t)(x->columns - 1) + x->rows : 0; }

// The sums over k of the second operand.
static int putColumnSums(uint64_t address, int type, int columns, int k, const void *b, const Matrix *as) {
  void *sums = calloc(columns, bytesOf(type));
  if (!sums) return ALLOC_FAILED;
  for (int column = 0; column < columns; column++) {
    double sum = 0;
    for (int d = 0; d < k; d++) sum += get(b, as->type, as->transposed ? d * as->ld + column : column * as->ld + d);
    put(sums, type, column, sum);
  }
  int failed = stub.toDevice(address, sums, columns * bytesOf(type));
  free(sums);
  return failed ? EXECUTION_FAILED : SUCCESS;
}

static int multiply(int compute, int k, double alpha, double beta, Matrix a, Matrix b, Matrix c, int batch, int epilogue, uint64_t bias, void *stream) {
  if (stub.failNext) {
    int status = stub.failNext;
    stub.failNext = 0;
    return status;
  }
  int wide = compute == COMPUTE_64F;
  if (a.type != b.type || (wide ? a.type != R_64F || c.type != R_64F : c.type != R_32F || (a.type != R_32F && a.type != R_16BF))) return NOT_SUPPORTED;
  if (!wide && compute != COMPUTE_32F && compute != COMPUTE_TF32) return NOT_SUPPORTED;
  if (a.ld < a.rows || b.ld < b.rows || c.ld < c.rows || k < 0 || batch < 1) return INVALID_VALUE;
  if (stub.awaitStream(stream)) return EXECUTION_FAILED;
  stub.lastCompute = compute;
  stub.lastOperand = a.type;
  void *biases = NULL;
  Matrix vector = {bias, c.type, 0, c.rows, 1, c.rows, 0};
  if (epilogue & BIAS) {
    int status = fetch(&vector, 0, c.rows, &biases);
    if (status) return status;
  }
  if (epilogue == BIAS_GRADIENT && batch > 1) return NOT_SUPPORTED;
  for (int i = 0; i < batch; i++) {
    void *x, *y, *z;
    int status = fetch(&a, i, extentOf(&a), &x);
    if (!status) status = fetch(&b, i, extentOf(&b), &y);
    if (!status) status = fetch(&c, i, extentOf(&c), &z);
    if (status) return status;
    for (int column = 0; column < c.columns; column++) {
      for (int row = 0; row < c.rows; row++) {
        double sum = 0;
        for (int d = 0; d < k; d++) {
          double p = get(x, a.type, a.transposed ? row * a.ld + d : d * a.ld + row);
          double q = get(y, b.type, b.transposed ? d * b.ld + column : column * b.ld + d);
          sum += compute == COMPUTE_TF32 ? toTf32(p) * toTf32(q) : p * q;
        }
        size_t at = column * c.ld + row;
        double result = alpha * sum + (beta == 0 ? 0 : beta * get(z, c.type, at));
        if (epilogue & BIAS) result += get(biases, c.type, row);
        if (epilogue & RELU && result < 0) result = 0;
        put(z, c.type, at, result);
      }
    }
    if (epilogue == BIAS_GRADIENT) {
      status = putColumnSums(bias, c.type, c.columns, k, y, &b);
      if (status) return status;
    }
    if (stub.toDevice(c.address + i * c.step * bytesOf(c.type), z, extentOf(&c) * bytesOf(c.type))) return EXECUTION_FAILED;
    free(x);
    free(y);
    free(z);
  }
  free(biases);
  return SUCCESS;
}

static double scalar(const void *from, int compute) { return compute == COMPUTE_64F ? *(const double *)from : *(const float *)from; }

static void *object(size_t bytes) {
  stub.objects++;
  return calloc(1, bytes);
}

static int dispose(void *it) {
  if (!it) return INVALID_VALUE;
  stub.objects--;
  free(it);
  return SUCCESS;
}

// cuBLAS

typedef struct {
  void *stream;
  uint64_t workspace;
} Handle;

int cublasCreate_v2(Handle **handle) {
  if (!stub.toHost) return NOT_INITIALIZED;
  *handle = object(sizeof(Handle));
  return SUCCESS;
}
int cublasDestroy_v2(Handle *handle) { return dispose(handle); }
int cublasGetVersion_v2(Handle *handle, int *version) {
  *version = VERSION;
  return handle ? SUCCESS : NOT_INITIALIZED;
}
int cublasSetStream_v2(Handle *handle, void *stream) {
  handle->stream = stream;
  handle->workspace = 0;  // as the real one does
  return SUCCESS;
}
int cublasSetWorkspace_v2(Handle *handle, uint64_t workspace, size_t bytes) {
  if (workspace % 256 || bytes == 0) return INVALID_VALUE;
  handle->workspace = workspace;
  return SUCCESS;
}
int cublasSetMathMode(Handle *handle, int mode) { return handle && mode == 0 ? SUCCESS : INVALID_VALUE; }
int cublasGemmStridedBatchedEx(Handle *handle, int transA, int transB, int m, int n, int k, const void *alpha, uint64_t a, int typeA, int lda, int64_t stepA, uint64_t b, int typeB, int ldb, int64_t stepB, const void *beta, uint64_t c, int typeC, int ldc, int64_t stepC, int batch, int compute, int algorithm) {
  if (!handle->stream || !handle->workspace) return NOT_INITIALIZED;
  if (algorithm != -1) return INVALID_VALUE;
  stub.plainCalls++;
  Matrix x = {a, typeA, transA, transA ? k : m, transA ? m : k, lda, stepA};
  Matrix y = {b, typeB, transB, transB ? n : k, transB ? k : n, ldb, stepB};
  Matrix z = {c, typeC, 0, m, n, ldc, stepC};
  return multiply(compute, k, scalar(alpha, compute), scalar(beta, compute), x, y, z, batch, 0, 0, handle->stream);
}

// cuBLASLt

typedef struct {
  int compute, scale, transA, transB, epilogue;
  uint64_t bias;
} Desc;
typedef struct {
  int type, batch;
  uint64_t rows, columns;
  int64_t ld, step;
} Layout;
typedef struct {
  uint64_t workspace;
  uint32_t alignment[4];
} Preference;
typedef struct {
  uint64_t algorithm[8];
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
} Result;

int cublasLtCreate(void **handle) {
  *handle = object(1);
  return SUCCESS;
}
int cublasLtDestroy(void *handle) { return dispose(handle); }
int cublasLtMatmulDescCreate(Desc **desc, int compute, int scale) {
  if (scale != (compute == COMPUTE_64F ? R_64F : R_32F)) return INVALID_VALUE;
  *desc = object(sizeof(Desc));
  (*desc)->compute = compute;
  (*desc)->scale = scale;
  (*desc)->epilogue = 1;
  return SUCCESS;
}
int cublasLtMatmulDescDestroy(Desc *desc) { return dispose(desc); }
int cublasLtMatmulDescSetAttribute(Desc *desc, int attribute, const void *value, size_t bytes) {
  int *fields[] = {[3] = &desc->transA, [4] = &desc->transB, [7] = &desc->epilogue};
  if (attribute == 8 && bytes == 8) {
    memcpy(&desc->bias, value, 8);
  } else if ((attribute == 3 || attribute == 4 || attribute == 7) && bytes == 4) {
    memcpy(fields[attribute], value, 4);
  } else {
    return INVALID_VALUE;
  }
  return SUCCESS;
}
int cublasLtMatrixLayoutCreate(Layout **layout, int type, uint64_t rows, uint64_t columns, int64_t ld) {
  *layout = object(sizeof(Layout));
  **layout = (Layout){type, 1, rows, columns, ld, 0};
  return SUCCESS;
}
int cublasLtMatrixLayoutDestroy(Layout *layout) { return dispose(layout); }
int cublasLtMatrixLayoutSetAttribute(Layout *layout, int attribute, const void *value, size_t bytes) {
  if (attribute == 5 && bytes == 4) memcpy(&layout->batch, value, 4);
  else if (attribute == 6 && bytes == 8) memcpy(&layout->step, value, 8);
  else return INVALID_VALUE;
  return SUCCESS;
}
int cublasLtMatmulPreferenceCreate(Preference **preference) {
  *preference = object(sizeof(Preference));
  return SUCCESS;
}
int cublasLtMatmulPreferenceDestroy(Preference *preference) { return dispose(preference); }
int cublasLtMatmulPreferenceSetAttribute(Preference *preference, int attribute, const void *value, size_t bytes) {
  if (attribute == 1 && bytes == 8) memcpy(&preference->workspace, value, 8);
  else if (attribute >= 5 && attribute <= 8 && bytes == 4) memcpy(&preference->alignment[attribute - 5], value, 4);
  else return INVALID_VALUE;
  return SUCCESS;
}
// Algorithms carry what was promised when they were asked for.
int cublasLtMatmulAlgoGetHeuristic(void *handle, Desc *desc, Layout *a, Layout *b, Layout *c, Layout *d, Preference *preference, int requested, Result *results, int *found) {
  if (!handle || c != d || requested < 1) return INVALID_VALUE;
  stub.heuristics++;
  *found = 0;
  if (stub.refuseLight || (stub.refuseEpilogues && desc->epilogue != 1)) return NOT_SUPPORTED;
  if (desc->epilogue & (BIAS | BIAS_GRADIENT) && !desc->bias) return INVALID_VALUE;
  for (int i = 0; i < requested && i < 3; i++) {
    memset(&results[i], 0, sizeof(Result));
    results[i].algorithm[0] = 0x7a1e0000u + i;
    results[i].algorithm[1] = preference->alignment[0];
    results[i].workspace = preference->workspace;
    // The first one is of no use, as the real library's may be.
    results[i].state = i == 0 ? NOT_SUPPORTED : SUCCESS;
    (*found)++;
  }
  return SUCCESS;
}
int cublasLtMatmul(void *handle, Desc *desc, const void *alpha, uint64_t a, Layout *la, uint64_t b, Layout *lb, const void *beta, uint64_t c, Layout *lc, uint64_t d, Layout *ld, const uint64_t *algorithm, uint64_t workspace, size_t bytes, void *stream) {
  if (!handle || c != d || lc != ld || !workspace || bytes < (32u << 20)) return INVALID_VALUE;
  if (algorithm[0] != 0x7a1e0001u && algorithm[0] != 0x7a1e0002u) return NOT_SUPPORTED;
  if ((a | b | c) % algorithm[1]) return INVALID_VALUE;
  if (desc->epilogue & (BIAS | BIAS_GRADIENT) && desc->bias % algorithm[1]) return INVALID_VALUE;
  stub.lightCalls++;
  int k = desc->transA ? (int)la->rows : (int)la->columns;
  int other = desc->transB ? (int)lb->columns : (int)lb->rows;
  if (k != other || la->batch != lc->batch || lb->batch != lc->batch) return INVALID_VALUE;
  Matrix x = {a, la->type, desc->transA, (int)la->rows, (int)la->columns, la->ld, la->step};
  Matrix y = {b, lb->type, desc->transB, (int)lb->rows, (int)lb->columns, lb->ld, lb->step};
  Matrix z = {c, lc->type, 0, (int)lc->rows, (int)lc->columns, lc->ld, lc->step};
  if ((desc->transA ? x.columns : x.rows) != z.rows || (desc->transB ? y.rows : y.columns) != z.columns) return INVALID_VALUE;
  return multiply(desc->compute, k, scalar(alpha, desc->compute), scalar(beta, desc->compute), x, y, z, lc->batch, desc->epilogue == 1 ? 0 : desc->epilogue, desc->bias, stream);
}
