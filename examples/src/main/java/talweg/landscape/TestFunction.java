package talweg.landscape;

import java.util.List;
import java.util.Locale;
import java.util.function.BinaryOperator;
import talweg.plot.Range;
import talweg.tensor.Tensor;

/**
 * Functions of two variables that minimisers are tried on, written once in tensor vocabulary:
 * elementwise, so that x and y may be single numbers or a whole grid.
 */
public enum TestFunction {
  /** Rosenbrock (1960): a curved valley with a nearly flat floor. */
  ROSENBROCK(
      "f = (1 − x)² + 100 (y − x²)²",
      (x, y) -> x.affine(-1, 1).square().add(y.sub(x.square()).square().mul(100)),
      new Range(-2, 2),
      new Range(-1, 3),
      new double[] {-0.6, 2.4},
      new Rates(2e-3, 5e-4, 1e-2, 0.4),
      List.of(new double[] {1, 1})),

  /** Beale (1958): flat far away, steep at the corners. */
  BEALE(
      "f = (1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²",
      TestFunction::beale,
      new Range(-1, 4.5),
      new Range(-2, 2),
      new double[] {1, 1.5},
      new Rates(5e-3, 2e-3, 2e-2, 0.1),
      List.of(new double[] {3, 0.5})),

  /** Himmelblau (1972): four minima of the same height. */
  HIMMELBLAU(
      "f = (x² + y − 11)² + (x + y² − 7)²",
      (x, y) -> x.square().add(y).sub(11).square().add(x.add(y.square()).sub(7).square()),
      new Range(-5, 5),
      new Range(-5, 5),
      new double[] {-0.5, -1},
      new Rates(8e-3, 3e-3, 5e-2, 0.2),
      List.of(
          new double[] {3, 2},
          new double[] {-2.805118, 3.131312},
          new double[] {-3.779310, -3.283186},
          new double[] {3.584428, -1.848126})),

  /** A quadratic whose curvature is 40 times larger in one direction than in the other. */
  RAVINE(
      "f = x²/2 + 20 y²",
      (x, y) -> x.square().mul(0.5).add(y.square().mul(20)),
      new Range(-10, 3),
      new Range(-3, 3),
      new double[] {-9, 1.8},
      new Rates(4.6e-2, 1e-2, 5e-2, 0.2),
      List.of(new double[] {0, 0})),

  /** A saddle between two minima: no force acts along y at first. */
  SADDLE(
      "f = x² − y² + y⁴/4",
      (x, y) -> x.square().sub(y.square()).add(y.square().square().mul(0.25)),
      new Range(-2.5, 2.5),
      new Range(-2.2, 2.2),
      new double[] {-2, 0.002},
      new Rates(5e-2, 2e-2, 2e-2, 5e-2),
      List.of(new double[] {0, Math.sqrt(2)}, new double[] {0, -Math.sqrt(2)}));

  /** Learning rates that suit a function: plain, with momentum 0.9, RMSprop and Adam. */
  record Rates(double sgd, double momentum, double rmsprop, double adam) {}

  private final String formula;
  private final BinaryOperator<Tensor> definition;
  private final Range x;
  private final Range y;
  private final double[] start;
  private final Rates rates;
  private final List<double[]> minima;

  TestFunction(
      String formula,
      BinaryOperator<Tensor> definition,
      Range x,
      Range y,
      double[] start,
      Rates rates,
      List<double[]> minima) {
    this.formula = formula;
    this.definition = definition;
    this.x = x;
    this.y = y;
    this.start = start;
    this.rates = rates;
    this.minima = minima;
  }

  private static Tensor beale(Tensor x, Tensor y) {
    Tensor first = x.mul(y).sub(x).add(1.5).square();
    Tensor second = x.mul(y.square()).sub(x).add(2.25).square();
    Tensor third = x.mul(y.pow(3)).sub(x).add(2.625).square();
    return first.add(second).add(third);
  }

  /** The values at (x, y), elementwise; x and y have the same shape. */
  public Tensor at(Tensor x, Tensor y) {
    return definition.apply(x, y);
  }

  /** The formula, for people. */
  public String formula() {
    return formula;
  }

  /** The name with a capital letter. */
  public String title() {
    return name().charAt(0) + name().substring(1).toLowerCase(Locale.ROOT);
  }

  /** The part of the x axis to look at. */
  public Range x() {
    return x;
  }

  /** The part of the y axis to look at. */
  public Range y() {
    return y;
  }

  /** Where searches start: {x, y}. */
  public double[] start() {
    return start.clone();
  }

  /** The minima: {x, y} each. */
  public List<double[]> minima() {
    return minima;
  }

  Rates rates() {
    return rates;
  }
}
