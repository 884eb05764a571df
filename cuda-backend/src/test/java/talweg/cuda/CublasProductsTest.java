package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.cuda.ProductCase.Form;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.DeviceModel;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.Finding;
import talweg.spi.Precision;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Products through cuBLAS and cuBLASLt, against a small library that computes: order and width of
 * arguments, leading dimensions, transposes, batches, epilogues, errors.
 */
@ExtendWith(SimulatedCuda.class)
class CublasProductsTest {
  private static final int COMPUTE_32F = 68;
  private static final int COMPUTE_TF32 = 77;
  private static final int OPERAND_BF16 = 14;

  private final Settings settings = new Settings();
  private StubCublas stub;

  @BeforeEach
  void load() {
    stub = StubCublas.load(13);
    settings.set(CublasFiles.PROPERTY, stub.file().toString());
    settings.set(ProductProviders.PROPERTY, "cublas");
  }

  @AfterEach
  void unload() {
    settings.restore();
    if (stub != null) {
      assertEquals(0, stub.count("objects"), "handles and descriptors that were not given back");
    }
  }

  private static Backend open(Precision precision) {
    return new CudaProvider().open(new DeviceSpec(0, 0, precision));
  }

  private void check(DType operands, Form formA, Form formB, Form formOut) {
    DType result = operands == DType.BF16 ? DType.F32 : operands;
    double tolerance = result == DType.F64 ? 1e-14 : 2e-6;
    try (ProductCase products = new ProductCase(open(Precision.FP32))) {
      Twin a = products.random(operands, formA, 3, 6, 9);
      Twin b = products.random(operands, formB, 3, 9, 5);
      Twin out = products.random(result, formOut, 3, 6, 5);
      String what = operands + " " + formA + " " + formB + " " + formOut;
      products.multiply(1, 0, a, b, out);
      products.compare(out, tolerance, what);
      products.multiply(-0.5, 2, a, b, out);
      products.compare(out, 4 * tolerance, what + " added");
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void anyLayout(Form form) {
    for (DType dtype : List.of(DType.F32, DType.F64, DType.BF16)) {
      check(dtype, form, Form.ROWS, Form.ROWS);
      check(dtype, Form.ROWS, form, Form.COLUMNS);
      if (form.isWritable()) {
        check(dtype, Form.COLUMNS, Form.ROWS, form);
      }
    }
    assertTrue(stub.count("light_calls") > 0);
    assertEquals(0, stub.count("plain_calls"));
  }

  @Test
  void oneHeuristicForEachShape() {
    settings.set(CublasProducts.AUTOTUNE, "on");
    try (ProductCase products = new ProductCase(open(Precision.FP32))) {
      Twin a = products.random(DType.F32, Form.ROWS, 6, 9);
      Twin b = products.random(DType.F32, Form.ROWS, 9, 5);
      Twin out = products.random(DType.F32, Form.ROWS, 6, 5);
      products.multiply(1, 0, a, b, out);
      long tuned = stub.count("light_calls");
      products.multiply(1, 0, a, b, out);
      products.multiply(2, 1, a, b, out);
      assertEquals(1, stub.count("heuristics"));
      assertEquals(tuned + 2, stub.count("light_calls"));
      assertTrue(tuned > 2, "several algorithms are timed");
    }
  }

  @Test
  void theFirstSuggestionIsTakenUnlessTimingIsAskedFor() {
    check(DType.F32, Form.ROWS, Form.ROWS, Form.ROWS);
    assertEquals(2, stub.count("light_calls"));
  }

  @Test
  void plainCublasWhereTheLightOneHasNoAlgorithm() {
    stub.refuse(false, true);
    for (DType dtype : List.of(DType.F32, DType.F64, DType.BF16)) {
      check(dtype, Form.ROWS, Form.COLUMNS, Form.PADDED);
      check(dtype, Form.PADDED_COLUMNS, Form.REPEATED, Form.COLUMNS);
    }
    assertEquals(0, stub.count("light_calls"));
    assertTrue(stub.count("plain_calls") > 0);
  }

  @Test
  void plainCublasWhereAnAlgorithmTurnsOutNotToRun() {
    stub.failNext(15);
    check(DType.F32, Form.ROWS, Form.ROWS, Form.ROWS);
    assertEquals(1, stub.count("light_calls"));
    assertEquals(2, stub.count("plain_calls"));
  }

  @Test
  void precisionDecidesWhatIsComputed() {
    check(DType.F32, Form.ROWS, Form.ROWS, Form.ROWS);
    assertEquals(COMPUTE_32F, stub.last("compute"));
    product(Precision.TF32, 1e-2);
    assertEquals(COMPUTE_TF32, stub.last("compute"));
    product(Precision.BF16, 5e-2);
    assertEquals(COMPUTE_32F, stub.last("compute"));
    assertEquals(OPERAND_BF16, stub.last("operand"));
  }

  private void product(Precision precision, double tolerance) {
    try (ProductCase products = new ProductCase(open(precision))) {
      Twin a = products.random(DType.F32, Form.ROWS, 8, 8);
      Twin b = products.random(DType.F32, Form.COLUMNS, 8, 8);
      Twin out = products.random(DType.F32, Form.ROWS, 8, 8);
      products.multiply(1, 0, a, b, out);
      products.compare(out, tolerance, precision.name());
      assertThrows(
          AssertionError.class,
          () -> products.compare(out, 1e-6, "rounded operands"),
          "nothing was rounded");
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = FusedActivation.class,
      names = {"NONE", "RELU"})
  void linearLayersInOneCall(FusedActivation activation) {
    try (Device device = Device.open(DeviceSpec.DEFAULT);
        MatMul matMul = new MatMul(device, new Elementwise(device))) {
      View x = upload(device, new double[] {1, 2, 3, 4, 5, 6}, 2, 3);
      View weight = upload(device, new double[] {1, 0, -1, 2, 1, 0, 0, 0, 1, -1, -1, 1}, 4, 3);
      View bias = upload(device, new double[] {0.5, -0.5, 1, 0}, 4);
      View out = upload(device, new double[8], 2, 4);
      assertTrue(matMul.linear(x, weight, bias, activation, out));
      double low = activation == FusedActivation.RELU ? 0 : 1;
      double[] expected = {-1.5 * low, 3.5, 4, 0, -1.5 * low, 12.5, 7, -3 * low};
      assertNumbers(expected, device, out);
      // Another bias at another address, with the same plan.
      View other = upload(device, new double[] {2, 0, 0, 0}, 4);
      assertTrue(matMul.linear(x, weight, other, activation, out));
      assertNumbers(new double[] {0, 4, 3, 0, 0, 13, 6, -3 * low}, device, out);
      assertEquals(1, stub.count("heuristics"));
      // Algorithms are asked for anew where the bias is less aligned than the operands.
      View within = upload(device, new double[] {9, 2, 0, 0, 0}, 5);
      assertTrue(
          matMul.linear(
              x, weight, View.contiguous(within.buffer(), 1, Shape.of(4)), activation, out));
      assertNumbers(new double[] {0, 4, 3, 0, 0, 13, 6, -3 * low}, device, out);
      assertEquals(2, stub.count("heuristics"));
      device.release((DeviceBuffer) within.buffer());
      stub.refuse(true, false);
      View half = View.contiguous(out.buffer(), 0, Shape.of(1, 4));
      View row = View.contiguous(x.buffer(), 0, Shape.of(1, 3));
      assertFalse(matMul.linear(row, weight, bias, activation, half));
      assertFalse(matMul.linear(x, weight, bias, FusedActivation.TANH, out));
      for (View view : List.of(x, weight, bias, other, out)) {
        device.release((DeviceBuffer) view.buffer());
      }
    }
  }

  @Test
  void gradientsOfALinearLayerInOneCall() {
    try (Device device = Device.open(DeviceSpec.DEFAULT);
        MatMul matMul = new MatMul(device, new Elementwise(device))) {
      View dSum = upload(device, new double[] {1, 2, -3, 4, 5, 6}, 3, 2);
      View x = upload(device, new double[] {1, 0, 2, 0, 1, -1, 1, 1, 0, 3, -2, 1}, 3, 4);
      View dWeight = upload(device, new double[8], 2, 4);
      View dBias = upload(device, new double[] {7, 7, 7, 7, 7}, 5);
      View first = View.contiguous(dBias.buffer(), 1, Shape.of(2));
      assertTrue(matMul.linearGradients(dSum, x, dWeight, first));
      assertNumbers(new double[] {7, 3, 12, 7, 7}, device, dBias);
      assertNumbers(new double[] {-2, 18, -11, 2, 6, 14, -4, 10}, device, dWeight);
      // Another place, with the same plan.
      View last = View.contiguous(dBias.buffer(), 3, Shape.of(2));
      assertTrue(matMul.linearGradients(dSum, x, dWeight, last));
      assertNumbers(new double[] {7, 3, 12, 3, 12}, device, dBias);
      assertEquals(1, stub.count("heuristics"));
      for (View view : List.of(dSum, x, dWeight, dBias)) {
        device.release((DeviceBuffer) view.buffer());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "FP32, 0, false, 0",
    "TF32, 0, false, 0",
    "FP32, 2, false, 1",
    "FP32, 0, true, 1",
    "BF16, 0, false, 1"
  })
  void aKernelAddsTheRowsWhereTheProductCannot(
      Precision precision, double beta, boolean refused, int kernels, SimulatedGpu gpu) {
    stub.refuse(refused, false);
    try (Backend backend = open(precision)) {
      View dSum = floats(backend, new float[] {1, 2, -3, 4, 5, 6}, 3, 2);
      View x = floats(backend, new float[] {1, 0, 2, 0, 1, -1}, 3, 2);
      View dWeight = floats(backend, new float[] {1, 2, 3, 4}, 2, 2);
      View dBias = floats(backend, new float[] {5, 6}, 2);
      backend.run(new FusedCall.LinearGradients(dSum, x, dWeight, beta, dBias, beta));
      float b = (float) beta;
      assertArrayEquals(
          new float[] {b, -5 + 2 * b, 16 + 3 * b, -6 + 4 * b}, read(backend, dWeight));
      assertArrayEquals(new float[] {3 + 5 * b, 12 + 6 * b}, read(backend, dBias));
      assertEquals(kernels, gpu.launches("linear_back_f32"));
    }
  }

  private static View floats(Backend backend, float[] values, int... dims) {
    View view = View.contiguous(backend.allocate(DType.F32, values.length), 0, Shape.of(dims));
    backend.upload(MemorySegment.ofArray(values), view);
    return view;
  }

  private static float[] read(Backend backend, View view) {
    float[] values = new float[(int) view.size()];
    backend.download(view, MemorySegment.ofArray(values));
    return values;
  }

  private static View upload(Device device, double[] numbers, int... dims) {
    float[] floats = new float[numbers.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) numbers[i];
    }
    View view = View.contiguous(device.allocate(DType.F32, floats.length), 0, Shape.of(dims));
    device.upload(MemorySegment.ofArray(floats), view);
    return view;
  }

  private static void assertNumbers(double[] expected, Device device, View view) {
    float[] actual = new float[expected.length];
    device.download(view, MemorySegment.ofArray(actual));
    for (int i = 0; i < actual.length; i++) {
      assertEquals(expected[i], actual[i], 1e-6, "element " + i);
    }
  }

  @Test
  void aFailureNamesTheCallAndTheStatus() {
    stub.failNext(13);
    BackendException e =
        assertThrows(
            BackendException.class, () -> check(DType.F32, Form.ROWS, Form.ROWS, Form.ROWS));
    assertTrue(
        e.getMessage().startsWith("matmul: cublasLtMatmul: CUBLAS_STATUS_EXECUTION_FAILED (13); "),
        e.getMessage());
  }

  @Test
  void withTooLittleMemoryForItsWorkspaceItIsNotUsed(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withMemory(16 << 20));
    settings.set(ProductProviders.PROPERTY, "auto");
    check(DType.F32, Form.ROWS, Form.ROWS, Form.ROWS);
    assertEquals(0, stub.count("light_calls"));
    assertTrue(gpu.launches("gemm_small_f32") > 0);
  }

  @Test
  void theDoctorSaysWhatMultiplies() {
    try (Backend backend = open(Precision.FP32)) {
      assertTrue(backend.device().contains("products by cuBLAS 13.1.2"), backend.device());
    }
    Finding finding =
        new CudaProvider()
            .findings().stream().filter(f -> f.part().equals("products")).findFirst().orElseThrow();
    assertTrue(finding.usable());
    assertTrue(finding.detail().contains(stub.file().toString()), finding.detail());
  }

  @Test
  void withoutTheLibraryOurOwnKernelsDoItAndTheDoctorSaysWhy() {
    String missing = stub.file().resolveSibling("libcublas.so.99").toString();
    settings.set(CublasFiles.PROPERTY, missing);
    settings.set(ProductProviders.PROPERTY, "auto");
    check(DType.F32, Form.ROWS, Form.COLUMNS, Form.ROWS);
    List<Finding> findings = new CudaProvider().findings();
    String all = findings.toString();
    assertTrue(all.contains("Talweg's own kernels"), all);
    assertTrue(all.contains(missing) && all.contains("pip install nvidia-cublas"), all);
    settings.set(ProductProviders.PROPERTY, "cublas");
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> open(Precision.FP32).close());
    assertTrue(e.getMessage().contains(missing), e.getMessage());
  }
}
