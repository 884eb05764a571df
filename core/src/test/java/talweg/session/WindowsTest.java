package talweg.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.error.ShapeException;
import talweg.op.Op;
import talweg.op.Window2d;
import talweg.reference.ReferenceBackend;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** Windows as overlapping views, and their adjoint. Another seed: {@code -Dtalweg.test.seed=N}. */
class WindowsTest {
  private static final long SEED = Long.getLong("talweg.test.seed", 20260104);
  private static final Window2d OVERLAPPING =
      new Window2d(Size2d.of(2), Size2d.of(1), Size2d.of(1));

  private final Session session = new Session(new ReferenceBackend());
  private final Random random = new Random(SEED);

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void aWindowIsAViewOfTheImage() {
    Tensor x = session.tensor(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8}, 3, 3);
    Tensor windows = windows(OVERLAPPING, x);
    assertEquals(Shape.of(2, 2, 2, 2), windows.shape());
    assertSame(x.storage(), windows.storage());
    double[] expected = {0, 1, 3, 4, 1, 2, 4, 5, 3, 4, 6, 7, 4, 5, 7, 8};
    assertArrayEquals(expected, windows.toDoubles());
  }

  @Test
  void strideAndDilationMoveApart() {
    Window2d window = new Window2d(Size2d.of(1, 2), Size2d.of(2, 1), Size2d.of(1, 2));
    Tensor x = session.tensor(new double[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 3, 4);
    Tensor windows = windows(window, x);
    assertEquals(Shape.of(2, 2, 1, 2), windows.shape());
    assertArrayEquals(new double[] {0, 2, 1, 3, 8, 10, 9, 11}, windows.toDoubles());
  }

  @Test
  void foldingCountsHowOftenAnElementIsSeen() {
    Tensor x = session.full(talweg.tensor.DType.F64, 1, 3, 3);
    Op fold = new Op.FoldWindows(OVERLAPPING, x.shape());
    double[] counts = session.dispatcher().apply(fold, windows(OVERLAPPING, x)).toDoubles();
    assertArrayEquals(new double[] {1, 2, 1, 2, 4, 2, 1, 2, 1}, counts);
  }

  @Test
  void foldingIsTheAdjoint() {
    for (Window2d window :
        List.of(
            OVERLAPPING,
            new Window2d(Size2d.of(3, 2), Size2d.of(2, 1), Size2d.of(1, 3)),
            new Window2d(Size2d.of(1, 3), Size2d.of(3, 2), Size2d.of(2)))) {
      Tensor x = random(2, 3, 6, 7);
      Tensor windows = windows(window, x);
      Tensor y = random(windows.shape().dims());
      Tensor folded = session.dispatcher().apply(new Op.FoldWindows(window, x.shape()), y);
      double left = windows.mul(y).sum().item();
      assertEquals(left, x.mul(folded).sum().item(), 1e-12, () -> window + ", seed " + SEED);
    }
  }

  @Test
  void overlappingWindowsAreNotWrittenTo() {
    Tensor x = random(3, 3);
    Tensor windows = windows(OVERLAPPING, x);
    assertFalse(windows.view().isInjective());
    ShapeException refused =
        assertThrows(ShapeException.class, () -> windows.assign(session.full(x.dtype(), 0)));
    assertTrue(refused.getMessage().contains("more than once"), refused.getMessage());
    assertThrows(AssertionError.class, () -> session.backend().fill(windows.view(), 0));
    Window2d apart = new Window2d(Size2d.of(1, 3), Size2d.of(1, 3), Size2d.of(1));
    windows(apart, x).assign(session.full(x.dtype(), 2));
    assertEquals(18, x.sum().item());
  }

  private Tensor windows(Window2d window, Tensor x) {
    return session.dispatcher().apply(new Op.Windows(window), x);
  }

  private Tensor random(int... dims) {
    double[] values = new double[Math.toIntExact(Shape.of(dims).size())];
    Arrays.setAll(values, i -> random.nextGaussian());
    return session.tensor(values, dims);
  }
}
