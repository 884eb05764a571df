package talweg.train;

import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import talweg.error.CaptureException;
import talweg.nn.Module;

/**
 * Whether a trainer may capture its steps, which must never change what they mean: only where every
 * module and the loss are known or declared to do the same work in each step. Where one is not, it
 * measures what that costs, and says so once.
 */
final class StepCapture {
  /** Steps before the measurement: code is compiled by then. */
  private static final int WARM_UP = 20;

  private static final int MEASURED = 10;
  private static final String LAYERS = Module.class.getPackageName();

  private final Module model;
  private final Objective objective;
  private final List<String> undeclared;
  private boolean on = true;
  private int steps;
  private int measured;
  private double total;
  private double host;
  private boolean told;

  StepCapture(Module model, Objective objective) {
    this.model = model;
    this.objective = objective;
    this.undeclared =
        model.modules().entrySet().stream()
            .filter(e -> !e.getValue().isReplayable())
            .map(e -> describe(e.getKey(), e.getValue()))
            .toList();
  }

  void on(boolean on) {
    this.on = on;
  }

  boolean isAllowed() {
    return on && undeclared.isEmpty() && objective.replayable();
  }

  /** Whether the next step, which is not captured, is to be measured. */
  boolean wantsMeasurement() {
    return on && !told;
  }

  /** Takes a step's time, and the part of it that a replay would save. */
  void measured(double seconds, double hostSeconds) {
    if (steps++ == WARM_UP) {
      measured = 0;
      total = 0;
      host = 0;
    }
    measured++;
    total += seconds;
    host += hostSeconds;
  }

  /**
   * Says what steps cost that are not captured, unless that was said.
   *
   * @param last whether no further step comes that could be measured
   */
  void tell(boolean last, Consumer<String> notice) {
    if (!told && measured > 0 && (last || steps == WARM_UP + MEASURED)) {
      told = true;
      notice.accept(notice());
    }
  }

  private String notice() {
    return String.format(
        Locale.ROOT,
        "steps are not captured, because %s; of %.0f µs a step, the host takes %.0f µs (%.0f %%) to"
            + " build its operations, which a captured step saves",
        reason(),
        1e6 * total / measured,
        1e6 * host / measured,
        100 * host / total);
  }

  private String reason() {
    if (undeclared.isEmpty()) {
      return "loss \"%s\" does not declare that it does the same work in each step; if it does, pass objective.asReplayable()"
          .formatted(objective.name());
    }
    return "%s does not declare that it does the same work in each step; if it does, let its isReplayable() return true"
        .formatted(undeclared.getFirst());
  }

  /** The error of a step that was declared to be replayable and is not. */
  CaptureException explain(CaptureException e) {
    String own =
        model.modules().entrySet().stream()
            .filter(m -> !m.getValue().getClass().getPackageName().equals(LAYERS))
            .map(m -> describe(m.getKey(), m.getValue()))
            .collect(Collectors.joining(", "));
    String declared = own.isEmpty() ? "loss \"" + objective.name() + "\"" : own;
    return e.advising(
        "the trainer captures its steps, because %s declares to be replayable: withdraw that, or do without what depends on the host; trainer.capture(false) runs all steps as written"
            .formatted(declared));
  }

  private static String describe(String path, Module module) {
    return path.isEmpty()
        ? "the model (" + module + ")"
        : "layer \"" + path + "\" (" + module + ")";
  }
}
