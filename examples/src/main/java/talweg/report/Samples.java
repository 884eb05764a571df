package talweg.report;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import talweg.data.Dataset;
import talweg.data.Standardizer;
import talweg.train.Predictions;

/**
 * Some test examples with the predictions for them: the most confident errors and the first correct
 * ones.
 */
final class Samples {
  private static final int WRONG = 24;
  private static final int RIGHT = 12;
  private static final int ROWS = 12;
  private static final int COLUMNS = 8;

  /** What standardising and restoring an F32 may change. */
  private static final double ROUNDING = 1e-6;

  private final Run run;
  private final Dataset test;
  private final Predictions predictions;
  private final int[] labels;
  private final float[] targets;

  Samples(Run run) {
    this.run = run;
    this.test = run.test();
    this.predictions = run.predictions();
    this.labels = test.isClassification() ? test.labels() : new int[0];
    this.targets = test.isClassification() ? new float[0] : test.targets();
  }

  /**
   * The section about them.
   *
   * @param pictures whether images may be shown as such
   */
  String section(boolean pictures) {
    StringBuilder html = new StringBuilder("<section>\n<h2>Examples</h2>\n");
    if (!test.isClassification()) {
      return html.append(table(largestErrors(), "largest errors"))
          .append("</section>\n")
          .toString();
    }
    List<Integer> wrong = wrong();
    List<Integer> right =
        IntStream.range(0, test.size())
            .filter(i -> predictions.label(i) == labels[i])
            .limit(RIGHT)
            .boxed()
            .toList();
    String first = "%,d of %,d are wrong; the most confident first".formatted(count(), test.size());
    if (pictures && isImage()) {
      html.append(images(wrong, first)).append(images(right, "correct predictions"));
    } else {
      html.append(table(wrong.subList(0, Math.min(ROWS, wrong.size())), first))
          .append(table(right, "correct predictions"));
    }
    return html.append("</section>\n").toString();
  }

  private long count() {
    return IntStream.range(0, test.size()).filter(this::isWrong).count();
  }

  private boolean isWrong(int i) {
    return predictions.label(i) != labels[i];
  }

  private List<Integer> wrong() {
    return IntStream.range(0, test.size())
        .filter(this::isWrong)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -confidence(i)))
        .limit(WRONG)
        .toList();
  }

  private double confidence(int i) {
    return predictions.probabilities(i)[predictions.label(i)];
  }

  private List<Integer> largestErrors() {
    int columns = test.outputs();
    return IntStream.range(0, test.size())
        .boxed()
        .sorted(
            Comparator.comparingDouble(
                i -> -Math.abs(predictions.row(i)[0] - targets[i * columns])))
        .limit(ROWS)
        .toList();
  }

  private boolean isImage() {
    int[] shape = test.featureShape();
    return shape.length == 2 || shape.length == 3 && (shape[0] == 1 || shape[0] == 3);
  }

  private String images(List<Integer> examples, String caption) {
    if (examples.isEmpty()) {
      return "";
    }
    StringBuilder html =
        new StringBuilder("<h3>").append(caption).append("</h3>\n<ul class=\"images\">\n");
    for (int i : examples) {
      String said = Html.escape(run.className(predictions.label(i)));
      String actual = Html.escape(run.className(labels[i]));
      html.append(
          String.format(
              Locale.ROOT,
              "<li><img src=\"data:image/png;base64,%s\" alt=\"%s\"><span>%s</span><small>%.0f %%"
                  + " sure</small></li>%n",
              png(i),
              "a " + actual,
              isWrong(i) ? "<b>%s</b><br>taken for <b>%s</b>".formatted(actual, said) : actual,
              100 * confidence(i)));
    }
    return html.append("</ul>\n").toString();
  }

  /** The example as a PNG in base 64, its smallest value black and its largest white. */
  private String png(int example) {
    float[] values = test.features(example);
    int[] shape = test.featureShape();
    int height = shape[shape.length - 2];
    int width = shape[shape.length - 1];
    int channels = values.length / (height * width);
    float low = values[0];
    float high = values[0];
    for (float value : values) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int pixel = 0; pixel < height * width; pixel++) {
      int rgb = 0;
      for (int c = 0; c < 3; c++) {
        float value = values[(channels == 3 ? c * height * width : 0) + pixel];
        int level = high == low ? 0 : Math.round(255 * (value - low) / (high - low));
        rgb = rgb << 8 | level;
      }
      image.setRGB(pixel % width, pixel / width, rgb);
    }
    try (ByteArrayOutputStream out = new ByteArrayOutputStream()) {
      ImageIO.write(image, "png", out);
      return Base64.getEncoder().encodeToString(out.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException("report: a sample cannot be drawn: " + e.getMessage(), e);
    }
  }

  private String table(List<Integer> examples, String caption) {
    if (examples.isEmpty()) {
      return "";
    }
    int columns = Math.min(COLUMNS, test.featureCount());
    StringBuilder html = new StringBuilder("<h3>").append(caption).append("</h3>\n");
    html.append("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">true</th>");
    html.append("<th scope=\"col\">predicted</th>");
    for (int c = 0; c < columns; c++) {
      String name =
          test.featureNames().isEmpty() ? "feature " + (c + 1) : test.featureNames().get(c);
      html.append("<th scope=\"col\" class=\"n\">").append(Html.escape(name)).append("</th>");
    }
    html.append(columns < test.featureCount() ? "<th>…</th>" : "").append("</tr></thead>\n<tbody>");
    for (int i : examples) {
      html.append("<tr>");
      answers(i).forEach(text -> html.append("<td>").append(text).append("</td>"));
      double[] values = restored(run.features(), test.features(i));
      for (int c = 0; c < columns; c++) {
        html.append("<td class=\"n\">").append(number(values[c])).append("</td>");
      }
      html.append(columns < test.featureCount() ? "<td></td>" : "").append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  /** The true and the predicted value, in the target's units. */
  private List<String> answers(int i) {
    List<String> answers = new ArrayList<>();
    if (test.isClassification()) {
      answers.add(Html.escape(run.className(labels[i])));
      answers.add(
          "%s (%.0f %%)"
              .formatted(Html.escape(run.className(predictions.label(i))), 100 * confidence(i)));
      return answers;
    }
    int columns = test.outputs();
    float[] actual = Arrays.copyOfRange(targets, i * columns, (i + 1) * columns);
    float[] predicted = predictions.row(i);
    answers.add(number(restored(run.targets(), actual)[0]));
    answers.add(number(restored(run.targets(), predicted)[0]));
    return answers;
  }

  private static double[] restored(Standardizer standardizer, float[] values) {
    return standardizer == null
        ? IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray()
        : standardizer.restoreExactly(values);
  }

  private static String number(double value) {
    double whole = Math.rint(value);
    return Math.abs(value - whole) <= ROUNDING * Math.max(1, Math.abs(value))
        ? String.format(Locale.ROOT, "%d", (long) whole)
        : String.format(Locale.ROOT, "%.4g", value);
  }
}
