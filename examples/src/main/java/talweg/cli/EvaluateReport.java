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
  /** A larger matrix is hard to read. */
  private static final int MATRIX_CLASSES = 16;

  private static final String CORNER = "true \\ predicted";

  /** Columns of a matrix where the terminal does not limit them, and of its narrowest cells. */
  private static final int PLAIN_WIDTH = 120;

  private static final int LEAST_CELL = 6;

  private final Console console;
  private final Session session;

  EvaluateReport(Console console, Session session) {
    this.console = console;
    this.session = session;
  }

  void start(ModelFile model, Dataset data, String source, LeftOut leftOut) {
    console.line("%s  %s".formatted(console.bold("model"), model.name()));
    console.line(
        "%s  %s, %s".formatted(console.bold("data "), source, Text.count(data.size(), "example")));
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
    if (matrix == null) {
      console.line(
          "%-16s %s; rmse and mae are in its units"
              .formatted("target", String.join(", ", model.card().targets())));
    }
    scores.forEach((metric, value) ->
        console.line(
            "%-16s %s%s"
                .formatted(
                    metric.label().replace('_', ' '), number(value), remark(model, metric))));
    if (matrix != null) {
      classes(model, matrix);
      if (matrix.classes() <= MATRIX_CLASSES) {
        matrix(model, matrix);
      }
    }
    gate.passed().forEach(line -> console.line(console.green("passed") + " " + line));
    console.json(event(model, data, leftOut, scores, matrix, gate));
  }

  /** The loss of a regression is the only figure that is not in the target's units. */
  private static String remark(ModelFile model, Metric metric) {
    return metric == Metric.LOSS && DataFlags.targets(model.card().preprocessing()) != null
        ? "  (%s of the standardised target)".formatted(model.card().objective())
        : "";
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
    int cell = cell(model, matrix, width);
    StringBuilder head = new StringBuilder(("%-" + width + "s").formatted(CORNER));
    for (int c = 0; c < matrix.classes(); c++) {
      head.append(("%" + cell + "s").formatted(shortened(name(model, c), cell - 1)));
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

  /** Columns of a class: as its longest name needs, if there is room for that. */
  private int cell(ModelFile model, ConfusionMatrix matrix, int width) {
    int longest = LEAST_CELL - 1;
    for (int c = 0; c < matrix.classes(); c++) {
      longest = Math.max(longest, name(model, c).length());
    }
    int room = (Math.min(console.width(), PLAIN_WIDTH) - width) / matrix.classes();
    return Math.clamp(longest + 1, LEAST_CELL, Math.max(LEAST_CELL, room));
  }

  private static String shortened(String name, int most) {
    return name.length() <= most ? name : name.substring(0, most - 1) + "…";
  }

  private static int width(ModelFile model, ConfusionMatrix matrix) {
    int width = CORNER.length();
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
    if (Double.isNaN(value)) {
      return "-";
    }
    double size = Math.abs(value);
    String format = size >= 1e9 ? "%.4e" : size >= 1e5 ? "%,.2f" : "%.4f";
    return String.format(Locale.ROOT, format, value);
  }
}
