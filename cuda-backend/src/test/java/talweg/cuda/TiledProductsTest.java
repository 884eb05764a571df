package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.cuda.ProductCase.Form;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.DeviceModel;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;
import talweg.tensor.DType;

/** Our own product kernels, as they are shipped, against the reference. */
@ExtendWith(SimulatedCuda.class)
class TiledProductsTest {
  private static final double F32_TOLERANCE = 2e-5;

  private final Settings settings = new Settings();

  @BeforeEach
  void choose() {
    settings.set(ProductProviders.PROPERTY, "own");
  }

  @AfterEach
  void leave() {
    settings.restore();
  }

  private static Backend open(Precision precision) {
    return new CudaProvider().open(new DeviceSpec(0, 0, precision));
  }

  private static double tolerance(DType out) {
    return out == DType.F64 ? 1e-13 : F32_TOLERANCE;
  }

  private static void check(
      DType operands, int m, int n, int k, int batch, Form formA, Form formB, Form formOut) {
    DType result = operands == DType.BF16 ? DType.F32 : operands;
    try (ProductCase products = new ProductCase(open(Precision.FP32))) {
      Twin a = products.random(operands, formA, batch, m, k);
      Twin b = products.random(operands, formB, batch, k, n);
      Twin out = products.random(result, formOut, batch, m, n);
      String what =
          "%s [%d, %d, %d] x %d, %s %s %s"
              .formatted(operands, m, k, n, batch, formA, formB, formOut);
      products.multiply(1, 0, a, b, out);
      products.compare(out, tolerance(result), what);
      products.multiply(-0.5, 2, a, b, out);
      products.compare(out, 3 * tolerance(result), what + " added");
    }
  }

  /** Of one element up to more than a tile, in every combination of layouts of two. */
  @ParameterizedTest
  @CsvSource({"1,1,1", "3,5,7", "33,31,34", "65,10,66", "1,70,40", "37,1,129"})
  void anyExtents(int m, int n, int k, SimulatedGpu gpu) {
    Form[] forms = {Form.ROWS, Form.COLUMNS};
    for (Form a : forms) {
      for (Form b : forms) {
        check(DType.F32, m, n, k, 1, a, b, Form.ROWS);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void anyLayout(Form form, SimulatedGpu gpu) {
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.BF16}) {
      check(dtype, 6, 5, 9, 3, form, Form.ROWS, Form.ROWS);
      check(dtype, 6, 5, 9, 3, Form.ROWS, form, Form.COLUMNS);
      if (form.isWritable()) {
        check(dtype, 6, 5, 9, 3, Form.COLUMNS, Form.ROWS, form);
      }
    }
  }

  /** Many small matrices, and one large product, fill the device with 64 x 64 tiles. */
  @Test
  void largeTiles(SimulatedGpu gpu) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      check(dtype, 5, 4, 20, 130, Form.ROWS, Form.ROWS, Form.ROWS);
      check(dtype, 66, 3, 18, 64, Form.COLUMNS, Form.REPEATED, Form.ROWS);
    }
  }

  /** Long sums are split and put together again. */
  @Test
  void splitSums(SimulatedGpu gpu) {
    check(DType.F32, 4, 6, 1000, 1, Form.ROWS, Form.COLUMNS, Form.PADDED);
    check(DType.F32, 4, 6, 1000, 2, Form.COLUMNS, Form.ROWS, Form.ROWS);
    check(DType.F64, 2, 3, 517, 1, Form.ROWS, Form.ROWS, Form.ROWS);
    check(DType.BF16, 4, 6, 600, 1, Form.ROWS, Form.COLUMNS, Form.ROWS);
  }

  /** Matrix instructions where there are some: tiles with tails, all layouts of operands. */
  @ParameterizedTest
  @ValueSource(ints = {75, 80, 90})
  void bf16Operands(int capability, SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withCapability(capability));
    Form[] forms = {Form.ROWS, Form.COLUMNS};
    for (Form a : forms) {
      for (Form b : forms) {
        check(DType.BF16, 67, 70, 40, 1, a, b, Form.ROWS);
      }
    }
  }

  @Test
  void tf32RoundsOperands(SimulatedGpu gpu) {
    try (ProductCase products = new ProductCase(open(Precision.TF32))) {
      for (Form form : new Form[] {Form.ROWS, Form.COLUMNS}) {
        // BF16 numbers are TF32 numbers.
        Twin a = exact(products, form, 35, 45);
        Twin b = exact(products, form, 45, 66);
        Twin out = products.random(DType.F32, Form.ROWS, 35, 66);
        products.multiply(1, 0, a, b, out);
        products.compare(out, F32_TOLERANCE, "tf32 " + form);
      }
    }
  }

  private static Twin exact(ProductCase products, Form form, int rows, int columns) {
    Twin rounded = products.random(DType.BF16, form, rows, columns);
    return products.widened(rounded);
  }

  /**
   * With the bias and the activation in the product's kernel, or in the one that adds its parts.
   */
  @ParameterizedTest
  @ValueSource(ints = {6, 600})
  void linearLayers(int in, SimulatedGpu gpu) {
    try (ProductCase products = new ProductCase(open(Precision.FP32))) {
      Twin x = products.random(DType.F32, Form.ROWS, 5, in);
      Twin weight = products.random(DType.F32, Form.ROWS, 7, in);
      Twin bias = products.random(DType.F32, Form.ROWS, 1, 7);
      Twin out = products.random(DType.F32, Form.ROWS, 5, 7);
      products.linear(x, weight, bias, out);
      products.compare(out, F32_TOLERANCE, "linear");
    }
    assertEquals(1, gpu.launches("gemm_small_f32"));
    assertEquals(in > 256 ? 1 : 0, gpu.launches("gemm_combine_f32"));
  }

  @Test
  void anEmptySumIsZero(SimulatedGpu gpu) {
    check(DType.F32, 3, 4, 0, 2, Form.ROWS, Form.ROWS, Form.ROWS);
  }
}
