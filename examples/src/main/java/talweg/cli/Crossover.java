package talweg.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Which backend trains fastest at which width and batch, and by how much. */
final class Crossover {
  private final List<Integer> widths;
  private final List<Integer> batches;
  private final List<Cell> cells = new ArrayList<>();

  /**
   * One size of network and batch.
   *
   * @param winner the fastest backend
   * @param second the next one, empty if there is none
   * @param factor by which the first is faster than the second; 1 if it is alone
   */
  record Cell(
      int width, int batch, String winner, String second, double factor, List<BenchmarkRow> rows) {
    String text() {
      return second.isEmpty()
          ? winner
          : String.format(Locale.ROOT, "%s %.2fx %s", winner, factor, second);
    }

    Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("event", "crossover");
      json.put("width", width);
      json.put("batch", batch);
      json.put("winner", winner);
      json.put("factor", Math.round(factor * 1e4) / 1e4);
      Map<String, Object> speeds = new LinkedHashMap<>();
      rows.forEach(row -> speeds.put(row.backend(), Math.round(row.number("samples_per_s"))));
      json.put("samples_per_s", speeds);
      return json;
    }
  }

  /** The chart of what was measured. */
  Crossover(BenchmarkFlags flags, Map<String, List<BenchmarkRow>> measured) {
    this.widths = flags.widths();
    this.batches = flags.batches();
    for (int batch : batches) {
      for (int width : widths) {
        List<BenchmarkRow> rows = measured.get(flags.crossover(width, batch).describe());
        cells.add(cell(width, batch, rows));
      }
    }
  }

  private static Cell cell(int width, int batch, List<BenchmarkRow> rows) {
    List<BenchmarkRow> sorted =
        rows.stream().sorted(Comparator.comparingDouble(BenchmarkRow::median)).toList();
    BenchmarkRow first = sorted.getFirst();
    BenchmarkRow second = sorted.size() > 1 ? sorted.get(1) : null;
    return new Cell(
        width,
        batch,
        first.backend(),
        second == null ? "" : second.backend(),
        second == null ? 1 : second.median() / first.median(),
        sorted);
  }

  List<Integer> widths() {
    return widths;
  }

  List<Integer> batches() {
    return batches;
  }

  /** By batch, and within it by width. */
  List<Cell> cells() {
    return cells;
  }

  /** A table for people: a row for each batch, a column for each width. */
  List<String> table() {
    List<String> lines = new ArrayList<>();
    StringBuilder head = new StringBuilder("  batch \\ width");
    widths.forEach(width -> head.append("  %-22d".formatted(width)));
    lines.add(head.toString().stripTrailing());
    for (int row = 0; row < batches.size(); row++) {
      StringBuilder line = new StringBuilder("  %-13d".formatted(batches.get(row)));
      for (int column = 0; column < widths.size(); column++) {
        line.append("  %-22s".formatted(cells.get(row * widths.size() + column).text()));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
