package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.ProductCase.Form;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.SimulatedCuda;
import talweg.error.BackendException;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;
import talweg.tensor.DType;

/** Products through JCublas and its native part, on a library that answers for cuBLAS 12. */
@ExtendWith(SimulatedCuda.class)
class JCublasProductsTest {
  private final Settings settings = new Settings();
  private StubCublas stub;

  @BeforeEach
  void load() {
    stub = StubCublas.load(12);
    settings.set(CublasFiles.PROPERTY, stub.file().getParent().toString());
    settings.set(ProductProviders.PROPERTY, "jcublas");
  }

  @AfterEach
  void unload() {
    settings.restore();
    if (stub != null) {
      assertEquals(0, stub.count("objects"), "handles that were not given back");
    }
  }

  private void check(DType operands, Precision precision, Form a, Form b, Form out) {
    DType result = operands == DType.BF16 ? DType.F32 : operands;
    double tolerance = result == DType.F64 ? 1e-13 : precision == Precision.FP32 ? 4e-6 : 1e-2;
    Backend backend = new CudaProvider().open(new DeviceSpec(0, 0, precision));
    try (ProductCase products = new ProductCase(backend)) {
      assertTrue(backend.device().contains("cuBLAS 12.1.2 through JCublas"), backend.device());
      Twin x = products.random(operands, a, 3, 6, 9);
      Twin y = products.random(operands, b, 3, 9, 5);
      Twin z = products.random(result, out, 3, 6, 5);
      products.multiply(1, 0, x, y, z);
      products.multiply(-0.5, 2, x, y, z);
      products.compare(z, tolerance, operands + " " + a + " " + b + " " + out);
    }
  }

  @Test
  void everyTypeInEveryLayout() {
    for (DType dtype : List.of(DType.F32, DType.F64, DType.BF16)) {
      check(dtype, Precision.FP32, Form.ROWS, Form.COLUMNS, Form.PADDED);
      check(dtype, Precision.FP32, Form.PADDED_COLUMNS, Form.REPEATED, Form.COLUMNS);
      check(dtype, Precision.FP32, Form.SPREAD, Form.ROWS, Form.SPREAD);
    }
    assertTrue(stub.count("plain_calls") > 0);
    assertEquals(0, stub.count("light_calls"));
  }

  @Test
  void tf32IsAskedForByTheComputeType() {
    check(DType.F32, Precision.FP32, Form.ROWS, Form.ROWS, Form.ROWS);
    assertEquals(68, stub.last("compute"));
    check(DType.F32, Precision.TF32, Form.ROWS, Form.ROWS, Form.ROWS);
    assertEquals(77, stub.last("compute"));
  }

  @Test
  void aFailureIsAnError() {
    stub.failNext(13);
    BackendException e =
        assertThrows(
            BackendException.class,
            () -> check(DType.F32, Precision.FP32, Form.ROWS, Form.ROWS, Form.ROWS));
    assertTrue(e.getMessage().contains("CUBLAS_STATUS_EXECUTION_FAILED"), e.getMessage());
  }
}
