package talweg.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import talweg.backend.CountedBuffers;
import talweg.data.Split;
import talweg.nn.Activation;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.train.EpochResult;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;
import talweg.train.TrainingListener;

/**
 * A long training takes no more memory at its end than at its beginning: the same bytes of the
 * device, and not one buffer more.
 */
class SteadyStateTest {
  private static final int EPOCHS = 1000;

  @Test
  void aThousandEpochsHoldTheSameMemory() {
    Split digits = EmbeddedDigits.load().split(0.8, 42);
    int steps = (int) TrainerOptions.of(1, 128).stepsPerEpoch(digits.train().size());
    List<Long> held = new ArrayList<>();
    List<Long> allocated = new ArrayList<>();
    List<Long> buffers = new ArrayList<>();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    CountedBuffers counted = new CountedBuffers(Backends.open("cpu"));
    try (Session session = new Session(counted.backend())) {
      Module model =
          new Sequential(
                  new Flatten(),
                  new Linear(64, 16),
                  new Activation(Activation.Kind.RELU),
                  new Linear(16, 10))
              .init(session, 42);
      Trainer trainer =
          new Trainer(
              model,
              Objective.crossEntropy(),
              Optimizers.adamW(1e-3),
              TrainerOptions.of(EPOCHS, 128));
      trainer.listen(
          new TrainingListener() {
            @Override
            public void onEpoch(EpochResult result) {
              held.add(session.bytesHeld());
              buffers.add(counted.allocations());
              allocated.add(threads.getCurrentThreadAllocatedBytes());
            }
          });
      trainer.fit(digits.train());
    }
    assertEquals(EPOCHS, held.size());
    assertEquals(held.get(1), held.getLast(), "bytes on the device");
    assertEquals(buffers.get(1), buffers.getLast(), "buffers taken from the device");
    assertEquals(0, counted.live(), "buffers that were not returned");
    long batch = 128L * (64 * Float.BYTES + 2 * Integer.BYTES);
    long perStep = (allocated.getLast() - allocated.get(EPOCHS / 2)) / (steps * (EPOCHS / 2L));
    // Only printed: how many short-lived objects are left depends on the compiler of the JVM.
    System.out.printf("heap per step: %,d bytes, of which the batch is %,d%n", perStep, batch);
  }
}
