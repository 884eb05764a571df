package talweg.cpu;

import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Conv2d;
import talweg.nn.Dropout;
import talweg.nn.Flatten;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.session.Session;
import talweg.tensor.Tensor;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/**
 * A training that uses most of what a backend has: convolution, batch norm, dropout, LAMB, clipping
 * and a schedule, with a ragged last batch, on images wide enough for work to be shared out.
 */
final class SmallTraining {
  private static final long SEED = 7;
  private static final int SIDE = 12;
  private static final int EXAMPLES = 90;

  private SmallTraining() {}

  /** Trains for three epochs and returns parameters, buffers and the optimizer's state. */
  static Map<String, double[]> run(Session session) {
    Module model =
        new Sequential(
                new Conv2d(1, 8, 3),
                new BatchNorm(8),
                new Activation(Activation.Kind.GELU),
                new Flatten(),
                new Dropout(0.3),
                new Linear(8 * (SIDE - 2) * (SIDE - 2), 16),
                new Activation(Activation.Kind.TANH),
                new Linear(16, 3))
            .init(session, SEED);
    Trainer trainer =
        new Trainer(
            model,
            Objective.crossEntropy(),
            Optimizers.lamb(1e-2).schedule(new Schedule.Cosine(1e-2, 9, 1e-4)),
            TrainerOptions.of(3, 40)
                .seed(SEED)
                .optimizer(OptimizerOptions.DEFAULT.clip(Clip.byGlobalNorm(0.5))));
    trainer.fit(images());
    Map<String, double[]> result = new TreeMap<>();
    add(result, "model.", model.state());
    add(result, "optimizer.", trainer.optimizer().state());
    return result;
  }

  private static void add(
      Map<String, double[]> result, String prefix, Map<String, Tensor> tensors) {
    tensors.forEach((name, tensor) -> result.put(prefix + name, tensor.toDoubles()));
  }

  private static Dataset images() {
    Random random = new Random(SEED);
    float[] pixels = new float[EXAMPLES * SIDE * SIDE];
    int[] classes = new int[EXAMPLES];
    for (int i = 0; i < EXAMPLES; i++) {
      classes[i] = i % 3;
      for (int p = 0; p < SIDE * SIDE; p++) {
        pixels[i * SIDE * SIDE + p] = (float) random.nextGaussian() + (p % 3 == i % 3 ? 1 : 0);
      }
    }
    return Dataset.classification("noise", pixels, new int[] {1, SIDE, SIDE}, classes, 3);
  }
}
