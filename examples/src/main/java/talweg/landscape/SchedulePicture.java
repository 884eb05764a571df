package talweg.landscape;

import java.util.Arrays;
import java.util.List;
import talweg.optim.Schedule;
import talweg.optim.schedule.ScheduleDefaults;
import talweg.optim.schedule.Schedules;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;

/** Learning-rate schedules as curves over the steps of a training. */
public final class SchedulePicture {
  private static final int STEPS = 100;

  /**
   * Least change of a relative rate that counts as a jump, and how much more than its neighbours'.
   */
  private static final double JUMP = 0.02;

  private static final double STEEPER = 3;

  private SchedulePicture() {}

  /** Schedules that only fall, over so many steps of a training with base rate 1. */
  public static Figure falling(Request request) {
    int steps = request.stepsOr(STEPS);
    String period = "every=" + Math.max(1, steps / 4) + "steps";
    return figure(
        "Learning rates that fall",
        steps,
        List.of(
            "constant",
            "step:factor=0.5," + period,
            "exponential:factor=0.4," + period,
            "polynomial:power=2",
            "linear",
            "cosine"));
  }

  /** Schedules that rise, too. */
  public static Figure rising(Request request) {
    int steps = request.stepsOr(STEPS);
    int part = Math.max(1, steps / 5);
    return figure(
        "Learning rates that rise, too",
        steps,
        List.of(
            "cosine-restarts:first=" + part + "steps",
            "cyclic:max=1,up=" + part + "steps,mode=triangular2",
            "one-cycle",
            "warmup:steps=10%(cosine)",
            "inverse-sqrt:warmup=4%"));
  }

  private static Figure figure(String title, int steps, List<String> schedules) {
    Figure figure =
        new Figure(
            title,
            "relative to the base rate, over %d steps".formatted(steps),
            Axis.whole("step", 0, 1.02 * steps),
            Axis.linear("learning rate / base rate", -0.02, 1.1));
    ScheduleDefaults defaults = new ScheduleDefaults(1, steps, 1);
    int color = 0;
    for (String text : schedules) {
      String name = text.replaceFirst("^warmup.*[(](.*)[)]", "warm-up, $1").replaceFirst(":.*", "");
      figure.add(curve(name, color++, Schedules.parse(text, defaults), steps));
    }
    return figure;
  }

  /**
   * The rate of each step; where it jumps from one to the next, the line goes straight up or down.
   */
  private static Layer curve(String label, int color, Schedule schedule, int steps) {
    double[] rates = schedule.rates(steps);
    double[] x = new double[2 * steps];
    double[] y = new double[2 * steps];
    int n = 0;
    for (int i = 0; i < steps; i++) {
      if (isJump(rates, i)) {
        x[n] = i;
        y[n++] = rates[i - 1];
      }
      x[n] = i;
      y[n++] = rates[i];
    }
    return new Layer.Curve(label, color, Arrays.copyOf(x, n), Arrays.copyOf(y, n), Layer.Ends.LAST);
  }

  /** Whether the rate changes to this step by much more than around it. */
  static boolean isJump(double[] rates, int step) {
    double change = change(rates, step);
    double around = Math.max(change(rates, step - 1), change(rates, step + 1));
    return change > JUMP && change > STEEPER * around;
  }

  private static double change(double[] rates, int step) {
    return step < 1 || step >= rates.length ? 0 : Math.abs(rates[step] - rates[step - 1]);
  }
}
