package talweg.solve;

/**
 * Steepest descent with a line search (Cauchy 1847; Nocedal and Wright, section 3.3). Linear
 * convergence, slow where the Hessian's eigenvalues differ much: a baseline for other methods.
 */
public record SteepestDescent(Stopping stopping) implements Minimizer {
  /** Up to 10 000 steps. */
  public static final SteepestDescent DEFAULT =
      new SteepestDescent(new Stopping(1e-8, 1e-14, 10_000));

  private static final StrongWolfe SEARCH = StrongWolfe.of(0.1);

  @Override
  public Solution minimize(Objective objective, double[] start) {
    return new Descent(objective, start, new Downhill(), SEARCH, stopping).run();
  }

  private static final class Downhill implements Directions {
    @Override
    public double[] next(double[] point, double[] gradient) {
      return Vectors.times(-1, gradient);
    }

    @Override
    public boolean isScaled() {
      return false;
    }
  }
}
