package talweg.landscape;

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
            "inverse-sqrt:warmup=10%"));
  }

  private static Figure figure(String title, int steps, List<String> schedules) {
    Figure figure =
        new Figure(
            title,
            "relative to the base rate, over %d steps".formatted(steps),
            Axis.linear("step", 0, 1.02 * steps),
            Axis.linear("learning rate / base rate", -0.02, 1.1));
    ScheduleDefaults defaults = new ScheduleDefaults(1, steps, 1);
    int color = 0;
    for (String text : schedules) {
      String name = text.replaceFirst("^warmup.*[(](.*)[)]", "warm-up, $1").replaceFirst(":.*", "");
      figure.add(curve(name, color++, Schedules.parse(text, defaults), steps));
    }
    return figure;
  }

  private static Layer curve(String label, int color, Schedule schedule, int steps) {
    double[] x = new double[steps + 1];
    double[] y = new double[steps + 1];
    for (int i = 0; i <= steps; i++) {
      x[i] = i;
      y[i] = schedule.rate(i);
    }
    return new Layer.Curve(label, color, x, y, Layer.Ends.LAST);
  }
}
