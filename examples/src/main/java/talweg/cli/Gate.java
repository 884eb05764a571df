package talweg.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Bounds that a model has to keep, and whether it does. */
final class Gate {
  private final Map<Metric, Double> scores;
  private final List<String> passed = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();

  Gate(Map<Metric, Double> scores) {
    this.scores = scores;
  }

  void atLeast(Metric metric, double bound) {
    double value = scores.get(metric);
    check(value >= bound, metric, value, "at least", bound);
  }

  void atMost(Metric metric, double bound) {
    double value = scores.get(metric);
    check(value <= bound, metric, value, "at most", bound);
  }

  /** Equal is not better. */
  void betterThan(String other, Metric metric, Map<Metric, Double> its) {
    double value = scores.get(metric);
    double theirs = its.getOrDefault(metric, Double.NaN);
    if (its.containsKey(metric) && metric.isBetter(value, theirs)) {
      passed.add(
          "better than %s: %s %s against %s"
              .formatted(other, metric.label(), number(value), number(theirs)));
    } else {
      failures.add(
          "not better than %s: %s is %s, expected %s than %s"
              .formatted(
                  other,
                  metric.label(),
                  number(value),
                  metric.moreIsBetter() ? "more" : "less",
                  number(theirs)));
    }
  }

  private void check(boolean holds, Metric metric, double value, String relation, double bound) {
    if (holds) {
      passed.add(
          "%s %s is %s %s".formatted(metric.label(), number(value), relation, number(bound)));
    } else {
      failures.add(
          "not good enough: %s is %s, expected %s %s"
              .formatted(metric.label(), number(value), relation, number(bound)));
    }
  }

  List<String> passed() {
    return passed;
  }

  List<String> failures() {
    return failures;
  }

  /** With all digits that a bound may have been missed by. */
  private static String number(double value) {
    return String.format(Locale.ROOT, "%.6g", value)
        .replaceFirst("(\\.\\d*?)0+$", "$1")
        .replaceFirst("\\.$", "");
  }
}
