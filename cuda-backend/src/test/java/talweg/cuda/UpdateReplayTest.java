package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.cuda.sim.Schedule;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.nn.Init;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule.Cosine;
import talweg.session.Capture;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Replayed updates against issued ones, to the bit, under changing rates and skipped steps. */
@ExtendWith(SimulatedCuda.class)
class UpdateReplayTest {
  private static final int STEPS = 6;

  private enum Rule {
    ADAMW(Optimizers.adamW(0.1)),
    SGD(Optimizers.sgd(0.9, 0, true, 0.1)),
    RMSPROP(Optimizers.rmsprop(0.9, 1e-8, 0, 0.5, true)),
    ADAGRAD(Optimizers.adagrad(0.1, 1e-8, 0, 0.1)),
    LAMB(Optimizers.lamb(0.9, 0.99, 1e-6, 0.1));

    private final OptimizerSpec spec;

    Rule(OptimizerSpec spec) {
      this.spec = spec.schedule(new Cosine(0.1, STEPS, 0));
    }
  }

  private static final class Weights extends Module {
    private final Parameter matrix = parameter("matrix", Shape.of(40, 70), Init.constant(1));
    private final Parameter vector = parameter("vector", Shape.of(11), Init.constant(2));

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  /** A model, its optimizer, and the tensors that its gradients are read from. */
  private static final class Run implements AutoCloseable {
    final Session session = Session.open("cuda");
    final Weights model = new Weights();
    final Optimizer optimizer;
    final List<Tensor> gradients = new ArrayList<>();
    private final Random random = new Random(5);

    Run(Rule rule, DType dtype) {
      model.init(session, dtype, 0);
      OptimizerOptions options =
          OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(20)).nonFinite(NonFinite.SKIP);
      optimizer = rule.spec.bind(model, options);
      for (Parameter parameter : model.trainable()) {
        gradients.add(session.zeros(dtype, parameter.shape().dims()));
      }
    }

    void upload(int step) {
      for (Tensor gradient : gradients) {
        double[] values = random.doubles(gradient.size(), -1, 1).toArray();
        values[3] = step == 2 ? Double.NaN : values[3];
        gradient.assign(values);
      }
    }

    void backward() {
      try (var _ = session.scope("backward")) {
        for (int i = 0; i < gradients.size(); i++) {
          model.trainable().get(i).value().backward(gradients.get(i));
        }
      }
    }

    double[] weights(int i) {
      return model.trainable().get(i).value().toDoubles();
    }

    @Override
    public void close() {
      session.close();
    }
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void replaysAreSteps(Rule rule) {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      try (Run issued = new Run(rule, dtype);
          Run replayed = new Run(rule, dtype)) {
        Capture capture = null;
        for (int step = 0; step < STEPS; step++) {
          issued.upload(step);
          issued.backward();
          issued.optimizer.step();
          replayed.upload(step);
          capture = next(replayed, step, capture);
        }
        assertEquals(STEPS - 1, replayed.optimizer.appliedSteps());
        for (int i = 0; i < 2; i++) {
          assertArrayEquals(issued.weights(i), replayed.weights(i));
        }
      }
    }
  }

  /** As the trainer does it: the first step issued, the second recorded, then replays. */
  private static Capture next(Run run, int step, Capture capture) {
    if (step == 0) {
      run.backward();
      run.optimizer.step();
      return null;
    }
    run.optimizer.prepare();
    if (capture != null) {
      capture.replay();
      return capture;
    }
    return run.session.capture(() -> {
      run.backward();
      run.optimizer.apply();
    });
  }

  /** The order in which threads get their turn makes no difference. */
  @ParameterizedTest
  @EnumSource(Rule.class)
  void threadsMayRunInAnyOrder(Rule rule, SimulatedGpu gpu) {
    List<double[]> results = new ArrayList<>();
    for (Schedule schedule : Schedule.values()) {
      gpu.schedule(schedule);
      try (Run run = new Run(rule, DType.F32)) {
        for (int step = 0; step < 3; step++) {
          run.upload(step);
          run.backward();
          run.optimizer.step();
        }
        results.add(run.weights(0));
      }
    }
    results.forEach(weights -> assertArrayEquals(results.getFirst(), weights));
  }
}
