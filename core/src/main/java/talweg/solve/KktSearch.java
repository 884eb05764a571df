package talweg.solve;

import java.util.ArrayList;
import java.util.List;

/** One run of {@link KktNewton}. */
final class KktSearch {
  /** How far starts are pushed off the bounds. */
  private static final double PUSH = 1e-2;

  private static final double FIRST_BARRIER = 0.1;
  private static final double LARGEST_ESTIMATE = 1e3;
  private static final double SMALLEST_STEP = 1e-12;
  private static final double SUFFICIENT_DECREASE = 1e-4;
  private static final int MAX_RESTORATIONS = 5;

  /** The smallest barrier as a share of the tolerance: it moves weakly active constraints. */
  private static final double LAST_BARRIER = 1e-4;

  /** Multipliers stay within this factor of barrier / slack. */
  private static final double MULTIPLIER_RANGE = 1e10;

  /** A violation above this is one that people would see. */
  private static final double VIOLATED = 1e-6;

  /** Merit values that differ by less, relatively, are equal. */
  private static final double ROUNDING = 10 * Math.ulp(1.0);

  /** Points or values beyond this are taken as on their way to infinity. */
  private static final double HUGE = 1e20;

  private final KktNewton method;
  private final Constraints constraints;
  private final List<Solution.Step> history = new ArrayList<>();
  private double[] x;
  private double[] s;
  private double[] lambda;
  private double[] z;
  private double barrier;
  private double penalty;
  private double curvature;
  private Constraints.Linearization at;
  private int restorations;

  KktSearch(Problem problem, double[] start, KktNewton method) {
    this.method = method;
    this.constraints = new Constraints(problem, start.length);
    begin(start);
  }

  /** Slacks, multipliers and barrier for a first point. */
  private void begin(double[] start) {
    x = constraints.inside(start, PUSH);
    at = constraints.linearize(x);
    double[] h = at.values().h();
    s = new double[h.length];
    z = new double[h.length];
    barrier = h.length == 0 ? 0 : FIRST_BARRIER;
    for (int j = 0; j < h.length; j++) {
      // A bound's slack is its distance from the start on, so that points stay between bounds.
      s[j] = constraints.isBound(j) ? h[j] : Math.max(h[j], PUSH * Math.max(1, Math.abs(h[j])));
      z[j] = barrier / s[j];
    }
    lambda = new double[at.values().c().length];
    penalty = 1;
    curvature = 0;
    if (isFinite()) {
      lambda = estimate();
    }
  }

  /** Multipliers of the equalities by least squares; 0 where those would be huge. */
  private double[] estimate() {
    int n = x.length;
    double[][] identity = new double[n][n];
    for (int i = 0; i < n; i++) {
      identity[i][i] = 1;
    }
    double[] none = new double[0];
    Constraints.Linearization equalities =
        new Constraints.Linearization(
            new Constraints.Values(0, at.values().c(), none),
            at.lagrangian(none, z),
            at.equalities(),
            new double[0][]);
    KktSystem system = new KktSystem(equalities, identity, none, lambda, none, 0);
    if (!system.factor(0)) {
      return lambda;
    }
    double[] estimate = system.step(new double[lambda.length], none).lambda();
    return Vectors.largest(estimate) <= LARGEST_ESTIMATE ? estimate : lambda;
  }

  Solution run() {
    for (int iteration = 0; ; iteration++) {
      note();
      Reason reason = check(iteration);
      if (reason != null) {
        return solution(reason);
      }
      while (barrier > smallestBarrier() && error(barrier) <= 10 * barrier) {
        barrier = Math.max(smallestBarrier(), Math.min(0.1 * barrier, Math.pow(barrier, 1.8)));
        penalty = 1;
      }
      KktSystem system =
          new KktSystem(at, constraints.hessian(x, lambda, z), s, lambda, z, barrier);
      if (system.factor(curvature) && advance(system)) {
        curvature = system.curvature();
      } else if (!restore()) {
        return solution(isInfeasible() ? Reason.INFEASIBLE : Reason.LINE_SEARCH);
      }
    }
  }

  /** Why the search ends here; null if it goes on. */
  private Reason check(int iteration) {
    if (!isFinite()) {
      return Reason.DIVERGED;
    }
    if (error(0) <= method.tolerance() && barrier <= smallestBarrier()) {
      return Reason.GRADIENT;
    }
    if (Math.abs(at.values().f()) > HUGE || Vectors.largest(x) > HUGE) {
      return Reason.DIVERGED;
    }
    if (iteration < method.maxIterations()) {
      return null;
    }
    return isInfeasible() ? Reason.INFEASIBLE : Reason.ITERATIONS;
  }

  private double smallestBarrier() {
    return LAST_BARRIER * method.tolerance();
  }

  /** How far the conditions are from being met with {@code slack * multiplier = product}. */
  private double error(double product) {
    double sum = 0;
    double error = 0;
    for (double value : lambda) {
      sum += Math.abs(value);
    }
    for (int j = 0; j < z.length; j++) {
      sum += z[j];
      error = Math.max(error, Math.abs(s[j] * z[j] - product));
    }
    double mean = sum / Math.max(1, lambda.length + z.length);
    error = Math.max(error, Vectors.largest(at.lagrangian(lambda, z))) / Math.max(1, mean / 100);
    error = Math.max(error, Vectors.largest(at.values().c()));
    return Math.max(error, Vectors.largest(Vectors.minus(at.values().h(), s)));
  }

  /** Goes along the Newton step as far as the merit function falls; false if it does not. */
  private boolean advance(KktSystem system) {
    KktSystem.Step step = system.step();
    if (!Vectors.isFinite(step.x()) || !Vectors.isFinite(step.lambda())) {
      return false;
    }
    double slope = slope(system, step);
    double merit = merit(at.values(), s);
    double slack = ROUNDING * (Math.abs(merit) + penalty);
    double violation = violation(at.values(), s);
    double longest = longest(s, step.s());
    for (double length = longest; length > SMALLEST_STEP; length /= 2) {
      double limit = merit + SUFFICIENT_DECREASE * length * slope + slack;
      Trial trial = new Trial(step, length);
      if (trial.merit() <= limit) {
        accept(trial, step, length);
        return true;
      }
      if (length == longest && trial.values.isFinite() && trial.violation() >= violation) {
        KktSystem.Step corrected = corrected(system, trial, length);
        double along = longest(s, corrected.s());
        Trial second = new Trial(corrected, along);
        if (second.merit() <= limit) {
          accept(second, corrected, along);
          return true;
        }
      }
    }
    return false;
  }

  /** A point along a step, with its slacks. */
  private final class Trial {
    private final double[] point;
    private final double[] slacks;
    private final Constraints.Values values;

    Trial(KktSystem.Step step, double length) {
      point = Vectors.plus(x, length, step.x());
      slacks = Vectors.plus(s, length, step.s());
      values = constraints.values(point);
      for (int j = 0; j < slacks.length; j++) {
        // A larger slack only lowers the merit, if the inequality has it to give.
        slacks[j] = Math.max(slacks[j], values.h()[j]);
      }
    }

    /** Infinite where a function is not defined. */
    double merit() {
      return values.isFinite() ? KktSearch.this.merit(values, slacks) : Double.POSITIVE_INFINITY;
    }

    double violation() {
      return KktSearch.this.violation(values, slacks);
    }
  }

  /**
   * The merit function's slope along a step. Adapts the penalty, so that the slope is negative
   * enough (Nocedal and Wright, 18.36).
   */
  private double slope(KktSystem system, KktSystem.Step step) {
    double slope = Vectors.dot(at.gradient(), step.x());
    for (int j = 0; j < s.length; j++) {
      slope -= barrier * step.s()[j] / s[j];
    }
    double violation = violation(at.values(), s);
    if (violation > method.tolerance() / 100) {
      double needed = (slope + Math.max(0, system.curvatureAlong(step)) / 2) / (0.9 * violation);
      double wanted = 1.5 * Math.max(needed, largestMultiplier(step));
      if (penalty < needed) {
        penalty = wanted;
      } else if (penalty > 4 * wanted) {
        // Far above what is needed it only forces small steps along curved constraints.
        penalty = Math.sqrt(penalty * wanted);
      }
    }
    return slope - penalty * violation;
  }

  /** Of the new multipliers, which an exact penalty has to exceed; at least 1e-3. */
  private double largestMultiplier(KktSystem.Step step) {
    double equality = Vectors.largest(Vectors.plus(lambda, 1, step.lambda()));
    return Math.max(1e-3, Math.max(equality, Vectors.largest(Vectors.plus(z, 1, step.z()))));
  }

  /** The step that also makes up for the constraints' curvature, which the trial has shown. */
  private KktSystem.Step corrected(KktSystem system, Trial trial, double length) {
    double[] c = Vectors.plus(trial.values.c(), length, at.values().c());
    double[] r = Vectors.minus(trial.values.h(), trial.slacks);
    return system.step(c, Vectors.plus(r, length, system.residual()));
  }

  /** f plus the barrier plus the exact penalty. */
  private double merit(Constraints.Values values, double[] slacks) {
    double sum = values.f() + penalty * violation(values, slacks);
    for (double slack : slacks) {
      sum -= barrier * Math.log(slack);
    }
    return sum;
  }

  /** The sum of the residuals' magnitudes. */
  private double violation(Constraints.Values values, double[] slacks) {
    double sum = 0;
    for (double value : values.c()) {
      sum += Math.abs(value);
    }
    for (int j = 0; j < slacks.length; j++) {
      sum += Math.abs(values.h()[j] - slacks[j]);
    }
    return sum;
  }

  /** The longest step, at most 1, that keeps all but a small share of each positive element. */
  private double longest(double[] positive, double[] change) {
    double keep = 1 - Math.max(0.99, 1 - barrier);
    double longest = 1;
    for (int j = 0; j < positive.length; j++) {
      if (change[j] < 0) {
        longest = Math.min(longest, (keep - 1) * positive[j] / change[j]);
      }
    }
    return longest;
  }

  private void accept(Trial trial, KktSystem.Step step, double length) {
    x = trial.point;
    s = trial.slacks;
    lambda = Vectors.plus(lambda, length, step.lambda());
    z = Vectors.plus(z, longest(z, step.z()), step.z());
    for (int j = 0; j < z.length; j++) {
      double center = barrier / s[j];
      z[j] = Math.clamp(z[j], center / MULTIPLIER_RANGE, center * MULTIPLIER_RANGE);
    }
    at = constraints.linearize(x);
  }

  /** Begins anew at a point that meets the constraints; false if that is not the trouble. */
  private boolean restore() {
    if (at.values().violation() <= VIOLATED || ++restorations > MAX_RESTORATIONS) {
      return false;
    }
    Feasibility.Found found = Feasibility.search(constraints, x, method.tolerance());
    if (found.violation() > VIOLATED) {
      return false;
    }
    begin(found.point());
    return true;
  }

  private boolean isInfeasible() {
    return at.values().violation() > VIOLATED
        && Feasibility.search(constraints, x, method.tolerance()).violation() > VIOLATED;
  }

  private boolean isFinite() {
    return at.values().isFinite() && Vectors.isFinite(at.gradient());
  }

  private double gradientNorm() {
    return Vectors.norm(at.lagrangian(lambda, z));
  }

  private void note() {
    history.add(new Solution.Step(x, at.values().f(), gradientNorm()));
  }

  private Solution solution(Reason reason) {
    return new Solution(
        x,
        at.values().f(),
        gradientNorm(),
        constraints.multipliers(lambda, z),
        history.size() - 1,
        constraints.evaluations(),
        reason,
        Outcome.message(reason, error(0), at.values().violation(), history.size() - 1),
        List.copyOf(history));
  }
}
