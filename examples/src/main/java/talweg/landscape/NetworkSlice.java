package talweg.landscape;

import java.util.List;
import java.util.stream.IntStream;
import talweg.data.Dataset;
import talweg.data.Split;
import talweg.nn.Activation;
import talweg.nn.Flatten;
import talweg.nn.HostRandom;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Levels;
import talweg.plot.Range;
import talweg.plot.Surface;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.Tensor;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/**
 * A plane through a trained network's weights, spanned by two random directions that are normalised
 * filter by filter (Li et al. 2018, Visualizing the Loss Landscape of Neural Nets): each row of a
 * weight gets a random row of the same norm, so that a step means as much in a layer of large
 * weights as in one of small ones. Biases stay.
 */
public final class NetworkSlice {
  private static final Range SPAN = new Range(-1, 1);
  private static final long SEED = 42;
  private static final int EVALUATED = 500;

  private final Module model;
  private final List<Parameter> parameters;
  private final List<double[]> center;

  /** A slice through the current weights of a model that is placed on a session. */
  public NetworkSlice(Module model) {
    this.model = model;
    this.parameters = model.trainable();
    this.center = parameters.stream().map(p -> p.value().toDoubles()).toList();
  }

  /**
   * Trains a network on digits and draws the training loss around it.
   *
   * @param epochs of the training
   * @param grid points along each direction
   */
  public static Figure ofDigits(Dataset digits, int epochs, int grid) {
    Split split = digits.split(0.8, SEED);
    try (Session session = Session.open("auto")) {
      Module model =
          new Sequential(
                  new Flatten(),
                  new Linear(64, 32),
                  new Activation(Activation.Kind.RELU),
                  new Linear(32, 10))
              .init(session, SEED);
      new Trainer(
              model,
              Objective.crossEntropy(),
              Optimizers.adamW(3e-3),
              TrainerOptions.of(epochs, 32).seed(SEED))
          .fit(split.train());
      int rows = Math.min(EVALUATED, split.train().size());
      Dataset sample = split.train().subset(IntStream.range(0, rows).toArray());
      return figure(new NetworkSlice(model).surface(sample, grid), epochs);
    }
  }

  private static Figure figure(Surface surface, int epochs) {
    return new Figure(
            "A slice of a network's loss",
            "digits, %d epochs; two random, filter-normalised directions; loss %.3f to %.1f"
                .formatted(epochs, surface.min(), surface.max()),
            Axis.linear("first direction", SPAN),
            Axis.linear("second direction", SPAN))
        .add(new Layer.Heights(surface, Levels.logarithmic(surface, 14, 2.5)))
        .add(new Layer.Points("trained network", 1, new double[] {0}, new double[] {0}));
  }

  /** The cross entropy on a grid of {@code n} x {@code n} points; the weights stay as they were. */
  public Surface surface(Dataset data, int n) {
    List<double[]> first = direction(0);
    List<double[]> second = direction(1);
    model.eval();
    Surface surface =
        Surface.of(
            SPAN,
            SPAN,
            n,
            n,
            (a, b) -> {
              move(first, a, second, b);
              return loss(data);
            });
    move(first, 0, second, 0);
    return surface;
  }

  private double loss(Dataset data) {
    Session session = parameters.getFirst().value().session();
    try (var _ = session.noGrad();
        Scope _ = session.scope("slice")) {
      Tensor x = session.tensor(data.features(), data.size(), data.featureCount());
      return Losses.crossEntropy(model.forward(x), session.tensor(data.labels(), data.size()))
          .item();
    }
  }

  private void move(List<double[]> first, double a, List<double[]> second, double b) {
    for (int p = 0; p < parameters.size(); p++) {
      double[] moved = center.get(p).clone();
      for (int i = 0; i < moved.length; i++) {
        moved[i] += a * first.get(p)[i] + b * second.get(p)[i];
      }
      parameters.get(p).value().detach().assign(moved);
    }
  }

  /** A random direction, normalised by the weights at the centre; package-private for its test. */
  List<double[]> direction(int stream) {
    HostRandom random = new HostRandom(SEED, stream);
    return IntStream.range(0, parameters.size())
        .mapToObj(p -> normalised(parameters.get(p), center.get(p), random))
        .toList();
  }

  private static double[] normalised(Parameter parameter, double[] weights, HostRandom random) {
    double[] direction = new double[weights.length];
    if (parameter.shape().rank() < 2) {
      return direction;
    }
    int filters = parameter.shape().dim(0);
    int length = weights.length / filters;
    for (int f = 0; f < filters; f++) {
      for (int i = f * length; i < (f + 1) * length; i++) {
        direction[i] = random.normal();
      }
      double scale = norm(weights, f, length) / norm(direction, f, length);
      for (int i = f * length; i < (f + 1) * length; i++) {
        direction[i] *= scale;
      }
    }
    return direction;
  }

  private static double norm(double[] values, int filter, int length) {
    double sum = 0;
    for (int i = filter * length; i < (filter + 1) * length; i++) {
      sum += values[i] * values[i];
    }
    return Math.sqrt(sum);
  }
}
