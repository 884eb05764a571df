package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.nn.Init;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Fused updates under bounds that they cannot apply themselves, against the reference. */
class ClippedUpdatesTest {
  private static final double[] WEIGHTS = {0.5, -1, 2, 0.25, -0.125, 1, 3, -2, 0.75};
  private static final double[] GRADIENT = {3, 4, -0.3, 0.4, 0.06, -0.08, 7, 0.001, 2};

  private static final class OneMatrix extends Module {
    private final Parameter matrix = parameter("matrix", Shape.of(3, 3), Init.constant(1));

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  static List<OptimizerOptions> options() {
    return List.of(
            Clip.byTensorNorm(0.5),
            new Clip.ByTensorNorm(0.5, 1),
            new Clip.ByTensorNorm(2, Double.POSITIVE_INFINITY),
            Clip.adaptive(0.1),
            Clip.adaptive(3),
            new Clip.ByGlobalNorm(0.5, 3))
        .stream()
        .flatMap(clip ->
            Arrays.stream(NonFinite.values())
                .map(policy -> OptimizerOptions.DEFAULT.clip(clip).nonFinite(policy).accumulate(2)))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("options")
  void theUpdateIsFusedAndRight(OptimizerOptions options) {
    double[] expected = train(new ReferenceBackend(), options, DType.F64, false);
    double[] f64 = train(new CpuBackend(DeviceSpec.DEFAULT), options, DType.F64, true);
    double[] f32 = train(new CpuBackend(DeviceSpec.DEFAULT), options, DType.F32, true);
    assertArrayEquals(expected, f64, 1e-13);
    assertArrayEquals(expected, f32, 2e-6);
  }

  /** Three steps of two micro-batches; the last gradient has a NaN unless that is to be written. */
  private static double[] train(
      Backend backend, OptimizerOptions options, DType dtype, boolean fused) {
    OneMatrix model = new OneMatrix();
    try (Session session = new Session(backend)) {
      model.init(session, dtype, 0);
      model.matrix.value().assign(WEIGHTS);
      Optimizer optimizer = Optimizers.adamW(0.01).bind(model, options);
      assertEquals(fused, optimizer.isFused());
      for (int step = 0; step < 3; step++) {
        double[] gradient = GRADIENT.clone();
        if (step == 2 && options.nonFinite() != NonFinite.PROPAGATE) {
          gradient[4] = Double.NaN;
        }
        for (double half : new double[] {0.5, 1.5}) {
          try (var _ = session.scope("backward")) {
            Tensor g = session.tensor(gradient, 3, 3).mul(half).to(dtype);
            model.matrix.value().mul(g).sum().backward();
          }
        }
        optimizer.step();
      }
      return model.matrix.value().toDoubles();
    }
  }
}
