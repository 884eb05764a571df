package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Small networks spend their steps in launches, so their number is kept down. A network of three
 * layers stands for 784-512-256-10: its launches are the same at any width that needs no parts.
 */
@ExtendWith(SimulatedCuda.class)
class StepLaunchesTest {
  private static final int BATCH = 128;

  private final Settings settings = new Settings();

  @BeforeEach
  void useOwnProducts() {
    settings.set(ProductProviders.PROPERTY, "own");
  }

  @AfterEach
  void restore() {
    settings.restore();
  }

  @Test
  void aStepOfThreeLayers(SimulatedGpu gpu) {
    try (Session session = Session.open("cuda").seed(1)) {
      Module model =
          new Sequential(
                  new Linear(8, 16),
                  new Activation(Activation.Kind.RELU),
                  new Linear(16, 12),
                  new Activation(Activation.Kind.RELU),
                  new Linear(12, 10))
              .init(session, 1);
      Optimizer optimizer = Optimizers.adamW(1e-3).bind(model);
      Tensor x = session.full(DType.F32, 0.5, BATCH, 8);
      Tensor y = session.tensor(new int[BATCH], BATCH);
      Runnable forwardBackward =
          () -> {
            try (Scope _ = session.scope("step")) {
              Losses.crossEntropy(model.forward(x), y).backward();
            }
          };
      forwardBackward.run();
      optimizer.step();
      session.capture(() -> {
        forwardBackward.run();
        optimizer.apply();
      });
      assertEquals(16, gpu.nodes().size(), gpu.nodes()::toString);
    }
  }
}
