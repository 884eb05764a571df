package talweg.solve;

/**
 * Nonlinear conjugate gradients with the factor of Polak and Ribiere, cut off at 0 (PR+; Nocedal
 * and Wright, algorithm 5.4 with 5.44). It keeps three vectors, whatever the number of variables.
 * It restarts along the gradient where the factor is cut off, where the direction does not descend,
 * and after as many steps as there are variables.
 *
 * @param curvature how exact line searches are: the largest ratio of the slope at the end to that
 *     at the start; with small values a quadratic of n variables takes n steps
 */
public record NonlinearConjugateGradient(double curvature, Stopping stopping) implements Minimizer {
  /** Slopes to a tenth. */
  public static final NonlinearConjugateGradient DEFAULT =
      new NonlinearConjugateGradient(0.1, Stopping.DEFAULT);

  @Override
  public Solution minimize(Objective objective, double[] start) {
    StrongWolfe search = StrongWolfe.of(curvature);
    return new Descent(objective, start, new Conjugate(), search, stopping).run();
  }

  private static final class Conjugate implements Directions {
    private double[] direction;
    private double[] before;
    private int sinceRestart;

    @Override
    public double[] next(double[] point, double[] gradient) {
      double factor = 0;
      if (direction != null && sinceRestart < point.length) {
        double change = Vectors.dot(gradient, Vectors.minus(gradient, before));
        factor = Math.max(0, change / Vectors.dot(before, before));
      }
      sinceRestart = factor == 0 ? 1 : sinceRestart + 1;
      double[] downhill = Vectors.times(-1, gradient);
      direction = factor == 0 ? downhill : Vectors.plus(downhill, factor, direction);
      before = gradient;
      return direction;
    }

    @Override
    public boolean isScaled() {
      return false;
    }

    @Override
    public void forget() {
      direction = null;
    }
  }
}
