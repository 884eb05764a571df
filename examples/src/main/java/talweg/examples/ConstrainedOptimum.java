package talweg.examples;

import talweg.session.Session;
import talweg.solve.Formula;
import talweg.solve.KktNewton;
import talweg.solve.Problem;
import talweg.solve.Solution;

/**
 * The largest box with a given surface, and what the multiplier of the constraint means: the volume
 * that one more unit of surface would gain.
 */
public final class ConstrainedOptimum {
  private static final double SURFACE = 24;

  private ConstrainedOptimum() {}

  public static void main(String[] args) {
    try (Session session = Session.open("cpu")) {
      Solution best = largestBox(session, SURFACE);
      double[] edges = best.point();
      System.out.printf(
          "edges %.6f x %.6f x %.6f, volume %.6f%n", edges[0], edges[1], edges[2], -best.value());

      // With L = f + lambda (surface - a), the minimum of f changes by -lambda for each unit of a.
      // The volume is -f.
      double multiplier = best.multipliers().equality()[0];
      double h = 1e-3;
      double more = -largestBox(session, SURFACE + h).value();
      double less = -largestBox(session, SURFACE - h).value();
      System.out.printf("volume per surface by the multiplier  %.6f%n", multiplier);
      System.out.printf("volume per surface by two other boxes %.6f%n", (more - less) / (2 * h));
    }
  }

  private static Solution largestBox(Session session, double surface) {
    Problem problem =
        Problem.of(Formula.parse("-x*y*z").objective(session))
            .equality(Formula.parse("2*(x*y + y*z + z*x) - " + surface).objective(session));
    return KktNewton.DEFAULT.minimize(problem, new double[] {1, 2, 3});
  }
}
