package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.backend.CountedBuffers;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Tensor;
import talweg.train.EpochResult;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;
import talweg.train.TrainingListener;

/**
 * Very many small steps: memory stays flat, numbers finite, counts and learning rates exact. {@code
 * -Dtalweg.soak.steps=1000000} is an hour's worth.
 */
class SoakTest {
  private static final int STEPS = Integer.getInteger("talweg.soak.steps", 20_000);
  private static final int BATCH = 4;
  private static final int STEPS_PER_EPOCH = 500;
  private static final int EPOCHS = STEPS / STEPS_PER_EPOCH;

  /** Steps that are replayed, and steps that run as written: those of several micro-batches. */
  @ParameterizedTest(name = "{0} batches per step")
  @ValueSource(ints = {1, 2})
  void memoryIsFlatAndEveryStepCounts(int accumulate) {
    int epochs = accumulate == 1 ? EPOCHS : EPOCHS / 4;
    long steps = (long) epochs * STEPS_PER_EPOCH / accumulate;
    Schedule cosine = new Schedule.Cosine(1e-2, steps, 1e-5);
    List<EpochResult> results = new ArrayList<>();
    List<Long> held = new ArrayList<>();
    List<Long> buffers = new ArrayList<>();
    List<Long> heap = new ArrayList<>();
    CountedBuffers counted = new CountedBuffers(new CpuProvider().open(DeviceSpec.DEFAULT));
    try (Session session = new Session(counted.backend())) {
      Trainer trainer =
          new Trainer(
              network(session),
              Objective.named("mse"),
              Optimizers.adamW(1).schedule(cosine),
              TrainerOptions.of(epochs, BATCH)
                  .optimizer(OptimizerOptions.DEFAULT.accumulate(accumulate)));
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              results.add(result);
              held.add(session.memory().held());
              buffers.add(counted.allocations());
              if (result.epoch() % Math.max(1, epochs / 4) == 0) {
                heap.add(usedHeap());
              }
            }
          });
      assertEquals(steps, trainer.fit(waves()).steps());
      assertEquals(steps, trainer.optimizer().attemptedSteps());
      assertEquals(steps, trainer.optimizer().appliedSteps());
      assertEquals(steps, trainer.optimizer().state().get("steps.random").item());
    }
    assertEquals(held.get(1), held.getLast(), "bytes on the device");
    assertEquals(buffers.get(1), buffers.getLast(), "buffers taken from the device");
    assertEquals(0, counted.live(), "buffers that were not returned");
    for (EpochResult result : results) {
      assertTrue(Double.isFinite(result.train().loss()), result::toString);
      assertTrue(Double.isFinite(result.gradientNorm()), result::toString);
      assertEquals((long) result.epoch() * STEPS_PER_EPOCH / accumulate, result.steps());
      assertEquals(cosine.rate(result.steps()), result.learningRate(), 1e-15);
    }
    assertTrue(results.getLast().train().loss() < 0.1 * results.getFirst().train().loss());
    System.out.printf(
        "%,d steps: loss %.3g to %.3g, %,d bytes on the device, heap %s%n",
        steps,
        results.getFirst().train().loss(),
        results.getLast().train().loss(),
        held.getLast(),
        heap);
  }

  /** With a gradient of 1, the weight is minus the sum of all rates: no step had a wrong one. */
  @Test
  void everyReplayedStepHasItsOwnRate() {
    Schedule schedule = new Schedule.Warmup(100, new Schedule.Cosine(1e-3, STEPS, 1e-4));
    double sum = 0;
    for (int step = 0; step < STEPS; step++) {
      sum += schedule.rate(step);
    }
    try (Session session = Session.open("cpu")) {
      Module model = new Linear(1, 1, false).init(session, DType.F64, 1);
      Optimizer optimizer = Optimizers.sgd(1).schedule(schedule).bind(model);
      Tensor one = session.full(DType.F64, 1, 1, 1);
      Tensor weight = model.trainable().getFirst().value();
      double start = weight.item();
      try (Scope _ = session.scope("first step")) {
        model.forward(one).sum().backward();
        optimizer.step();
      }
      optimizer.prepare();
      Capture step =
          session.capture(() -> {
            try (Scope _ = session.scope("step")) {
              model.forward(one).sum().backward();
              optimizer.apply();
            }
          });
      long held = session.bytesHeld();
      for (int i = 2; i < STEPS; i++) {
        optimizer.prepare();
        step.replay();
      }
      assertEquals(held, session.bytesHeld());
      assertEquals(STEPS, optimizer.appliedSteps());
      assertEquals(-sum, weight.item() - start, 1e-12 * STEPS);
    }
  }

  private static Module network(Session session) {
    return new Sequential(new Linear(3, 8), new Activation(Activation.Kind.TANH), new Linear(8, 1))
        .init(session, 42);
  }

  private static Dataset waves() {
    Random random = new Random(42);
    int examples = STEPS_PER_EPOCH * BATCH;
    float[] x = new float[examples * 3];
    float[] y = new float[examples];
    for (int i = 0; i < examples; i++) {
      for (int j = 0; j < 3; j++) {
        x[3 * i + j] = random.nextFloat() * 2 - 1;
      }
      y[i] = (float) Math.sin(2 * x[3 * i]) + x[3 * i + 1] * x[3 * i + 2];
    }
    return Dataset.regression("waves", x, new int[] {3}, y, List.of("y"));
  }

  /**
   * What a full collection left, which is only printed: that of this moment has buffers of the
   * threads in it, too.
   */
  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null)
        .mapToLong(pool -> pool.getCollectionUsage().getUsed())
        .sum();
  }
}
