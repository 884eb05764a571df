package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.cuda.sim.Schedule;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.data.Digits;
import talweg.data.Split;
import talweg.data.SplitRule;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Dropout;
import talweg.nn.Flatten;
import talweg.nn.LayerNorm;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.optim.schedule.LinearRamp;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;
import talweg.train.EpochResult;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/** Trainings on the simulated device: as on the CPU, replayed as written, and without leaks. */
@ExtendWith(SimulatedCuda.class)
class CudaTrainingTest {
  private static final long SEED = 42;
  private static final int BATCH = 16;

  private final Settings settings = new Settings();

  /** Whatever this machine has of cuBLAS, it cannot run on the simulated device. */
  @BeforeEach
  void useOwnProducts() {
    settings.set(ProductProviders.PROPERTY, "own");
  }

  @AfterEach
  void restore() {
    settings.restore();
  }

  private static Dataset digits() throws IOException {
    try (InputStream in =
        CudaTrainingTest.class.getResourceAsStream("/talweg/data/digits.csv.gz")) {
      return Digits.read(in);
    }
  }

  /** A network with everything whose state a step changes, or that draws random numbers. */
  private static final class Run {
    final Session session;
    final Module model;
    final Optimizer optimizer;
    final Tensor x;
    final Tensor y;
    final Tensor loss;

    Run(Session session, DType dtype) {
      this.session = session.seed(SEED);
      this.model =
          new Sequential(
                  new Flatten(),
                  new Linear(64, 24),
                  new LayerNorm(24),
                  new Activation(Activation.Kind.GELU),
                  new Dropout(0.25),
                  // No bias, which the batch norm would take off again: its gradient is noise.
                  new Linear(24, 16, false),
                  new BatchNorm(16),
                  new Activation(Activation.Kind.RELU),
                  new Linear(16, 10))
              .init(session, dtype, SEED);
      this.optimizer =
          Optimizers.adamW(1e-2)
              .schedule(new LinearRamp(1e-2, 0.1, 1, 15))
              .bind(model, OptimizerOptions.DEFAULT.clip(new Clip.ByGlobalNorm(0.8, 2)));
      this.x = session.empty(DType.F32, Shape.of(BATCH, 8, 8));
      this.y = session.empty(DType.I32, Shape.of(BATCH));
      this.loss = session.zeros(dtype);
    }

    void upload(Batch batch) {
      session.upload(MemorySegment.ofArray(batch.x()), x.view());
      session.upload(MemorySegment.ofArray(batch.labels()), y.view());
    }

    void forwardBackward() {
      try (Scope _ = session.scope("step")) {
        Tensor value = Losses.crossEntropy(model.forward(x.to(loss.dtype())), y);
        value.backward();
        loss.assign(value);
      }
    }

    /** All numbers that the training has changed so far. */
    Map<String, double[]> state() {
      Map<String, double[]> state = new LinkedHashMap<>();
      state.put("loss", new double[] {loss.item()});
      state.put("gradient norm", new double[] {optimizer.gradientNorm()});
      model.named().forEach((name, parameter) -> state.put(name, parameter.value().toDoubles()));
      return state;
    }
  }

  /** Losses and parameters after each of the steps. */
  private static List<Map<String, double[]>> eager(String device, DType dtype, int steps)
      throws IOException {
    List<Map<String, double[]>> states = new ArrayList<>();
    try (Session session = Session.open(device)) {
      Run run = new Run(session, dtype);
      for (int step = 0; step < steps; step++) {
        run.upload(batches().batch(step));
        run.forwardBackward();
        run.optimizer.step();
        states.add(run.state());
      }
    }
    return states;
  }

  private static Batches batches() throws IOException {
    return Batches.of(digits(), BATCH).shuffled(SEED, 1);
  }

  @ParameterizedTest
  @CsvSource({"F32, 1e-4", "F64, 1e-11"})
  void twentyStepsOfDigitsAreThoseOfTheCpu(DType dtype, double tolerance, SimulatedGpu gpu)
      throws IOException {
    List<Map<String, double[]>> expected = eager("cpu", dtype, 20);
    assertEquals(0, gpu.calls("cuLaunchKernel"));
    List<Map<String, double[]>> actual = eager("cuda", dtype, 20);
    assertTrue(gpu.calls("cuLaunchKernel") > 20 * 20);
    double worst = 0;
    for (int step = 0; step < 20; step++) {
      for (String name : expected.get(step).keySet()) {
        double[] a = actual.get(step).get(name);
        double[] e = expected.get(step).get(name);
        for (int i = 0; i < e.length; i++) {
          worst = Math.max(worst, Math.abs(a[i] - e[i]) / Math.max(1, Math.abs(e[i])));
        }
        assertArrayEquals(e, a, tolerance, "step " + (step + 1) + ", " + name);
      }
    }
    System.out.printf("20 steps in %s: the largest difference is %.2g%n", dtype, worst);
    double first = expected.getFirst().get("loss")[0];
    assertTrue(expected.getLast().get("loss")[0] < first, "nothing was learnt");
  }

  @ParameterizedTest
  @EnumSource(names = {"FORWARD", "BACKWARD"})
  void theOrderInWhichThreadsRunDoesNotShow(Schedule order, SimulatedGpu gpu) throws IOException {
    List<Map<String, double[]>> expected = eager("cuda", DType.F32, 2);
    gpu.schedule(order);
    List<Map<String, double[]>> actual = eager("cuda", DType.F32, 2);
    for (int step = 0; step < 2; step++) {
      for (String name : expected.get(step).keySet()) {
        assertArrayEquals(expected.get(step).get(name), actual.get(step).get(name), name);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void replayedStepsAreThoseThatRunAsWritten(boolean deferred, SimulatedGpu gpu)
      throws IOException {
    int steps = 8;
    List<Map<String, double[]>> expected = eager("cuda", DType.F32, steps);
    if (deferred) {
      gpu.defer();
    }
    int graphs = gpu.calls("cuGraphLaunch");
    try (Session session = Session.open("cuda")) {
      Run run = new Run(session, DType.F32);
      run.upload(batches().batch(0));
      run.forwardBackward();
      run.optimizer.step();
      run.upload(batches().batch(1));
      run.optimizer.prepare();
      Capture capture =
          session.capture(() -> {
            run.forwardBackward();
            run.optimizer.apply();
          });
      for (int step = 1; step < steps; step++) {
        if (step > 1) {
          run.upload(batches().batch(step));
          run.optimizer.prepare();
          capture.replay();
        }
        Map<String, double[]> state = run.state();
        for (String name : state.keySet()) {
          double[] e = expected.get(step).get(name);
          assertArrayEquals(e, state.get(name), "step " + (step + 1) + ", " + name);
        }
      }
    }
    assertEquals(steps - 1, gpu.calls("cuGraphLaunch") - graphs);
  }

  @Test
  void theLossFallsOverTwoEpochs(SimulatedGpu gpu) throws IOException {
    Split split = digits().split(SplitRule.fractions(0.8, 0.2, 0), SEED);
    List<Double> losses = new ArrayList<>();
    for (String device : List.of("cpu", "cuda")) {
      try (Session session = Session.open(device).seed(SEED)) {
        Module model =
            new Sequential(
                    new Flatten(),
                    new Linear(64, 16),
                    new Activation(Activation.Kind.RELU),
                    new Dropout(0.1),
                    new Linear(16, 10))
                .init(session, SEED);
        Trainer trainer =
            new Trainer(
                model,
                Objective.crossEntropy(),
                Optimizers.adamW(1e-2),
                TrainerOptions.of(2, 128).seed(SEED));
        List<EpochResult> epochs = trainer.fit(split.train(), split.validation()).epochs();
        losses.add(epochs.getFirst().train().loss());
        losses.add(epochs.getLast().train().loss());
        losses.add(epochs.getLast().validation().loss());
      }
    }
    System.out.println("losses on cpu and cuda: " + losses);
    assertTrue(losses.get(4) < 0.8 * losses.get(3), losses::toString);
    for (int i = 0; i < 3; i++) {
      assertEquals(losses.get(i), losses.get(i + 3), 1e-3);
    }
    assertTrue(gpu.calls("cuGraphLaunch") >= 12, "the steps were not captured");
  }

  @Test
  void memoryIsFlatOverAThousandSteps(SimulatedGpu gpu) {
    try (Session session = Session.open("cuda").seed(SEED)) {
      Module model = new Sequential(new Linear(4, 3), new Dropout(0.5)).init(session, SEED);
      Optimizer optimizer = Optimizers.sgd(0.9, 0, false, 0).bind(model);
      Tensor x = session.tensor(new float[] {1, 2, 3, 4, 4, 3, 2, 1}, 2, 4);
      Tensor y = session.tensor(new int[] {0, 2}, 2);
      Runnable step =
          () -> {
            try (Scope _ = session.scope("step")) {
              Losses.crossEntropy(model.forward(x), y).backward();
            }
            optimizer.apply();
          };
      long[] before = null;
      for (int i = 0; i < 500; i++) {
        optimizer.prepare();
        step.run();
        if (i == 10) {
          before = held(gpu);
        }
      }
      assertArrayEquals(before, held(gpu), "as written");
      optimizer.prepare();
      Capture capture = session.capture(step);
      capture.replay();
      before = held(gpu);
      for (int i = 0; i < 500; i++) {
        optimizer.prepare();
        capture.replay();
      }
      assertArrayEquals(before, held(gpu), "replayed");
    }
  }

  private static long[] held(SimulatedGpu gpu) {
    return new long[] {
      gpu.liveBytes(),
      gpu.liveAllocations(),
      gpu.peakBytes(),
      gpu.pinnedBytes(),
      gpu.calls("cuMemAllocAsync"),
      gpu.calls("cuEventCreate"),
      gpu.calls("cuModuleGetFunction")
    };
  }
}
