package talweg.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.ClosedScopeException;
import talweg.error.TalwegException;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.reference.ReferenceBackend;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Lifetimes, and how they meet the tape. */
class ScopeTest {
  private final Session session = new Session(new ReferenceBackend());

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void useAfterCloseNamesTensorAndScope() {
    Tensor x;
    try (Scope _ = session.scope("step 7")) {
      x = vector(1, 2).named("logits");
    }
    for (var use :
        List.<Executable>of(x::toDoubles, () -> x.add(1), () -> x.reshape(1, 2), x::view)) {
      String message = assertThrows(ClosedScopeException.class, use).getMessage();
      assertTrue(message.contains("\"logits\" F64[2]"), message);
      assertTrue(message.contains("\"step 7\""), message);
      assertTrue(message.contains("keep"), message);
    }
  }

  @Test
  void keepMovesATensorOneScopeUp() {
    Tensor kept;
    try (Scope _ = session.scope("outer")) {
      try (Scope inner = session.scope("inner")) {
        kept = inner.keep(vector(1, 2).add(1));
      }
      assertArrayEquals(new double[] {2, 3}, kept.toDoubles());
    }
    String message = assertThrows(ClosedScopeException.class, kept::toDoubles).getMessage();
    assertTrue(message.contains("\"outer\""), message);
  }

  @Test
  void keepingAViewKeepsWhatItShows() {
    Tensor view;
    try (Scope inner = session.scope("inner")) {
      view = inner.keep(session.tensor(new double[] {1, 2, 3, 4}, 2, 2).transpose());
    }
    // New memory must not land on the kept one.
    session.full(DType.F64, 9, 2, 2);
    assertArrayEquals(new double[] {1, 3, 2, 4}, view.toDoubles());
  }

  @Test
  void keepChecksItsScopes() {
    Tensor outer = vector(1);
    try (Scope inner = session.scope("inner")) {
      assertEquals(outer, inner.keep(outer));
    }
    assertEquals(1, outer.item());
    Scope closed = session.scope("done");
    closed.close();
    closed.close();
    assertThrows(ClosedScopeException.class, () -> closed.keep(outer));
    assertThrows(ClosedScopeException.class, () -> session.root().keep(outer));
  }

  @Test
  void scopesCloseInReverseOrder() {
    Scope outer = session.scope("outer");
    Scope inner = session.scope("inner");
    String message = assertThrows(ClosedScopeException.class, outer::close).getMessage();
    assertTrue(message.contains("\"outer\"") && message.contains("\"inner\""), message);
    inner.close();
    outer.close();
    assertEquals(session.root(), session.innermost());
  }

  @Test
  void anExceptionUnwindsScopes() {
    assertThrows(
        ArithmeticException.class,
        () -> {
          try (Scope _ = session.scope("outer");
              Scope _ = session.scope("inner")) {
            throw new ArithmeticException();
          }
        });
    assertEquals(session.root(), session.innermost());
  }

  @Test
  void theTapeEndsWithItsScope() {
    Tensor x = vector(1, 2).requireGrad();
    x.square();
    assertEquals(1, session.tape().size());
    try (Scope _ = session.scope("evaluation without noGrad")) {
      x.square().sum();
      assertEquals(3, session.tape().size());
    }
    assertEquals(1, session.tape().size());
  }

  @Test
  void aRecordedTensorKeptOutOfItsScopeHasNoHistory() {
    Tensor x = vector(1, 2).requireGrad();
    Tensor kept;
    try (Scope step = session.scope("step")) {
      kept = step.keep(x.square());
    }
    Tensor other = x.exp();
    assertEquals(kept.slot(), other.slot());
    Tensor loss = kept.mul(other).sum();
    String message = assertThrows(TalwegException.class, loss::backward).getMessage();
    assertTrue(message.contains("no longer recorded"), message);
    assertThrows(TalwegException.class, kept.sum()::backward);
    Tensor detached = kept.detach().mul(x).sum();
    x.gradientSlot().clear();
    detached.backward();
    assertArrayEquals(new double[] {1, 4}, x.grad().toDoubles());
  }

  @Test
  void gradientsOutliveTheStepOfTheirLeaf() {
    Tensor x = vector(1, 2).requireGrad();
    try (Scope _ = session.scope("step")) {
      x.square().sum().backward();
    }
    assertArrayEquals(new double[] {2, 4}, x.grad().toDoubles());
    Tensor gradient;
    try (Scope step = session.scope("step")) {
      gradient = step.keep(Gradients.of(x.square().sum()).wrt(x));
    }
    assertArrayEquals(new double[] {2, 4}, gradient.toDoubles());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void memoryStaysFlatOverTrainingSteps(boolean withGradientsObject) {
    Module model =
        new Sequential(new Linear(8, 16), new Activation(Activation.Kind.GELU), new Linear(16, 3))
            .init(session, 1);
    Optimizer optimizer = Optimizers.adamW(1e-3).bind(model);
    long held = 0;
    for (int step = 0; step < 50; step++) {
      try (Scope _ = session.scope("step")) {
        Tensor x = session.full(DType.F32, 0.1 * step, 5, 8);
        Tensor classes = session.tensor(new int[] {0, 1, 2, 1, 0}, 5);
        Tensor loss = Losses.crossEntropy(model.forward(x), classes);
        if (withGradientsObject) {
          Tensor w = model.trainable().getFirst().value();
          assertNotNull(Gradients.of(loss).retainGraph().wrt(w));
          Gradients.of(loss).createGraph().wrt(w);
        }
        loss.backward();
        optimizer.step();
      }
      if (step == 2) {
        held = session.bytesHeld();
      }
    }
    assertEquals(held, session.bytesHeld());
    assertEquals(0, session.tape().size());
  }

  @Test
  void intermediateGradientsAreFreedDuringBackward() {
    Tensor x = session.zeros(DType.F64, 1000).requireGrad();
    long before;
    try (Scope _ = session.scope("deep")) {
      Tensor y = x;
      for (int i = 0; i < 50; i++) {
        y = y.sin();
      }
      Tensor loss = y.sum();
      before = session.bytesHeld();
      loss.backward();
    }
    long vectors = (session.bytesHeld() - before) / (1000 * Double.BYTES);
    assertTrue(vectors <= 6, "backward of 50 operations took memory for " + vectors + " vectors");
  }

  @Test
  void sessionsStayOnTheirThread() throws InterruptedException {
    Tensor x = vector(1, 2);
    AtomicReference<Throwable> caught = new AtomicReference<>();
    Thread other =
        new Thread(
            () -> {
              try {
                x.add(1);
              } catch (TalwegException e) {
                caught.set(e);
              }
            },
            "loader");
    other.start();
    other.join();
    assertTrue(caught.get().getMessage().contains("\"loader\""), caught.get()::toString);
  }

  @Test
  void aClosedSessionSaysSo() {
    Session done = new Session(new ReferenceBackend());
    Tensor x = done.scalar(DType.F32, 1);
    done.close();
    assertThrows(ClosedScopeException.class, () -> x.add(1));
    assertThrows(ClosedScopeException.class, () -> done.zeros(DType.F32, 2));
    assertThrows(ClosedScopeException.class, done::scope);
  }

  private Tensor vector(double... values) {
    return session.tensor(values, values.length);
  }
}
