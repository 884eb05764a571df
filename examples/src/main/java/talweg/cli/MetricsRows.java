package talweg.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import talweg.train.EpochResult;
import talweg.train.Evaluation;

/**
 * The rows that an earlier start of a run left in its {@code metrics.csv}, up to an epoch. The file
 * may be damaged or gone: whole rows whose epochs rise are taken, and nothing else.
 *
 * @param file it, or one that does not exist
 * @param last epoch of interest
 */
record MetricsRows(Path file, int last) {
  private static final int COLUMNS = MetricsCsv.HEADER.split(",").length;

  /** The first version had no mean and maximum of gradient norms. */
  private static final int FORMER_COLUMNS = COLUMNS - 2;

  /** Longer lines are none of ours; whatever is in the file, no more of it is held at once. */
  private static final int LONGEST = 4096;

  /** Takes a row. */
  @FunctionalInterface
  interface Taker {
    void take(int epoch, String row) throws IOException;
  }

  /**
   * What was found.
   *
   * @param rows that were taken
   * @param cleanBytes length of the heading and the rows, where nothing else is between them, and
   *     the rows begin with epoch 1 and leave none out; else 0
   */
  record Found(int rows, long cleanBytes) {}

  /** Hands over all rows in order. */
  Found forEach(Taker taker) throws IOException {
    if (!Files.isRegularFile(file)) {
      return new Found(0, 0);
    }
    int rows = 0;
    int before = 0;
    int cleanRows = 0;
    long cleanBytes = 0;
    long at = 0;
    boolean clean = true;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16)) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (long bytes = line(in, line); bytes > 0; bytes = line(in, line)) {
        String text = line.toString(StandardCharsets.UTF_8);
        boolean head = at == 0 && text.equals(MetricsCsv.HEADER);
        at += bytes;
        int epoch = head ? 0 : epoch(text);
        if (epoch > before && epoch <= last) {
          taker.take(epoch, whole(text));
          rows++;
          before = epoch;
        }
        clean &= head || epoch == cleanRows + 1 && text.equals(whole(text));
        if (clean && epoch <= last) {
          cleanRows = epoch;
          cleanBytes = at;
        }
      }
    }
    return new Found(rows, cleanRows == rows ? cleanBytes : 0);
  }

  /** Reads a line that ends with a line feed; gives its length with that, 0 at the end. */
  private static long line(InputStream in, ByteArrayOutputStream line) throws IOException {
    line.reset();
    long bytes = 0;
    for (int b = in.read(); b >= 0; b = in.read()) {
      bytes++;
      if (b == '\n') {
        return bytes;
      }
      if (line.size() < LONGEST) {
        line.write(b);
      }
    }
    // Cut off: not a row, even if it looks like one.
    line.reset();
    return bytes;
  }

  /** The epoch of a whole row, or 0. */
  private static int epoch(String row) {
    String[] cells = row.split(",", -1);
    try {
      return cells.length == COLUMNS || cells.length == FORMER_COLUMNS
          ? Integer.parseInt(cells[0])
          : 0;
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /** A row with all columns. */
  private static String whole(String row) {
    return row.split(",", -1).length == FORMER_COLUMNS ? row + ",," : row;
  }

  /** What a row says, as far as it can be read. */
  static EpochResult result(int epoch, String row) {
    String[] cells = row.split(",", -1);
    boolean validated = !(cells[4].isEmpty() && cells[5].isEmpty());
    return new EpochResult(
        epoch,
        (long) number(cells[1]),
        new Evaluation(number(cells[2]), number(cells[3])),
        validated ? new Evaluation(number(cells[4]), number(cells[5])) : null,
        number(cells[6]),
        number(cells[7]),
        number(cells[9]),
        number(cells[8]),
        number(cells[14]),
        number(cells[15]));
  }

  private static double number(String cell) {
    try {
      return Double.parseDouble(cell);
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }
}
