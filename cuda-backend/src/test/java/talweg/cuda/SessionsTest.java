package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.sim.SimulatedCuda;
import talweg.data.Dataset;
import talweg.error.TalwegException;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Dropout;
import talweg.nn.Functional;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/** A CPU and a CUDA session side by side in one JVM. */
@ExtendWith(SimulatedCuda.class)
class SessionsTest {
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

  @Test
  void atTheSameTimeTheyComputeWhatEachComputesAlone() throws Exception {
    List<String> devices = List.of("cuda", "cpu", "cuda");
    List<float[]> alone = new ArrayList<>();
    for (String device : devices) {
      alone.add(train(device, null));
    }
    assertFalse(
        Arrays.equals(alone.get(0), alone.get(1)), "the backends differ in their last bits");
    CyclicBarrier together = new CyclicBarrier(devices.size());
    try (ExecutorService executor = Executors.newFixedThreadPool(devices.size())) {
      List<Future<float[]>> results =
          devices.stream().map(device -> executor.submit(() -> train(device, together))).toList();
      for (int i = 0; i < results.size(); i++) {
        assertArrayEquals(alone.get(i), results.get(i).get(), devices.get(i));
      }
    }
  }

  private static float[] train(String device, CyclicBarrier together) throws Exception {
    float[] x = new float[40 * 4];
    int[] labels = new int[40];
    for (int i = 0; i < x.length; i++) {
      x[i] = (i * 37 % 11 - 5) / 5f;
      labels[i / 4] = i / 4 % 2;
    }
    Dataset data = Dataset.classification("data", x, new int[] {4}, labels, 2);
    try (Session session = Session.open(device)) {
      if (together != null) {
        together.await(60, TimeUnit.SECONDS);
      }
      Module model =
          new Sequential(
                  new Linear(4, 8),
                  new BatchNorm(8),
                  new Activation(Activation.Kind.TANH),
                  new Dropout(0.2),
                  new Linear(8, 2))
              .init(session, 1);
      new Trainer(model, Objective.crossEntropy(), Optimizers.lamb(1e-2), TrainerOptions.of(3, 16))
          .fit(data);
      return model.trainable().getFirst().value().toFloats();
    }
  }

  @Test
  void tensorsOfTheOtherAreRefused() {
    try (Session cpu = Session.open("cpu");
        Session cuda = Session.open("cuda")) {
      Tensor here = cpu.full(DType.F32, 1, 2, 2);
      Tensor there = cuda.full(DType.F32, 2, 2, 2);
      Tensor bias = cuda.zeros(DType.F32, 2);
      Tensor classes = cpu.zeros(DType.I32, 2);
      refused(() -> here.add(there));
      refused(() -> there.matmul(here));
      refused(() -> there.assign(here));
      refused(() -> Functional.linear(here, there, bias));
      refused(() -> Functional.linear(there, here, bias));
      refused(() -> Losses.crossEntropy(there, classes));
      assertEquals(4, here.sum().item());
      assertEquals(8, there.sum().item());
    }
  }

  private static void refused(Runnable use) {
    TalwegException e = assertThrows(TalwegException.class, use::run);
    assertTrue(e.getMessage().contains("different sessions"), e.getMessage());
    assertTrue(e.getMessage().contains("Session[cuda]"), e.getMessage());
    assertTrue(e.getMessage().contains("Session[cpu]"), e.getMessage());
  }

  @SuppressWarnings("try") // closed early, and closing again does nothing
  @Test
  void closingOneLeavesTheOthersUsable() {
    try (Session cpu = Session.open("cpu");
        Session last = Session.open("cuda")) {
      Tensor x = last.full(DType.F32, 3, 2, 2);
      try (Session first = Session.open("cuda")) {
        assertEquals(4, first.full(DType.F32, 1, 2, 2).sum().item());
      }
      assertEquals(12, x.sum().item());
      assertEquals(18, x.matmul(x).slice(0, 0, 1).slice(1, 0, 1).item());
      last.close();
      assertEquals(4, cpu.full(DType.F32, 1, 2, 2).sum().item());
    }
  }
}
