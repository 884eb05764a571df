package talweg.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import talweg.data.Dataset;
import talweg.data.LeftOut;
import talweg.session.Session;
import talweg.train.ConfusionMatrix;
import talweg.train.ModelFile;

/** What {@code evaluate} prints. */
final class EvaluateReport {
  /** A wider matrix does not fit a terminal. */
  private static final int MATRIX_CLASSES = 16;

  private final Console console;
  private final Session session;

  EvaluateReport(Console console, Session session) {
    this.console = console;
    this.session = session;
  }

  void start(ModelFile model, Dataset data, String source, LeftOut leftOut) {
    console.line("%s  %s".formatted(console.bold("model"), model.name()));
    console.line("%s  %s, %,d examples".formatted(console.bold("data "), source, data.size()));
    console.line(
        "%s  %s (%s)"
            .formatted(
                console.bold("on   "), session.backend().name(), session.backend().device()));
    if (leftOut.rows() > 0) {
      console.line("notice: " + DataNotices.leftOut(leftOut));
    }
    DataNotices.ofClasses(data).forEach(console::line);
  }

  void show(
      ModelFile model,
      Dataset data,
      LeftOut leftOut,
      Map<Metric, Double> scores,
      ConfusionMatrix matrix,
      Gate gate) {
    console.line("");
    scores.forEach((metric, value) ->
        console.line(
            String.format(
                Locale.ROOT, "%-16s %s", metric.label().replace('_', ' '), number(value))));
    if (matrix != null) {
      classes(model, matrix);
      if (matrix.classes() <= MATRIX_CLASSES) {
        matrix(model, matrix);
      }
    }
    gate.passed().forEach(line -> console.line(console.green("passed") + " " + line));
    console.json(event(model, data, leftOut, scores, matrix, gate));
  }

  private void classes(ModelFile model, ConfusionMatrix matrix) {
    int width = width(model, matrix);
    console.line("");
    console.line(
        console.bold(("%-" + width + "s  precision  recall      F1  examples").formatted("class")));
    for (int c = 0; c < matrix.classes(); c++) {
      console.line(
          String.format(
              Locale.ROOT,
              "%-" + width + "s  %9s  %6s  %6s  %,8d",
              name(model, c),
              number(matrix.precision(c)),
              number(matrix.recall(c)),
              number(matrix.f1(c)),
              matrix.support(c)));
    }
  }

  private void matrix(ModelFile model, ConfusionMatrix matrix) {
    int width = width(model, matrix);
    int cell = 6;
    StringBuilder head = new StringBuilder(("%-" + width + "s").formatted("true \\ says"));
    for (int c = 0; c < matrix.classes(); c++) {
      String name = name(model, c);
      head.append(
          ("%" + cell + "s").formatted(name.substring(0, Math.min(name.length(), cell - 1))));
    }
    console.line("");
    console.line(console.bold(head.toString()));
    for (int a = 0; a < matrix.classes(); a++) {
      StringBuilder row = new StringBuilder(("%-" + width + "s").formatted(name(model, a)));
      for (int p = 0; p < matrix.classes(); p++) {
        String count = ("%" + cell + "d").formatted(matrix.count(a, p));
        row.append(a == p || matrix.count(a, p) == 0 ? count : console.red(count));
      }
      console.line(row.toString());
    }
  }

  private static int width(ModelFile model, ConfusionMatrix matrix) {
    int width = "true \\ says".length();
    for (int c = 0; c < matrix.classes(); c++) {
      width = Math.max(width, name(model, c).length());
    }
    return width;
  }

  private static String name(ModelFile model, int c) {
    List<String> names = model.card().classes();
    return c < names.size() ? names.get(c) : Integer.toString(c);
  }

  private Map<String, Object> event(
      ModelFile model,
      Dataset data,
      LeftOut leftOut,
      Map<Metric, Double> scores,
      ConfusionMatrix matrix,
      Gate gate) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "evaluation");
    event.put("model", model.name());
    event.put("backend", session.backend().name());
    event.put("device", session.backend().device());
    event.put("examples", data.size());
    if (leftOut.rows() > 0) {
      event.put("rows_left_out", leftOut.rows());
    }
    scores.forEach((metric, value) -> event.put(metric.label(), orNull(value)));
    if (matrix != null) {
      List<Map<String, Object>> classes = new ArrayList<>();
      List<long[]> counts = new ArrayList<>();
      for (int c = 0; c < matrix.classes(); c++) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("class", name(model, c));
        one.put("precision", orNull(matrix.precision(c)));
        one.put("recall", orNull(matrix.recall(c)));
        one.put("f1", orNull(matrix.f1(c)));
        one.put("examples", matrix.support(c));
        classes.add(one);
        long[] row = new long[matrix.classes()];
        for (int p = 0; p < row.length; p++) {
          row[p] = matrix.count(c, p);
        }
        counts.add(row);
      }
      event.put("classes", classes);
      event.put("confusion", counts);
    }
    event.put("passed", gate.failures().isEmpty());
    event.put("failures", gate.failures());
    return event;
  }

  /** JSON has no NaN. */
  private static Double orNull(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.4f", value);
  }
}
