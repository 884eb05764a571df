package talweg.solve;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Locale;

/**
 * Limited-memory BFGS (Liu and Nocedal 1989; Nocedal and Wright, algorithms 7.4 and 7.5): the
 * inverse Hessian is known by the last steps and the changes of the gradient over them. The usual
 * choice where Hessians are too dear.
 *
 * @param history pairs of step and change that are kept
 */
public record LBFGS(int history, Stopping stopping) implements Minimizer {
  /** Ten pairs. */
  public static final LBFGS DEFAULT = new LBFGS(10, Stopping.DEFAULT);

  private static final StrongWolfe SEARCH = StrongWolfe.of(0.9);

  public LBFGS {
    if (history < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "L-BFGS: expected a history of at least 1, got %d; 10 is usual",
              history));
    }
  }

  @Override
  public Solution minimize(Objective objective, double[] start) {
    return start(objective, start).run();
  }

  /** A minimisation that the caller advances step by step. */
  public Descent start(Objective objective, double[] start) {
    return new Descent(objective, start, new TwoLoops(history), SEARCH, stopping);
  }

  /** A step s, the change y of the gradient over it, and 1 / (y s). */
  private record Pair(double[] s, double[] y, double rho) {}

  /** The product of the inverse Hessian and the gradient in two loops over the pairs. */
  private static final class TwoLoops implements Directions {
    private final int history;
    private final Deque<Pair> pairs = new ArrayDeque<>();

    TwoLoops(int history) {
      this.history = history;
    }

    @Override
    public double[] next(double[] point, double[] gradient) {
      double[] q = Vectors.times(-1, gradient);
      double[] alpha = new double[pairs.size()];
      int i = 0;
      for (Iterator<Pair> newestFirst = pairs.descendingIterator(); newestFirst.hasNext(); i++) {
        Pair pair = newestFirst.next();
        alpha[i] = pair.rho * Vectors.dot(pair.s, q);
        q = Vectors.plus(q, -alpha[i], pair.y);
      }
      if (!pairs.isEmpty()) {
        Pair newest = pairs.getLast();
        q = Vectors.times(1 / (newest.rho * Vectors.dot(newest.y, newest.y)), q);
      }
      for (Pair pair : pairs) {
        double beta = pair.rho * Vectors.dot(pair.y, q);
        q = Vectors.plus(q, alpha[--i] - beta, pair.s);
      }
      return q;
    }

    @Override
    public boolean isScaled() {
      return !pairs.isEmpty();
    }

    /** A pair without positive curvature would make the matrix indefinite and is left out. */
    @Override
    public void moved(double[] step, double[] gradientChange) {
      double curvature = Vectors.dot(step, gradientChange);
      double least = Math.ulp(1.0) * Vectors.norm(step) * Vectors.norm(gradientChange);
      if (!(curvature > least)) {
        return;
      }
      if (pairs.size() == history) {
        pairs.removeFirst();
      }
      pairs.addLast(new Pair(step, gradientChange, 1 / curvature));
    }

    @Override
    public void forget() {
      pairs.clear();
    }
  }
}
