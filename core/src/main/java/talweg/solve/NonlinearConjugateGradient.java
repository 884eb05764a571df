package talweg.solve;

/**
 * Nonlinear conjugate gradients with the factor of Polak and Ribiere, cut off at 0 (PR+; Nocedal
 * and Wright, algorithm 5.4 with 5.44). It keeps three vectors, whatever the number of variables.
 *
 * <p>It restarts along the gradient where two gradients in a row are far from orthogonal (Powell
 * 1977; 5.52), where the direction does not descend, and after twice as many steps as there are
 * variables.
 *
 * @param curvature how exact line searches are: the largest ratio of the slope at the end to that
 *     at the start; with small values a quadratic of n variables takes n steps
 */
public record NonlinearConjugateGradient(double curvature, Stopping stopping) implements Minimizer {
  /** Slopes to 3 percent. */
  public static final NonlinearConjugateGradient DEFAULT =
      new NonlinearConjugateGradient(0.03, Stopping.DEFAULT);

  @Override
  public Solution minimize(Objective objective, double[] start) {
    StrongWolfe search = StrongWolfe.of(curvature);
    return new Descent(objective, start, new Conjugate(), search, stopping).run();
  }

  /** Exact steps on a quadratic give orthogonal gradients, that is 0. */
  private static final double ORTHOGONAL = 0.2;

  private static final class Conjugate implements Directions {
    private double[] direction;
    private double[] before;
    private int sinceRestart;

    @Override
    public double[] next(double[] point, double[] gradient) {
      double factor = 0;
      if (direction != null && sinceRestart < 2 * point.length) {
        double squared = Vectors.dot(gradient, gradient);
        double common = Vectors.dot(gradient, before);
        boolean restart = Math.abs(common) > ORTHOGONAL * squared;
        factor = restart ? 0 : Math.max(0, (squared - common) / Vectors.dot(before, before));
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
