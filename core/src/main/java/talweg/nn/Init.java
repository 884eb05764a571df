package talweg.nn;

import java.util.function.DoubleSupplier;
import talweg.check.Require;
import talweg.tensor.Shape;

/**
 * How the initial values of a parameter are drawn. Fans follow PyTorch: for a weight of shape (out,
 * in, ...) the fan-in is {@code in} and the fan-out {@code out}, each times the number of elements
 * of the further axes.
 */
@FunctionalInterface
public interface Init {
  /** Row-major values for a parameter of the given shape. */
  double[] draw(Shape shape, HostRandom random);

  static Init zeros() {
    return constant(0);
  }

  static Init ones() {
    return constant(1);
  }

  static Init constant(double value) {
    return (shape, _) -> filled(shape, () -> value);
  }

  /** Uniform on [low, high). */
  static Init uniform(double low, double high) {
    if (!(low <= high && Double.isFinite(high - low))) {
      throw Require.wrong("uniform init", "bounds", "finite low <= high", low + " and " + high);
    }
    return (shape, random) -> filled(shape, () -> low + (high - low) * random.uniform());
  }

  static Init normal(double mean, double std) {
    Require.notNegative("normal init", "standard deviation", std);
    return (shape, random) -> filled(shape, () -> mean + std * random.normal());
  }

  /** He et al. 2015 for ReLU: uniform with variance 2 / fan-in. */
  static Init kaimingUniform() {
    return (shape, random) -> symmetric(shape, random, Math.sqrt(6.0 / fanIn(shape)));
  }

  /** He et al. 2015 for ReLU: normal with variance 2 / fan-in. */
  static Init kaimingNormal() {
    return (shape, random) -> normal(0, Math.sqrt(2.0 / fanIn(shape))).draw(shape, random);
  }

  /** Glorot and Bengio 2010: uniform with variance 2 / (fan-in + fan-out). */
  static Init xavierUniform() {
    return (shape, random) ->
        symmetric(shape, random, Math.sqrt(6.0 / (fanIn(shape) + fanOut(shape))));
  }

  /** Glorot and Bengio 2010: normal with variance 2 / (fan-in + fan-out). */
  static Init xavierNormal() {
    return (shape, random) ->
        normal(0, Math.sqrt(2.0 / (fanIn(shape) + fanOut(shape)))).draw(shape, random);
  }

  /**
   * PyTorch's default for the weights and biases of linear layers: uniform on plus or minus 1 /
   * sqrt(fanIn).
   */
  static Init fanInUniform(int fanIn) {
    double bound = fanIn == 0 ? 0 : 1 / Math.sqrt(fanIn);
    return (shape, random) -> symmetric(shape, random, bound);
  }

  private static double[] symmetric(Shape shape, HostRandom random, double bound) {
    return uniform(-bound, bound).draw(shape, random);
  }

  private static double fanIn(Shape shape) {
    return Math.max(1, shape.rank() < 2 ? shape.size() : shape.size() / Math.max(1, shape.dim(0)));
  }

  private static double fanOut(Shape shape) {
    return Math.max(1, shape.rank() < 2 ? shape.size() : shape.size() / Math.max(1, shape.dim(1)));
  }

  private static double[] filled(Shape shape, DoubleSupplier next) {
    double[] values = new double[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = next.getAsDouble();
    }
    return values;
  }
}
