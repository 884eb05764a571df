package talweg.report;

import java.util.Locale;
import java.util.stream.IntStream;
import talweg.train.ConfusionMatrix;
import talweg.train.RegressionScores;

/** How good a model is, as tables. */
final class Scores {
  /** A larger matrix would be hard to read; the figures of each class are shown in any case. */
  private static final int MAX_CLASSES = 40;

  private Scores() {}

  static String classification(Run run) {
    ConfusionMatrix matrix = ConfusionMatrix.of(run.test(), run.predictions());
    StringBuilder html = new StringBuilder("<section>\n<h2>Test data, class by class</h2>\n");
    if (matrix.classes() <= MAX_CLASSES) {
      html.append(confusion(run, matrix));
    }
    return html.append(perClass(run, matrix)).append("</section>\n").toString();
  }

  private static String confusion(Run run, ConfusionMatrix matrix) {
    StringBuilder html =
        new StringBuilder(
            "<p>Rows are the true classes, columns the predicted ones.</p>\n"
                + "<div class=\"wide\"><table class=\"confusion\">\n<thead><tr><td></td>");
    for (int p = 0; p < matrix.classes(); p++) {
      html.append("<th scope=\"col\">").append(name(run, p)).append("</th>");
    }
    html.append("</tr></thead>\n<tbody>\n");
    for (int a = 0; a < matrix.classes(); a++) {
      html.append("<tr><th scope=\"row\">").append(name(run, a)).append("</th>");
      for (int p = 0; p < matrix.classes(); p++) {
        html.append(cell(matrix, a, p));
      }
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  /** Shaded by the share of its row; errors in another colour, and visible from the first on. */
  private static String cell(ConfusionMatrix matrix, int actual, int predicted) {
    long count = matrix.count(actual, predicted);
    if (count == 0) {
      return "<td class=\"none\">0</td>";
    }
    double share = (double) count / matrix.support(actual);
    boolean right = actual == predicted;
    return String.format(
        Locale.ROOT,
        "<td class=\"%s\" style=\"--share: %.0f%%\">%,d</td>",
        right ? "right" : "wrong",
        right ? 10 + 45 * share : 15 + 50 * share,
        count);
  }

  private static String perClass(Run run, ConfusionMatrix matrix) {
    StringBuilder html =
        new StringBuilder(
            "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">class</th>"
                + "<th scope=\"col\" class=\"n\">precision</th>"
                + "<th scope=\"col\" class=\"n\">recall</th><th scope=\"col\" class=\"n\">F1</th>"
                + "<th scope=\"col\" class=\"n\">examples</th></tr></thead>\n<tbody>\n");
    for (int c = 0; c < matrix.classes(); c++) {
      html.append(
          row(
              name(run, c),
              matrix.precision(c),
              matrix.recall(c),
              matrix.f1(c),
              matrix.support(c)));
    }
    long all = IntStream.range(0, matrix.classes()).mapToLong(matrix::support).sum();
    html.append(
        row(
            "mean of the classes",
            matrix.macroPrecision(),
            matrix.macroRecall(),
            matrix.macroF1(),
            all));
    return html.append("</tbody></table></div>\n").toString();
  }

  private static String row(String name, double precision, double recall, double f1, long n) {
    return String.format(
        Locale.ROOT,
        "<tr><td>%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td"
            + " class=\"n\">%,d</td></tr>%n",
        name,
        share(precision),
        share(recall),
        share(f1),
        n);
  }

  static String regression(Run run) {
    StringBuilder html =
        new StringBuilder(
            "<section>\n<h2>Test data, in the targets' units</h2>\n<div class=\"wide\"><table>\n"
                + "<thead><tr><th scope=\"col\">target</th>"
                + "<th scope=\"col\" class=\"n\">root mean squared error</th>"
                + "<th scope=\"col\" class=\"n\">mean absolute error</th>"
                + "<th scope=\"col\" class=\"n\">R²</th></tr></thead>\n<tbody>\n");
    for (int t = 0; t < run.test().outputs(); t++) {
      RegressionScores scores =
          RegressionScores.of(run.test(), run.predictions(), run.targets(), t);
      html.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s</td><td class=\"n\">%.5g</td><td class=\"n\">%.5g</td><td"
                  + " class=\"n\">%.4f</td></tr>%n",
              Html.escape(run.test().targetNames().get(t)),
              scores.rmse(),
              scores.mae(),
              scores.r2()));
    }
    return html.append("</tbody></table></div>\n</section>\n").toString();
  }

  private static String name(Run run, int c) {
    return Html.escape(run.className(c));
  }

  private static String share(double value) {
    return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, "%.4f", value);
  }
}
