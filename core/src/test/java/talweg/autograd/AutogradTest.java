package talweg.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.error.TalwegException;
import talweg.op.BinaryKind;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

class AutogradTest {
  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void backwardConsumesTheGraph() {
    Tensor x = leaf(1, 2);
    Tensor loss = x.square().sum();
    loss.backward();
    assertEquals(0, session.tape().size());
    assertMessage(
        TalwegException.class, loss::backward, "no longer recorded", "call backward() once");
    assertArrayEquals(new double[] {2, 4}, x.grad().toDoubles());
  }

  @Test
  void aSecondLossOverAConsumedPartIsAnError() {
    Tensor x = leaf(1, 2);
    Tensor shared = x.square();
    shared.sum().backward();
    Tensor late = shared.mul(3).sum();
    assertMessage(TalwegException.class, late::backward, "no longer recorded");
  }

  @Test
  void aStaleTensorIsNotTakenForTheOneThatNowHasItsSlot() {
    Tensor x = leaf(1, 2);
    Tensor stale = x.square();
    stale.sum().backward();
    Tensor fresh = x.exp();
    assertEquals(stale.slot(), fresh.slot());
    Tensor loss = fresh.sum();
    assertMessage(TalwegException.class, () -> Gradients.of(loss).wrt(stale), "no longer recorded");
  }

  @Test
  void retainGraphAllowsAnotherWalk() {
    Tensor x = leaf(1, 2);
    Tensor y = x.square().sum();
    assertArrayEquals(new double[] {2, 4}, Gradients.of(y).retainGraph().wrt(x).toDoubles());
    assertArrayEquals(new double[] {2, 4}, Gradients.of(y).wrt(x).toDoubles());
    assertMessage(TalwegException.class, () -> Gradients.of(y).wrt(x), "no longer recorded");
    assertNull(x.grad());
  }

  @Test
  void createGraphGivesDifferentiableGradients() {
    Tensor x = leaf(2, -1);
    Tensor gradient = Gradients.of(x.pow(3).sum()).createGraph().wrt(x);
    assertTrue(gradient.requiresGrad());
    Tensor second = Gradients.of(gradient.sum()).createGraph().wrt(x);
    assertArrayEquals(new double[] {12, -6}, second.toDoubles(), 1e-15);
    assertArrayEquals(new double[] {6, 6}, Gradients.of(second.sum()).wrt(x).toDoubles(), 1e-15);
  }

  @Test
  void gradientsWithRespectToIntermediatesAndUnrelatedTensors() {
    Tensor x = leaf(1, 2);
    Tensor unrelated = leaf(5, 6);
    Tensor h = x.square();
    Tensor y = h.mul(h).sum();
    Tensor later = x.mul(7);
    List<Tensor> found = Gradients.of(y).retainGraph().wrt(List.of(h, x, unrelated, later));
    assertArrayEquals(new double[] {2, 8}, found.get(0).toDoubles());
    assertArrayEquals(new double[] {4, 32}, found.get(1).toDoubles());
    assertArrayEquals(new double[2], found.get(2).toDoubles());
    assertArrayEquals(new double[2], found.get(3).toDoubles());
    Tensor constant = vector(1, 1);
    assertMessage(
        TalwegException.class, () -> Gradients.of(y).wrt(constant), "does not require a gradient");
  }

  @Test
  void gradientsAccumulateUntilCleared() {
    Tensor x = leaf(1, 2);
    x.square().sum().backward();
    x.mul(10).sum().backward();
    assertArrayEquals(new double[] {12, 14}, x.grad().toDoubles());
    assertEquals(2, x.gradientSlot().contributions());
    x.gradientSlot().clear();
    assertNull(x.grad());
    x.mul(3).sum().backward();
    assertArrayEquals(new double[] {3, 3}, x.grad().toDoubles());
  }

  @Test
  void matrixProductsAccumulateInPlaceToo() {
    Tensor w = session.tensor(new double[] {1, 2, 3, 4}, 2, 2).requireGrad();
    Tensor x = session.tensor(new double[] {5, 6, 7, 8}, 2, 2);
    x.matmul(w).sum().backward();
    x.matmul(w, false, true).sum().backward();
    // X^T 1 twice: once as rows of w, once as columns.
    assertArrayEquals(new double[] {24, 26, 26, 28}, w.grad().toDoubles());
  }

  @Test
  void broadcastOperandsGetTheSumOfTheirCopies() {
    Tensor row = session.tensor(new double[] {1, 2, 3}, 1, 3).requireGrad();
    Tensor column = session.tensor(new double[] {1, 2}, 2, 1).requireGrad();
    Tensor scalar = session.scalar(DType.F64, 2).requireGrad();
    row.mul(column).mul(scalar).sum().backward();
    assertArrayEquals(new double[] {6, 6, 6}, row.grad().toDoubles());
    assertArrayEquals(new double[] {12, 12}, column.grad().toDoubles());
    assertEquals(18, scalar.grad().item());
    assertEquals(Shape.of(1, 3), row.grad().shape());
  }

  @Test
  void upstreamMustMatch() {
    Tensor x = leaf(1, 2);
    Tensor y = x.square();
    assertMessage(ShapeException.class, y::backward, "needs a scalar", "mean() or sum()");
    Tensor wrongShape = vector(1, 1, 1);
    assertMessage(ShapeException.class, () -> y.backward(wrongShape), "must match the output");
    Tensor wrongType = session.tensor(new float[] {1, 1}, 2);
    assertMessage(
        DTypeException.class, () -> y.backward(wrongType), "the output's type", "to(DType.F64)");
    try (Session other = new Session(new ReferenceBackend())) {
      Tensor foreign = other.tensor(new double[] {1, 1}, 2);
      assertMessage(TalwegException.class, () -> y.backward(foreign), "different sessions");
    }
    y.backward(vector(10, 100));
    assertArrayEquals(new double[] {20, 400}, x.grad().toDoubles());
  }

  @Test
  void noGradRecordsNothing() {
    Tensor x = leaf(1, 2);
    Tensor y;
    try (var _ = session.noGrad()) {
      y = x.square().sum();
    }
    assertFalse(y.requiresGrad());
    assertEquals(0, session.tape().size());
    assertMessage(TalwegException.class, y::backward, "does not depend on any tensor", "noGrad()");
    assertTrue(x.square().requiresGrad());
  }

  @Test
  void guardsNest() {
    try (var _ = session.noGrad()) {
      try (var _ = session.recording(true)) {
        assertTrue(session.isRecording());
      }
      assertFalse(session.isRecording());
    }
    assertTrue(session.isRecording());
  }

  @Test
  void detachStopsTheGradient() {
    Tensor x = leaf(3, 4);
    x.mul(x.detach()).sum().backward();
    assertArrayEquals(new double[] {3, 4}, x.grad().toDoubles());
    assertFalse(x.detach().requiresGrad());
  }

  @Test
  void comparisonsAndPositionsCarryNoGradient() {
    Tensor x = leaf(3, 4);
    assertFalse(x.compare(BinaryKind.GT, 3.5).requiresGrad());
    assertFalse(x.argmax(0).requiresGrad());
    assertFalse(x.to(DType.I32).requiresGrad());
    assertEquals(0, session.tape().size());
  }

  @Test
  void gradientsPassBetweenFloatingTypes() {
    Tensor x = session.tensor(new float[] {1, 2}, 2).requireGrad();
    x.to(DType.F64).square().sum().backward();
    assertEquals(DType.F32, x.grad().dtype());
    assertArrayEquals(new float[] {2, 4}, x.grad().toFloats());
  }

  @Test
  void gradientsPassThroughProductsInBfloat16() {
    Tensor w = session.tensor(new float[] {1, 2, 3, 4}, 2, 2).requireGrad();
    Tensor x = session.tensor(new float[] {0.5f, 1, 2, 4}, 2, 2).requireGrad();
    Tensor y = x.to(DType.BF16).matmul(w.to(DType.BF16), false, true);
    assertEquals(DType.F32, y.dtype());
    y.sum().backward();
    assertArrayEquals(new float[] {2.5f, 5, 2.5f, 5}, w.grad().toFloats());
    assertArrayEquals(new float[] {4, 6, 4, 6}, x.grad().toFloats());
  }

  @Test
  void onlyF32AndF64HaveGradients() {
    Tensor index = session.tensor(new int[] {1, 2}, 2);
    assertMessage(DTypeException.class, index::requireGrad, "F32 or F64", "to(DType.F32)");
    Tensor rounded = session.tensor(new float[] {1, 2}, 2).to(DType.BF16);
    assertMessage(DTypeException.class, rounded::requireGrad, "F32 or F64", "to(DType.F32)");
  }

  @Test
  void foreignTensorsAreRefused() {
    Tensor x = leaf(1, 2);
    try (Session other = new Session(new ReferenceBackend())) {
      Tensor y = other.tensor(new double[] {1, 2}, 2);
      Tensor index = other.tensor(new int[] {1, 0}, 2);
      for (Executable use :
          List.<Executable>of(
              () -> x.add(y),
              () -> x.matmul(y),
              () -> Tensor.concat(0, x, y),
              () -> x.gather(0, index),
              () -> x.scatterAdd(0, index, Shape.of(2)),
              () -> x.compare(BinaryKind.GT, 0).where(x, y),
              () -> x.detach().assign(y))) {
        assertMessage(TalwegException.class, use, "different sessions");
      }
    }
  }

  @Test
  void powersAtZeroHaveFiniteGradients() {
    Tensor a = leaf(0, 0, 0, 2);
    Tensor b = leaf(0, 1, 2, 0);
    a.pow(b).sum().backward();
    assertArrayEquals(new double[] {0, 1, 0, 0}, a.grad().toDoubles());
    assertArrayEquals(new double[] {0, 0, 0, Math.log(2)}, b.grad().toDoubles(), 1e-15);
  }

  @Test
  void shapesOfScatterAddAndUnsqueezeAreChecked() {
    Tensor x = vector(1, 2);
    Tensor index = session.tensor(new int[] {1, 0, 1}, 3);
    assertMessage(
        ShapeException.class, () -> x.scatterAdd(0, index, Shape.of(2)), "scatterAdd along axis 0");
    assertMessage(DTypeException.class, () -> x.scatterAdd(0, x, Shape.of(2)), "I32 or I64");
    assertMessage(ShapeException.class, () -> x.unsqueeze(2), "expected -2..1");
    assertEquals(Shape.of(2, 1), x.unsqueeze(-1).shape());
    assertEquals(Shape.of(1, 2), x.unsqueeze(-2).shape());
  }

  @Test
  void assigningToARecordedLeafIsRefused() {
    Tensor x = leaf(1, 2);
    Tensor y = vector(3, 4);
    assertMessage(DTypeException.class, () -> x.assign(y), "noGrad()");
    try (var _ = session.noGrad()) {
      x.assign(y);
    }
    assertArrayEquals(new double[] {3, 4}, x.toDoubles());
  }

  private Tensor leaf(double... values) {
    return vector(values).requireGrad();
  }

  private Tensor vector(double... values) {
    return session.tensor(values, values.length);
  }

  private static void assertMessage(
      Class<? extends TalwegException> type, Executable action, String... parts) {
    String message = assertThrows(type, action).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
