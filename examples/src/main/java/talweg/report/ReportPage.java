package talweg.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import talweg.check.WriteErrors;
import talweg.data.Standardizer;
import talweg.io.AtomicFile;
import talweg.plot.Figure;
import talweg.plot.Palette;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Phases;

/**
 * A finished run as one HTML file that needs no other and no network: curves, scores, examples,
 * settings, device. It follows the reader's choice of light or dark colours.
 */
public final class ReportPage {
  private static final String TEMPLATE = "/talweg/report/report.html";

  private final Run run;
  private final boolean pictures;

  private ReportPage(Run run, boolean pictures) {
    this.run = run;
    this.pictures = pictures;
  }

  /**
   * Writes the page, making the folder if need be.
   *
   * @param pictures whether to draw curves and images; without them, there are tables only
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path file, Run run, boolean pictures) {
    try {
      AtomicFile.writeString(file, new ReportPage(run, pictures).page());
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(file, e), e);
    }
  }

  private String page() {
    Map<String, String> parts = new LinkedHashMap<>();
    parts.put("title", Html.escape("Talweg: " + run.name()));
    parts.put("light", Html.variables(Palette.LIGHT));
    parts.put("dark", Html.variables(Palette.DARK));
    parts.put("summary", summary());
    parts.put("curves", pictures ? curves() : "");
    parts.put("scores", scores());
    parts.put("samples", run.predictions() == null ? "" : new Samples(run).section(pictures));
    parts.put("epochs", epochs());
    parts.put("phases", phases());
    parts.put("facts", list(run.facts()));
    parts.put("configuration", list(run.configuration()));
    return Html.fill(TEMPLATE, parts);
  }

  private String summary() {
    EpochResult last = run.last();
    Map<String, String> figures = new LinkedHashMap<>();
    figures(figures, "test", run.result());
    figures(figures, "validation", run.kept().validation());
    figures.put("training " + run.loss().name(), run.loss().value(run.kept().train()));
    figures.put("epochs", number("%,d", last.epoch()));
    figures.put("steps", number("%,d", last.steps()));
    figures.put("seconds of training", number("%,.1f", run.seconds()));
    StringBuilder html = new StringBuilder("<dl class=\"figures\">\n");
    figures.forEach(
        (name, value) -> html.append("<div><dt>%s</dt><dd>%s</dd></div>%n".formatted(name, value)));
    return html.append("</dl>\n").toString();
  }

  private void figures(Map<String, String> figures, String part, Evaluation scores) {
    if (scores == null) {
      return;
    }
    if (!Double.isNaN(scores.accuracy())) {
      figures.put(part + " accuracy", number("%.4f", scores.accuracy()));
    }
    figures.put(part + " " + run.loss().name(), run.loss().value(scores));
  }

  private String curves() {
    Curves curves = new Curves(run.epochs());
    StringBuilder html = new StringBuilder("<section class=\"curves\">\n");
    html.append(element(curves.loss(run.facts().get("loss"), run.targets() != null), "loss"));
    if (!Double.isNaN(run.last().train().accuracy())) {
      html.append(element(curves.accuracy(), "accuracy"));
    } else if (run.predictions() != null) {
      html.append(agreement());
    }
    html.append(element(curves.learningRate(), "rate"));
    html.append(element(curves.gradientNorm(), "norm"));
    return html.append("</section>\n").toString();
  }

  private static String element(Figure figure, String id) {
    return "<figure>" + figure.toElement(id).text() + "</figure>\n";
  }

  private String scores() {
    if (run.predictions() == null) {
      return "";
    }
    return run.classifies() ? Scores.classification(run) : Scores.regression(run);
  }

  /** Where a classification shows its accuracy. */
  private String agreement() {
    double[] actual = restored(run.targets(), run.test().targets());
    double[] predicted = restored(run.targets(), run.predictions().values());
    int columns = run.test().outputs();
    StringBuilder html = new StringBuilder();
    for (int t = 0; t < columns; t++) {
      double[] x = new double[run.test().size()];
      double[] y = new double[x.length];
      for (int i = 0; i < x.length; i++) {
        x[i] = actual[i * columns + t];
        y[i] = predicted[i * columns + t];
      }
      String target = run.test().targetNames().get(t);
      html.append(element(Curves.agreement(target, x, y), "agreement-" + t));
    }
    return html.toString();
  }

  private static double[] restored(Standardizer standardizer, float[] values) {
    return standardizer == null
        ? IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray()
        : standardizer.restoreExactly(values);
  }

  private String epochs() {
    StringBuilder html = new StringBuilder();
    for (EpochResult e : run.epochs()) {
      html.append("<tr>");
      cell(html, number("%,d", e.epoch()));
      cell(html, number("%,d", e.steps()));
      cell(html, number("%.4f", e.train().loss()));
      cell(html, number("%.4f", e.train().accuracy()));
      cell(html, e.validation() == null ? "–" : number("%.4f", e.validation().loss()));
      cell(html, e.validation() == null ? "–" : number("%.4f", e.validation().accuracy()));
      cell(html, number("%.3g", e.learningRate()));
      cell(html, number("%.3g", e.gradientNormMean()));
      cell(html, number("%.3g", e.gradientNormMax()));
      cell(html, number("%,.0f", e.samplesPerSecond()));
      html.append("</tr>\n");
    }
    return html.toString();
  }

  private static void cell(StringBuilder html, String text) {
    html.append("<td class=\"n\">").append(text).append("</td>");
  }

  private String phases() {
    Phases phases = run.phases();
    if (phases == null) {
      return "<p>No step was timed part by part since the run was started or resumed: it takes"
          + " epochs of mini-batches with a few steps each, and memory that is not used"
          + " up.</p>\n";
    }
    StringBuilder html =
        new StringBuilder(
            "<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">part</th>"
                + "<th scope=\"col\" class=\"n\">time for an example</th>"
                + "<th scope=\"col\" class=\"n\">examples/s</th>"
                + "<th scope=\"col\" class=\"n\">share</th></tr></thead>\n<tbody>\n");
    phase(html, "data", phases.data());
    phase(html, "forward", phases.forward());
    phase(html, "backward", phases.backward());
    phase(html, "optimizer", phases.optimizer());
    return html.append("</tbody></table></div>\n")
        .append(
            "<p class=\"note\">Medians over the epochs. Data: mean of all steps of an epoch. The"
                + " others: one step of an epoch that ran operation by operation and waited for the"
                + " device after each part; other steps are replayed as a whole and can be faster"
                + " than the sum.</p>\n")
        .toString();
  }

  private void phase(StringBuilder html, String name, double seconds) {
    html.append(
        String.format(
            Locale.ROOT,
            "<tr><td>%s</td><td class=\"n\">%,.2f µs</td><td class=\"n\">%,.0f</td><td"
                + " class=\"n\">%.0f %%</td></tr>%n",
            name,
            seconds * 1e6,
            1 / seconds,
            100 * seconds / run.phases().sum()));
  }

  private static String list(Map<String, String> entries) {
    StringBuilder html = new StringBuilder("<dl class=\"facts\">\n");
    entries.forEach((name, value) ->
        html.append(
            "<div><dt>%s</dt><dd>%s</dd></div>%n"
                .formatted(Html.escape(name), Html.escape(value))));
    return html.append("</dl>\n").toString();
  }

  private static String number(String format, Number value) {
    return Double.isNaN(value.doubleValue()) ? "–" : String.format(Locale.ROOT, format, value);
  }
}
