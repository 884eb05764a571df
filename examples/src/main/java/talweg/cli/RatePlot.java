package talweg.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Learning rates as columns of block characters, from 0 to the largest one. */
final class RatePlot {
  private static final int WIDTH = 64;
  private static final int HEIGHT = 10;

  /** A cell that is filled from below by so many eighths. */
  private static final String EIGHTHS = " ▁▂▃▄▅▆▇█";

  private RatePlot() {}

  /** The lines of the plot; each column shows the largest rate of its steps. */
  static List<String> lines(double[] rates) {
    int width = Math.min(WIDTH, rates.length);
    double[] columns = new double[width];
    for (int c = 0; c < width; c++) {
      int from = (int) ((long) c * rates.length / width);
      int to = (int) ((c + 1L) * rates.length / width);
      columns[c] = Arrays.stream(rates, from, to).max().orElseThrow();
    }
    double top = Arrays.stream(columns).max().orElseThrow();
    List<String> lines = new ArrayList<>();
    for (int row = HEIGHT - 1; row >= 0; row--) {
      StringBuilder line = new StringBuilder(label(row == HEIGHT - 1 ? number(top) : "", "│"));
      for (double rate : columns) {
        line.append(cell(top == 0 ? 0 : rate / top * HEIGHT - row));
      }
      lines.add(line.toString().stripTrailing());
    }
    lines.add(label("0", "└") + "─".repeat(width));
    String last = Integer.toString(rates.length - 1);
    lines.add(label("", " ") + ("0" + pad(last, width - 1)).stripTrailing());
    return lines;
  }

  private static char cell(double filled) {
    return EIGHTHS.charAt((int) Math.round(8 * Math.clamp(filled, 0, 1)));
  }

  private static String label(String text, String axis) {
    return "%12s %s".formatted(text, axis);
  }

  private static String pad(String text, int width) {
    return width < text.length() + 1 ? "" : " ".repeat(width - text.length()) + text;
  }

  private static String number(double rate) {
    return String.format(Locale.ROOT, "%.4g", rate);
  }
}
