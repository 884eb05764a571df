package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.CaptureException;
import talweg.error.ClosedScopeException;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.op.RandomKind;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Captures on any backend: what they outlive, their constants, and how a step is compared. */
public abstract class CaptureChecks {
  private final Supplier<Backend> backends;
  private Session session;
  private Tensor x;
  private Tensor out;

  protected CaptureChecks(Supplier<Backend> backends) {
    this.backends = backends;
  }

  @BeforeEach
  void open() {
    session = new Session(backends.get());
    x = session.tensor(new float[] {1, 2, 3}, 3);
    out = session.zeros(DType.F32, 3);
  }

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void aReplayAfterItsTensorsScopeIsClosedIsRefused() {
    Capture capture;
    try (Scope _ = session.scope("short")) {
      Tensor in = session.tensor(new float[] {1, 1, 1, 1}, 4);
      capture = session.capture(() -> in.assign(in.add(100)));
    }
    Tensor other = session.tensor(new float[] {7, 7, 7, 7}, 4);
    assertThrows(ClosedScopeException.class, capture::replay);
    assertThrows(ClosedScopeException.class, () -> capture.rerun(() -> {}));
    assertArrayEquals(new float[] {7, 7, 7, 7}, other.toFloats());
    session.trimMemory();
    assertThrows(ClosedScopeException.class, capture::replay);
  }

  /** Fused calls name their tensors in their own way. */
  @Test
  void tensorsOfFusedCallsAreNoticedToo() {
    Capture capture;
    Tensor gamma = session.full(DType.F32, 2, 3);
    try (Scope _ = session.scope("short")) {
      Tensor beta = session.zeros(DType.F32, 3);
      capture =
          session.capture(
              () -> talweg.nn.Functional.layerNorm(x.reshape(1, 3), 1, gamma, beta, 1e-5));
    }
    ClosedScopeException error = assertThrows(ClosedScopeException.class, capture::replay);
    assertTrue(error.getMessage().contains("scope"), error.getMessage());
  }

  @Test
  void resultsMayEndBeforeTheCapture() {
    Capture capture;
    try (Scope _ = session.scope("results")) {
      capture =
          session.capture(() -> {
            Tensor result = x.mul(2);
            out.assign(result);
          });
    }
    x.assign(new double[] {5, 6, 7});
    Tensor other = session.full(DType.F32, 9, 3);
    capture.replay();
    assertArrayEquals(new float[] {10, 12, 14}, out.toFloats());
    assertArrayEquals(new float[] {9, 9, 9}, other.toFloats());
  }

  @Test
  void aReleasedCaptureIsRefused() {
    Capture released = session.capture(() -> out.assign(x.add(1)));
    session.release(released);
    assertThrows(ClosedScopeException.class, released::replay);
    assertThrows(ClosedScopeException.class, () -> session.release(released));
    released.close();
    Capture closed = session.capture(() -> out.assign(x.add(2)));
    closed.close();
    closed.close();
    assertThrows(ClosedScopeException.class, closed::replay);
    assertThrows(ClosedScopeException.class, () -> session.release(closed));
    assertArrayEquals(new float[] {3, 4, 5}, out.toFloats());
  }

  @Test
  void aCaptureDoesNotOutliveItsSession() {
    Capture capture = session.capture(() -> out.assign(x.add(1)));
    session.close();
    assertThrows(ClosedScopeException.class, capture::replay);
    assertThrows(ClosedScopeException.class, () -> capture.rerun(() -> {}));
    assertThrows(ClosedScopeException.class, () -> session.release(capture));
    capture.close();
  }

  @Test
  void constantsAreKeptWithTheCapture() {
    session.capture(() -> {}).close();
    long before = session.memory().held();
    Runnable step =
        () -> {
          try (Scope _ = session.scope("step")) {
            Tensor sum = x;
            for (int i = 1; i <= 4; i++) {
              try (Scope inner = session.scope("inner")) {
                Tensor weights = session.tensor(new float[] {i, 10 * i, 100 * i}, 3);
                sum = inner.keep(sum.mul(weights).add(session.tensor(new float[] {0, 1, 2}, 3)));
              }
            }
            out.assign(sum);
          }
        };
    step.run();
    float[] expected = out.toFloats();
    Capture capture = session.capture(step);
    assertArrayEquals(expected, out.toFloats());
    for (int replay = 0; replay < 3; replay++) {
      out.assign(new double[3]);
      capture.replay();
      assertArrayEquals(expected, out.toFloats());
    }
    capture.rerun(step);
    session.release(capture);
    session.trimMemory();
    assertTrue(session.memory().held() <= before, "constants are freed");
  }

  @Test
  void aConstantIsNotOverwritten() {
    CaptureException error =
        assertThrows(
            CaptureException.class,
            () ->
                session.capture(() -> {
                  Tensor sum = session.tensor(new float[3], 3);
                  sum.assign(sum.add(x));
                }));
    assertTrue(error.getMessage().contains("overwritten"), error.getMessage());
    assertEquals(6, x.sum().item());
  }

  @Test
  void nothingIsReadInside() {
    CaptureException error =
        assertThrows(CaptureException.class, () -> session.capture(() -> x.sum().item()));
    assertTrue(error.getMessage().contains("reading a tensor"), error.getMessage());
    MemorySegment values = MemorySegment.ofArray(new float[3]);
    assertThrows(
        CaptureException.class, () -> session.capture(() -> session.upload(values, x.view())));
    assertEquals(6, x.sum().item());
  }

  /** Its work would be missing in replays. */
  @Test
  void aReplayInsideACapturedStepIsRefused() {
    Runnable add = () -> out.assign(out.add(x));
    Capture inner = session.capture(add);
    Capture outer = session.capture(() -> x.assign(x.add(1)));
    List<Runnable> nested =
        List.of(
            () -> session.capture(inner::replay),
            () -> session.capture(() -> inner.rerun(add)),
            () -> outer.rerun(inner::replay),
            () -> outer.rerun(() -> session.capture(add)),
            () -> session.capture(() -> session.hostSeconds(add)));
    for (Runnable wrong : nested) {
      CaptureException error = assertThrows(CaptureException.class, wrong::run);
      assertTrue(error.getMessage().contains("capture:"), error.getMessage());
    }
    assertArrayEquals(new float[] {1, 2, 3}, out.toFloats(), "nothing was done");
    x.assign(new double[] {1, 1, 1});
    inner.replay();
    outer.replay();
    inner.replay();
    assertArrayEquals(new float[] {4, 5, 6}, out.toFloats());
  }

  /** The host's part of a step would be done once, so that learning rates would stand still. */
  @Test
  void anOptimizersHostPartInsideACapturedStepIsRefused() {
    Module model = new Linear(3, 2).init(session, 1);
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    backward(model);
    optimizer.step();
    double[] before = model.state().get("weight").toDoubles();
    for (Runnable host :
        List.<Runnable>of(optimizer::step, optimizer::stepKeepingGradients, optimizer::prepare)) {
      CaptureException error = assertThrows(CaptureException.class, () -> session.capture(host));
      assertTrue(error.getMessage().contains("prepare() before"), error.getMessage());
      assertTrue(error.getMessage().contains("apply()"), error.getMessage());
    }
    assertEquals(1, optimizer.attemptedSteps());
    assertEquals(1, optimizer.appliedSteps());
    assertArrayEquals(before, model.state().get("weight").toDoubles());
  }

  /** Which parameters have a gradient is known to the device from a step as written only. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCapturedStepWithoutOneAsWrittenIsRefused(boolean composed) {
    double[][] results = new double[2][];
    for (int captured = 0; captured < 2; captured++) {
      Module model = new Linear(3, 2).init(session, 1);
      Optimizer optimizer =
          Optimizers.sgd(0.1).bind(model, OptimizerOptions.DEFAULT.composed(composed));
      Runnable step =
          () -> {
            backward(model);
            optimizer.apply();
          };
      if (captured == 1) {
        CaptureException error = assertThrows(CaptureException.class, () -> session.capture(step));
        assertTrue(error.getMessage().contains("\"weight\""), error.getMessage());
        assertTrue(error.getMessage().contains("step once as written"), error.getMessage());
      }
      backward(model);
      optimizer.step();
      Capture capture = null;
      for (int i = 0; i < 3; i++) {
        optimizer.prepare();
        if (captured == 0) {
          step.run();
        } else if (capture == null) {
          capture = session.capture(step);
        } else {
          capture.replay();
        }
      }
      results[captured] = model.state().get("weight").toDoubles();
    }
    assertArrayEquals(results[0], results[1]);
  }

  /** Another branch of the network than in the last step as written. */
  @Test
  void aCapturedStepWithOtherGradientsIsRefused() {
    Linear[] branches = {new Linear(3, 2), new Linear(3, 2)};
    Module model = new Sequential(branches[0], new Sequential(branches[1])).init(session, 1);
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    backward(branches[0]);
    optimizer.step();
    optimizer.prepare();
    CaptureException error =
        assertThrows(
            CaptureException.class,
            () ->
                session.capture(() -> {
                  backward(branches[1]);
                  optimizer.apply();
                }));
    assertTrue(error.getMessage().contains("\"0.weight\""), error.getMessage());
    assertTrue(error.getMessage().contains("has no gradient"), error.getMessage());
  }

  private void backward(Module model) {
    try (Scope _ = session.scope("step")) {
      model.forward(x.reshape(1, 3)).square().mean().backward();
    }
  }

  @Test
  void valuesThatAreAssignedAreAssignedByEachReplay() {
    Capture capture = session.capture(() -> x.assign(new double[] {4, 5, 6}));
    x.assign(new double[3]);
    capture.replay();
    assertArrayEquals(new float[] {4, 5, 6}, x.toFloats());
  }

  @Test
  void anEqualStepPassesTheComparison() {
    Runnable step =
        () -> {
          try (Scope _ = session.scope("step")) {
            Tensor noise = session.random(RandomKind.UNIFORM, DType.F32, 3);
            Tensor scaled = x.mul(3).add(noise.mul(0)).add(session.tensor(new float[] {1}, 1));
            out.assign(scaled.reshape(1, 3).matmul(x.reshape(3, 1)).reshape(1).expand(3));
          }
        };
    step.run();
    Capture capture = session.capture(step);
    capture.replay();
    float[] expected = out.toFloats();
    // Results lie elsewhere from run to run.
    session.zeros(DType.F32, 3);
    out.assign(new double[3]);
    capture.rerun(step);
    assertArrayEquals(expected, out.toFloats());
    capture.replay();
    assertArrayEquals(expected, out.toFloats());
  }

  @Test
  void aDifferentStepIsNamed() {
    Tensor twin = session.tensor(new float[] {1, 2, 3}, 3);
    Tensor longer = session.zeros(DType.F32, 4);
    Capture capture = session.capture(() -> step(x, 2, 1));
    capture.rerun(() -> step(x, 2, 1));
    Map<Runnable, String> others =
        Map.of(
            () -> step(x, 2.5, 1),
            "operation 1 was recorded as affine(2.0, 0.0, F32[3], F32[3])",
            () -> step(twin, 2, 1),
            "on another tensor",
            () -> step(x.reshape(1, 3), 2, 1),
            "F32[1, 3]",
            () -> step(x, 2, 5),
            "upload(values",
            () -> {
              step(x, 2, 1);
              longer.assign(longer.exp());
            },
            "was recorded as the end of the step and is now unary(EXP",
            () -> x.mul(2),
            "is now the end of the step",
            () -> out.assign(x.exp()),
            "is now unary(EXP");
    others.forEach((other, message) -> {
      CaptureException error =
          assertThrows(CaptureException.class, () -> capture.rerun(other), message);
      assertTrue(error.getMessage().contains(message), error.getMessage());
      assertNotEquals(-1, error.getMessage().indexOf("operation "), error.getMessage());
    });
    capture.rerun(() -> step(x, 2, 1));
  }

  private void step(Tensor in, double factor, float constant) {
    try (Scope _ = session.scope("step")) {
      out.assign(in.mul(factor).add(session.tensor(new float[] {constant}, 1)).reshape(3));
    }
  }

  /** What an optimizer's stream drew without a step, and the 1 that gradients start from. */
  @Test
  void aRerunOfTheSameWorkPasses() {
    Module model = new Sequential(new Linear(3, 4), new Dropout(0.5)).init(session, 1);
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    Tensor mean = session.zeros(DType.F32, 1);
    Runnable step =
        () -> {
          try (Scope _ = session.scope("step")) {
            Tensor loss = model.forward(x.reshape(1, 3)).square().mean();
            mean.assign(loss.detach());
            loss.backward();
            optimizer.zeroGrad();
          }
        };
    Capture capture = session.capture(step);
    Set<Float> means = new HashSet<>();
    for (int i = 0; i < 4; i++) {
      capture.rerun(step);
      means.add(mean.toFloats()[0]);
      capture.replay();
      means.add(mean.toFloats()[0]);
    }
    assertTrue(means.size() > 4, "new masks each time: " + means);
  }

  /** The flat memory of a closed optimizer stays as long as one parameter is on it. */
  @Test
  void aReplayOnValuesThatLieElsewhereNowIsRefused() {
    Linear first = new Linear(3, 3);
    Linear second = new Linear(3, 2);
    Module model = new Sequential(first, second).init(session, 1);
    Optimizer both = Optimizers.sgd(0.1).bind(model);
    Tensor scores = session.zeros(DType.F32, 2);
    Capture capture =
        session.capture(() -> scores.assign(model.forward(x.reshape(1, 3)).detach().reshape(2)));
    both.close();
    capture.replay();
    first.init(session, 9);
    ClosedScopeException error = assertThrows(ClosedScopeException.class, capture::replay);
    assertTrue(error.getMessage().contains("replaced"), error.getMessage());
  }

  /** A stream whose step nobody ends inside must not repeat itself either. */
  @Test
  void drawsDifferFromReplayToReplay() {
    Tensor noise = session.zeros(DType.F64, 2);
    Capture capture =
        session.capture(() -> noise.assign(session.random(RandomKind.NORMAL, DType.F64, 2)));
    double[] first = noise.toDoubles();
    capture.replay();
    double[] second = noise.toDoubles();
    capture.replay();
    double[] third = noise.toDoubles();
    assertEquals(
        6,
        List.of(first[0], first[1], second[0], second[1], third[0], third[1]).stream()
            .distinct()
            .count());
    // As if it had not been captured.
    session.seed(0);
    for (double[] drawn : List.of(first, second, third)) {
      assertArrayEquals(drawn, session.random(RandomKind.NORMAL, DType.F64, 2).toDoubles());
    }
  }

  @Test
  void timeOnTheHostIsPartOfTheWhole() {
    long start = System.nanoTime();
    double host = session.hostSeconds(() -> out.assign(x.add(1).mul(2)));
    double all = (System.nanoTime() - start) * 1e-9;
    assertTrue(host > 0 && host <= all, host + " of " + all);
    assertArrayEquals(new float[] {4, 6, 8}, out.toFloats());
  }
}
