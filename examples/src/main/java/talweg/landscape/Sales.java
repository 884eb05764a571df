package talweg.landscape;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The small, made-up data set of the regression pictures.
 *
 * @param spending on advertising, in 1000 EUR
 * @param sales in 1000 units
 */
public record Sales(double[] spending, double[] sales) {
  private static final String RESOURCE = "/talweg/landscape/sales.csv";

  /** Reads the data that come with the program. */
  public static Sales load() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(
                Sales.class.getResourceAsStream(RESOURCE), StandardCharsets.UTF_8))) {
      List<String[]> rows =
          reader
              .lines()
              .filter(line -> !line.startsWith("#"))
              .skip(1) // the header
              .map(line -> line.split(",", -1))
              .toList();
      return new Sales(column(rows, 0), column(rows, 1));
    } catch (IOException e) {
      throw new UncheckedIOException(RESOURCE + " cannot be read: " + e.getMessage(), e);
    }
  }

  private static double[] column(List<String[]> rows, int column) {
    return rows.stream().mapToDouble(row -> Double.parseDouble(row[column])).toArray();
  }

  /** Number of rows. */
  public int size() {
    return spending.length;
  }
}
