package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static talweg.reference.Layout.ramp;
import static talweg.reference.Layout.values;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class ProductTest {
  private static final int M = 3;
  private static final int K = 4;
  private static final int N = 2;

  private final ReferenceBackend backend = new ReferenceBackend();

  @ParameterizedTest
  @CsvSource({"false, false", "false, true", "true, false", "true, true"})
  void multipliesInEveryLayoutAndTransposition(boolean transA, boolean transB) {
    double[] a = ramp(2 * M * K);
    double[] b = ramp(2 * K * N + 1);
    b = Arrays.copyOfRange(b, 1, b.length);
    double[] expected = product(transA, transB, a, b);
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (Layout layout : Layout.values()) {
        View left = layout.of(dtype, Shape.of(2, transA ? K : M, transA ? M : K), a);
        View right = Layout.REVERSED_AXES.of(dtype, Shape.of(2, transB ? N : K, transB ? K : N), b);
        // Poison in the output shows that beta 0 does not read it.
        View out = layout.view(dtype, Shape.of(2, M, N));
        backend.matmul(transA, transB, 1, 0, left, right, out);
        assertArrayEquals(expected, values(out), layout + " " + dtype);
        backend.matmul(transA, transB, -0.5, 2, left, right, out);
        double[] again = Arrays.stream(expected).map(x -> 1.5 * x).toArray();
        assertArrayEquals(again, values(out), layout + " " + dtype);
      }
    }
  }

  private static double[] product(boolean transA, boolean transB, double[] a, double[] b) {
    double[] out = new double[2 * M * N];
    for (int batch = 0; batch < 2; batch++) {
      for (int i = 0; i < M; i++) {
        for (int j = 0; j < N; j++) {
          for (int k = 0; k < K; k++) {
            double x = a[batch * M * K + (transA ? k * M + i : i * K + k)];
            double y = b[batch * K * N + (transB ? j * K + k : k * N + j)];
            out[(batch * M + i) * N + j] += x * y;
          }
        }
      }
    }
    return out;
  }

  @Test
  void broadcastsOneMatrixOverTheBatch() {
    View a = Layout.DENSE.of(DType.F32, Shape.of(2, 1, 2), 1, 2, 3, 4);
    View b = Layout.DENSE.of(DType.F32, Shape.of(2, 1), 10, 1).expand(Shape.of(2, 2, 1));
    View out = Layout.DENSE.view(DType.F32, Shape.of(2, 1, 1));
    backend.matmul(false, false, 1, 0, a, b, out);
    assertArrayEquals(new double[] {12, 34}, values(out));
  }

  @Test
  void readsStrideZeroInsideAMatrix() {
    View ones = Layout.vector(DType.F64, 1).expand(Shape.of(1, 3));
    View b = Layout.DENSE.of(DType.F64, Shape.of(3, 2), 1, 2, 3, 4, 5, 6);
    View out = Layout.DENSE.view(DType.F64, Shape.of(1, 2));
    backend.matmul(false, false, 1, 0, ones, b, out);
    assertArrayEquals(new double[] {9, 12}, values(out));
  }

  @Test
  void anEmptyInnerAxisGivesZero() {
    View a = Layout.DENSE.view(DType.F32, Shape.of(2, 0));
    View b = Layout.DENSE.view(DType.F32, Shape.of(0, 2));
    View out = Layout.DENSE.view(DType.F32, Shape.of(2, 2));
    backend.matmul(false, false, 1, 0, a, b, out);
    assertArrayEquals(new double[4], values(out));
    backend.fill(out, 3);
    backend.matmul(false, false, 1, 1, a, b, out);
    assertArrayEquals(new double[] {3, 3, 3, 3}, values(out));
    View nothing = Layout.DENSE.view(DType.F32, Shape.of(0, 0));
    backend.matmul(true, true, 1, 0, a, Layout.DENSE.view(DType.F32, Shape.of(0, 2)), nothing);
  }

  @Test
  void accumulatesInDouble() {
    View a = Layout.DENSE.of(DType.F32, Shape.of(1, 3), 16777216, 1, -16777216);
    View b = Layout.DENSE.of(DType.F32, Shape.of(3, 1), 1, 1, 1);
    View out = Layout.DENSE.view(DType.F32, Shape.of(1, 1));
    backend.matmul(false, false, 1, 0, a, b, out);
    assertEquals(1, values(out)[0]);
  }

  @Test
  void takesBfloat16AndGivesF32() {
    View a = Layout.DENSE.of(DType.BF16, Shape.of(1, 2), 1.0078125, 3);
    View b = Layout.SLICED.of(DType.BF16, Shape.of(2, 1), 1.0078125, 0.5);
    View out = Layout.DENSE.view(DType.F32, Shape.of(1, 1));
    backend.matmul(false, false, 1, 0, a, b, out);
    assertEquals(1.0078125 * 1.0078125 + 1.5, values(out)[0]);
  }

  @Test
  void nanReachesTheResult() {
    View a = Layout.DENSE.of(DType.F64, Shape.of(1, 2), 0, 1);
    View b = Layout.DENSE.of(DType.F64, Shape.of(2, 1), Double.NaN, 1);
    View out = Layout.DENSE.view(DType.F64, Shape.of(1, 1));
    backend.matmul(false, false, 1, 0, a, b, out);
    assertEquals(Double.NaN, values(out)[0]);
  }

  @Test
  void wrongShapesAreNoticed() {
    View a = Layout.DENSE.view(DType.F32, Shape.of(2, 3));
    View out = Layout.DENSE.view(DType.F32, Shape.of(2, 2));
    assertThrows(AssertionError.class, () -> backend.matmul(false, false, 1, 0, a, a, out));
    assertThrows(AssertionError.class, () -> backend.matmul(false, false, 1, 0, out, out, out));
  }
}
