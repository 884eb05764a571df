package talweg.landscape;

import java.awt.geom.Rectangle2D;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import talweg.check.WriteErrors;
import talweg.io.AtomicFile;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Palette;

/**
 * The regression's two spaces side by side on one HTML page that needs nothing else: a slider steps
 * through the searches, and each candidate is a line on the left and a point on the right.
 */
public final class RegressionPage {
  private static final String TEMPLATE = "/talweg/landscape/regression.html";

  private RegressionPage() {}

  /**
   * Writes the page, making the folder if need be.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public static void write(Path file, RegressionPicture picture) {
    try {
      AtomicFile.writeString(file, page(picture));
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(file, e), e);
    }
  }

  private static String page(RegressionPicture picture) {
    Figure.Element data =
        picture.points("made-up shops: what they spent and what they sold").toElement("data");
    Figure.Element parameters = picture.contours().toElement("parameters");
    int steps = picture.ways().values().stream().mapToInt(Trajectory::steps).max().orElse(0);
    return template()
        .replace("{{light}}", variables(Palette.LIGHT))
        .replace("{{dark}}", variables(Palette.DARK))
        .replace("{{data}}", data.text())
        .replace("{{parameters}}", parameters.text())
        .replace(
            "{{dataArea}}",
            area(data.plotArea(), RegressionPicture.SPENDING, RegressionPicture.SALES))
        .replace(
            "{{parameterArea}}",
            area(parameters.plotArea(), RegressionPicture.SLOPE, RegressionPicture.INTERCEPT))
        .replace("{{steps}}", Integer.toString(steps))
        .replace("{{best}}", numbers(picture.best()))
        .replace("{{ways}}", ways(picture.ways()));
  }

  private static String template() {
    try (InputStream in = RegressionPage.class.getResourceAsStream(TEMPLATE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(TEMPLATE + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static String variables(Palette palette) {
    return palette.colors().entrySet().stream()
        .map(e -> "--%s: #%06x;".formatted(e.getKey(), e.getValue().getRGB() & 0xffffff))
        .collect(Collectors.joining(" "));
  }

  /** The place of a plot within its picture, and what its axes show. */
  private static String area(Rectangle2D place, Axis x, Axis y) {
    return "{left: %s, top: %s, width: %s, height: %s, x: [%s, %s], y: [%s, %s]}"
        .formatted(
            number(place.getX()),
            number(place.getY()),
            number(place.getWidth()),
            number(place.getHeight()),
            number(x.range().low()),
            number(x.range().high()),
            number(y.range().low()),
            number(y.range().high()));
  }

  private static String ways(Map<Contestant, Trajectory> ways) {
    return ways.entrySet().stream()
        .map(e ->
            "{name: \"%s\", color: %d, path: [%s]}"
                .formatted(e.getKey().label(), e.getKey().ordinal(), path(e.getValue())))
        .collect(Collectors.joining(",\n    ", "[", "]"));
  }

  private static String path(Trajectory way) {
    StringBuilder path = new StringBuilder();
    for (int i = 0; i < way.points().size(); i++) {
      double[] point = way.points().get(i);
      path.append(i == 0 ? "" : ", ").append(numbers(point[0], point[1], way.values().get(i)));
    }
    return path.toString();
  }

  private static String numbers(double... values) {
    return Arrays.stream(values).mapToObj(RegressionPage::number).toList().toString();
  }

  /** As JavaScript reads it: infinities and NaN have the same names there. */
  private static String number(double value) {
    return Double.isFinite(value)
        ? String.format(Locale.ROOT, "%.5g", value)
        : Double.toString(value);
  }
}
