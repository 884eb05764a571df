package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.cuda.sim.DeviceModel;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.error.BackendUnavailableException;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.session.Backends;
import talweg.session.Capture;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** What a precision does to a training: its products are rounded, and nothing else is. */
@ExtendWith(SimulatedCuda.class)
class PrecisionTest {
  private static final int STEPS = 6;
  private static final int ROWS = 12;
  private static final int FEATURES = 9;
  private static final int CLASSES = 4;

  private final Settings settings = new Settings();

  @BeforeEach
  void choose() {
    settings.set(ProductProviders.PROPERTY, "own");
  }

  @AfterEach
  void leave() {
    settings.restore();
  }

  /** The loss after some steps: one as written, one recorded, and replays of that. */
  private static double train(Backend backend, DType dtype) {
    try (Session session = new Session(backend)) {
      Module model =
          new Sequential(
                  new Linear(FEATURES, 16),
                  new Activation(Activation.Kind.RELU),
                  new Linear(16, CLASSES))
              .init(session, dtype, 3);
      Optimizer optimizer = Optimizers.adamW(0.02).bind(model, OptimizerOptions.DEFAULT);
      Random random = new Random(7);
      double[] numbers = random.doubles(ROWS * FEATURES, -1, 1).toArray();
      Tensor x = session.tensor(numbers, ROWS, FEATURES).to(dtype);
      Tensor y = session.tensor(random.ints(ROWS, 0, CLASSES).toArray(), ROWS);
      Tensor loss = session.empty(dtype, Shape.of());
      Runnable pass =
          () -> {
            try (Scope _ = session.scope("step")) {
              Tensor value = Losses.crossEntropy(model.forward(x), y);
              loss.assign(value.detach());
              value.backward();
            }
          };
      pass.run();
      optimizer.step();
      Capture capture =
          session.capture(() -> {
            pass.run();
            optimizer.apply();
          });
      for (int i = 2; i < STEPS; i++) {
        optimizer.prepare();
        capture.replay();
      }
      optimizer.requireFinite();
      return loss.item();
    }
  }

  @ParameterizedTest
  @CsvSource({"FP32, 1e-5", "TF32, 2e-3", "BF16, 2e-2"})
  void lossesAgreeAsFarAsTheProductsDo(Precision precision, double tolerance, SimulatedGpu gpu) {
    double exact = train(Backends.open("reference"), DType.F64);
    double loss = train(Backends.open("cuda", 0, precision), DType.F32);
    assertEquals(exact, loss, tolerance);
    if (precision != Precision.FP32) {
      assertTrue(Math.abs(exact - loss) > 1e-6, "nothing was rounded: " + loss);
    }
    String kernel =
        switch (precision) {
          case FP32 -> "gemm_small_f32";
          case TF32 -> "gemm_tensor_f32";
          case BF16 -> "gemm_tensor_bf16";
        };
    assertTrue(gpu.launches(kernel) >= 5L * STEPS, gpu.launches().toString());
  }

  /** Each step rounds weights, activations and gradients once, for the products of both passes. */
  @Test
  void bf16RoundsEachOperandOnce(SimulatedGpu gpu) {
    train(Backends.open("cuda", 0, Precision.FP32), DType.F32);
    long others = casts(gpu);
    train(Backends.open("cuda", 0, Precision.BF16), DType.F32);
    // Five products of two operands each: x, W1, h, W2 and the gradients of both sums are all.
    assertEquals(5 * STEPS, gpu.launches("gemm_tensor_bf16"));
    assertEquals(6 * STEPS, casts(gpu) - 2 * others);
  }

  private static long casts(SimulatedGpu gpu) {
    return gpu.launches().entrySet().stream()
        .filter(launched -> launched.getKey().startsWith("cast_"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  @Test
  void f64IsNotRounded(SimulatedGpu gpu) {
    double exact = train(Backends.open("reference"), DType.F64);
    Backend bf16 = Backends.open("cuda", 0, Precision.BF16);
    assertTrue(bf16.device().contains("products of F32 in bf16 by "), bf16.device());
    double loss = train(bf16, DType.F64);
    assertEquals(exact, loss, 1e-12);
  }

  @Test
  void tf32NeedsADeviceThatHasIt(SimulatedGpu gpu) {
    gpu.become(DeviceModel.STANDARD.withCapability(75));
    BackendUnavailableException e =
        assertThrows(
            BackendUnavailableException.class,
            () -> new CudaProvider().open(new DeviceSpec(0, 0, Precision.TF32)).close());
    assertTrue(e.getMessage().startsWith("precision tf32: needs compute capability 8.0"));
  }
}
