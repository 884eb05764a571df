package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.backend.Prerequisite;
import talweg.error.BackendException;
import talweg.tensor.DType;

/**
 * NVIDIA's own library, as far as it goes without a GPU: that its functions are there and take our
 * descriptors. Runs where {@code -Dtalweg.cublas} names it.
 */
class RealCublasTest {
  private Cublas cublas;

  @BeforeEach
  void load() {
    String asked = System.getProperty(CublasFiles.PROPERTY);
    Prerequisite.skipIf(
        asked != null
            ? Optional.empty()
            : Optional.of("needs NVIDIA's cuBLAS: -Dtalweg.cublas=FOLDER"));
    List<String> candidates = CublasFiles.ofThisMachine().candidates();
    assertFalse(candidates.isEmpty(), "no libcublas in " + asked);
    cublas = Cublas.load(candidates.getFirst());
  }

  /** Every attribute has the size that the library expects, or it would refuse it. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64", "BF16"})
  void itTakesOurDescriptors(DType dtype) {
    Product.Shape shape =
        new Product.Shape(
            dtype,
            dtype == DType.BF16 ? DType.F32 : dtype,
            false,
            128,
            512,
            784,
            new Product.Layout(false, 784, 128 * 784),
            new Product.Layout(true, 784, 0),
            512,
            128 * 512,
            3,
            16);
    for (Product.Epilogue.Kind kind : Product.Epilogue.Kind.values()) {
      long bias = kind == Product.Epilogue.Kind.NONE ? 0 : 256;
      CublasPlan.Key key = CublasPlan.Key.of(shape, new Product.Epilogue(kind, bias));
      try (CublasPlan plan = new CublasPlan(cublas, 0, key, bias, 1 << 20, 8)) {
        assertFalse(plan.isOffered(), "there is no device to ask about");
      }
    }
  }

  @Test
  void withoutADeviceItSaysSo() {
    boolean device = new CudaProvider().unavailableReason().isEmpty();
    Prerequisite.skipIf(device ? Optional.of("there is a device") : Optional.empty());
    for (String create : List.of("cublasCreate_v2", "cublasLtCreate")) {
      BackendException e = assertThrows(BackendException.class, () -> cublas.create(create));
      assertEquals(
          "matmul: " + create + ": CUBLAS_STATUS_NOT_INITIALIZED (1)",
          e.getMessage().substring(0, e.getMessage().indexOf(';')));
      assertTrue(e.getMessage().contains("no GPU, or a driver too old"), e.getMessage());
    }
  }
}
