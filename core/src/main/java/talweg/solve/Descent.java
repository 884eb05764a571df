package talweg.solve;

import java.util.ArrayList;
import java.util.List;
import talweg.solve.Solution.Multipliers;
import talweg.solve.StrongWolfe.End;
import talweg.solve.StrongWolfe.Found;

/**
 * A line-search method at work, one {@link #step} at a time: for callers that do something between
 * the steps, such as evaluating a network. Others call {@link Minimizer#minimize}.
 */
public final class Descent {
  /** Steps without a lower value or a smaller gradient that end a search at the noise. */
  private static final int PATIENCE = 20;

  private static final int MAX_HALVINGS = 40;

  private final Objective objective;
  private final Directions directions;
  private final StrongWolfe search;
  private final Stopping stopping;
  private double[] point;
  private double value;
  private double[] gradient;
  private double lastStep;
  private double lastSlope;
  private double lowestValue;
  private double smallestGradient;
  private int stalled;
  private int iterations;
  private int evaluations;

  Descent(
      Objective objective,
      double[] start,
      Directions directions,
      StrongWolfe search,
      Stopping stopping) {
    this.objective = new Counted(objective);
    this.directions = directions;
    this.search = search;
    this.stopping = stopping;
    this.point = start.clone();
    Objective.Evaluation at = this.objective.evaluate(point);
    this.value = at.value();
    this.gradient = at.gradient();
    this.lowestValue = value;
    this.smallestGradient = gradientNorm();
  }

  /** The current point; a copy. */
  public double[] point() {
    return point.clone();
  }

  /** The function at the current point. */
  public double value() {
    return value;
  }

  /** 2-norm of the gradient at the current point. */
  public double gradientNorm() {
    return Vectors.norm(gradient);
  }

  /** Length of the last step as a multiple of its direction; 0 before the first. */
  public double stepLength() {
    return lastStep;
  }

  /** Steps taken. */
  public int iterations() {
    return iterations;
  }

  /** Evaluations of the function so far. */
  public int evaluations() {
    return evaluations;
  }

  /** A reason in words, with what to do if it is not convergence. */
  public String message(Reason reason) {
    return stopping.message(reason, value, gradientNorm());
  }

  /**
   * Moves once.
   *
   * @return null if the search may go on, or why it ended
   */
  public Reason step() {
    if (!Double.isFinite(value) || !Vectors.isFinite(gradient)) {
      return Reason.DIVERGED;
    }
    if (gradientNorm() <= stopping.gradientTolerance()) {
      return leaveSaddle() ? null : Reason.GRADIENT;
    }
    if (iterations == stopping.maxIterations()) {
      return Reason.ITERATIONS;
    }
    double[] direction = directions.next(point, gradient);
    Found found = search(direction, directions.isScaled());
    if (found == null || found.end() == End.NONE) {
      directions.forget();
      direction = Vectors.times(-1, gradient);
      found = search(direction, false);
    }
    return found.end() == End.NONE ? Reason.LINE_SEARCH : move(found);
  }

  /** Steps until it ends, and keeps the points on the way. */
  Solution run() {
    List<Solution.Step> history = new ArrayList<>();
    Reason reason = null;
    while (reason == null) {
      note(history);
      reason = step();
    }
    if (iterations >= history.size()) {
      note(history);
    }
    return new Solution(
        point,
        value,
        gradientNorm(),
        Multipliers.NONE,
        iterations,
        evaluations,
        reason,
        message(reason),
        List.copyOf(history));
  }

  private void note(List<Solution.Step> history) {
    history.add(new Solution.Step(point, value, gradientNorm()));
  }

  /** Null if the direction does not descend. */
  private Found search(double[] direction, boolean scaled) {
    double slope = Vectors.dot(gradient, direction);
    if (!(slope < 0)) {
      return null;
    }
    Trial here = new Trial(0, point, value, gradient, slope);
    return search.search(objective, here, direction, scaled ? 1 : firstStep(slope));
  }

  /** The step that would change the value as much as the last one did (Nocedal and Wright 3.5). */
  private double firstStep(double slope) {
    return lastStep > 0 && lastSlope < 0
        ? lastStep * lastSlope / slope
        : Math.min(1, 1 / gradientNorm());
  }

  private Reason move(Found found) {
    Trial to = found.trial();
    double moved = Stopping.moved(point, to.point());
    double[] step = Vectors.minus(to.point(), point);
    lastStep = to.step();
    lastSlope = Vectors.dot(gradient, step) / to.step();
    directions.moved(step, Vectors.minus(to.gradient(), gradient));
    accept(to.point(), to.value(), to.gradient());
    if (found.end() == End.UNBOUNDED) {
      return Reason.DIVERGED;
    }
    if (gradientNorm() > stopping.gradientTolerance() && moved <= stopping.stepTolerance()) {
      return found.end() == End.WOLFE ? Reason.STEP : Reason.LINE_SEARCH;
    }
    return stalled < PATIENCE ? null : Reason.LINE_SEARCH;
  }

  private void accept(double[] point, double value, double[] gradient) {
    this.point = point;
    this.value = value;
    this.gradient = gradient;
    iterations++;
    boolean lower = value < lowestValue - StrongWolfe.noise(objective, lowestValue);
    boolean flatter = gradientNorm() < smallestGradient;
    stalled = lower || flatter ? 0 : stalled + 1;
    lowestValue = Math.min(lowestValue, value);
    smallestGradient = Math.min(smallestGradient, gradientNorm());
  }

  /**
   * Along a direction of negative curvature no slope says how far to go: the longest of a row of
   * halved steps to either side is taken that leads lower.
   */
  private boolean leaveSaddle() {
    double[] direction = directions.negativeCurvature(point);
    if (direction == null || iterations == stopping.maxIterations()) {
      return false;
    }
    double enough = value - StrongWolfe.noise(objective, value);
    double length = Math.max(1, Vectors.norm(point));
    for (int i = 0; i < MAX_HALVINGS; i++, length /= 2) {
      for (double side : new double[] {length, -length}) {
        double[] next = Vectors.plus(point, side, direction);
        Objective.Evaluation at = objective.evaluate(next);
        if (at.value() < enough && Vectors.isFinite(at.gradient())) {
          directions.forget();
          accept(next, at.value(), at.gradient());
          smallestGradient = gradientNorm();
          return true;
        }
      }
    }
    return false;
  }

  /** Counts evaluations. */
  private final class Counted implements Objective {
    private final Objective inner;

    Counted(Objective inner) {
      this.inner = inner;
    }

    @Override
    public double value(double[] x) {
      evaluations++;
      return inner.value(x);
    }

    @Override
    public Evaluation evaluate(double[] x) {
      evaluations++;
      return inner.evaluate(x);
    }

    @Override
    public double[] hessianProduct(double[] x, double[] v) {
      return inner.hessianProduct(x, v);
    }

    @Override
    public double precision() {
      return inner.precision();
    }
  }
}
