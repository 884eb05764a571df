package talweg.landscape;

import java.util.LinkedHashMap;
import java.util.Map;
import talweg.optim.Schedule;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;

/** Learning-rate schedules as curves over the steps of a training. */
public final class SchedulePicture {
  private static final int STEPS = 100;

  private SchedulePicture() {}

  /** Draws the schedules over so many steps of a training with base rate 1. */
  public static Figure of(Request request) {
    int steps = request.stepsOr(STEPS);
    Figure figure =
        new Figure(
            "Learning-rate schedules",
            "relative to the base rate, over %d steps".formatted(steps),
            Axis.linear("step", 0, 1.02 * steps),
            Axis.linear("learning rate / base rate", -0.02, 1.1));
    int color = 0;
    for (Map.Entry<String, Schedule> entry : schedules(steps).entrySet()) {
      figure.add(curve(entry.getKey(), color++, entry.getValue(), steps));
    }
    return figure;
  }

  private static Map<String, Schedule> schedules(int steps) {
    int warmup = Math.max(1, steps / 10);
    Map<String, Schedule> schedules = new LinkedHashMap<>();
    schedules.put("constant", new Schedule.Constant(1));
    schedules.put("cosine", new Schedule.Cosine(1, steps, 0));
    schedules.put(
        "warm-up, then cosine",
        new Schedule.Warmup(warmup, new Schedule.Cosine(1, Math.max(1, steps - warmup), 0)));
    return schedules;
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
