package talweg.optim;

import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import talweg.check.Require;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Learning rates computed on the host and uploaded ahead, so that the device finds its rate by the
 * number of applied updates without the host's help, also in a replayed graph. Column {@code i} of
 * a row holds the rate of the steps that are {@code i} modulo {@value #WINDOW}.
 */
final class RateRing {
  /** Steps between two uploads. */
  static final int WINDOW = 1024;

  private final Tensor ring;
  private List<Schedule> schedules;
  private final double[] host;

  /** The first step of those uploaded for which a schedule has no usable rate, and its group. */
  private long invalidStep;

  private int invalidGroup;

  RateRing(Session session, List<Schedule> schedules) {
    this.schedules = List.copyOf(schedules);
    this.host = new double[schedules.size() * WINDOW];
    this.ring =
        session
            .emptyIn(session.root(), DType.F64, Shape.of(schedules.size(), WINDOW))
            .named("learning rates");
  }

  /** Uploads the rates of steps {@code applied} to {@code applied + WINDOW - 1}. */
  void refresh(long applied) {
    invalidStep = Long.MAX_VALUE;
    for (int group = 0; group < schedules.size(); group++) {
      for (long step = applied; step < applied + WINDOW; step++) {
        double rate = schedules.get(group).rate(step);
        host[group * WINDOW + (int) (step % WINDOW)] = rate;
        if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY) && step < invalidStep) {
          invalidStep = step;
          invalidGroup = group;
        }
      }
    }
    ring.session().upload(java.lang.foreign.MemorySegment.ofArray(host), ring.view());
  }

  /**
   * Refuses a step whose rate is none. Rates are computed ahead of the steps, many of which may
   * never be made, so that only the step itself is the place to complain.
   *
   * @param most steps applied so far, at the most
   * @param applied steps applied so far, which waits for the device
   */
  void requireValid(long most, LongSupplier applied) {
    if (most >= invalidStep && applied.getAsLong() >= invalidStep) {
      Schedule schedule = schedules.get(invalidGroup);
      // Other classes' texts, such as those of lambdas, may be nothing but an address.
      String text = schedule.getClass().isRecord() ? schedule.toString() : "of your own";
      throw Require.wrong(
          "optimizer",
          String.format(
              Locale.ROOT, "learning rate of step %d by the schedule %s", invalidStep + 1, text),
          "a finite number >= 0",
          schedule.rate(invalidStep));
    }
  }

  List<Schedule> schedules() {
    return schedules;
  }

  /**
   * Changes the schedules from step {@code applied} on. The ring's memory stays the same and only
   * its content changes, so captured steps see it at their next replay.
   */
  void replace(List<Schedule> next, long applied) {
    schedules = List.copyOf(next);
    refresh(applied);
  }

  void free() {
    ring.free();
  }

  Tensor ring() {
    return ring;
  }

  /** The rate of one group at the applied step found on the device, as an F64 scalar. */
  Tensor current(int group, Tensor applied) {
    Tensor laps = applied.mul(1.0 / WINDOW).to(DType.I64).to(DType.F64);
    Tensor column = applied.sub(laps.mul(WINDOW)).to(DType.I64).reshape(1);
    return ring.slice(0, group, group + 1).reshape(WINDOW).gather(0, column).reshape();
  }
}
