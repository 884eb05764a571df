package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import talweg.check.WriteErrors;
import talweg.io.AtomicFile;
import talweg.report.Html;

/**
 * A benchmark's table and chart as one HTML file that needs no other, light or dark as its reader
 * has it.
 *
 * @param machine where it was measured, from {@link Machine#facts}
 * @param rows by case
 * @param crossover null where there is none
 */
record BenchmarkPage(
    Map<String, Object> machine,
    Map<String, List<BenchmarkRow>> rows,
    Ceilings ceilings,
    Crossover crossover) {
  private static final String HEAD =
      """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark">
      <title>Talweg benchmark</title>
      <style>
      :root { color-scheme: light dark; --ink: light-dark(#1b1f24, #e6e8eb); --paper: light-dark(#ffffff, #16191d);
        --line: color-mix(in srgb, currentColor 20%, transparent);
        --cpu: light-dark(#2a78c8, #5aa2ea); --cuda: light-dark(#2c9446, #54c46f); --nd4j: light-dark(#d97706, #f2a445);
        --other: light-dark(#8250df, #b08cf5) }
      body { background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem }
      h2 { font-size: 1.15rem; margin-top: 2rem }
      .wide { overflow-x: auto; --shade: color-mix(in srgb, var(--ink) 28%, transparent);
        background: linear-gradient(to right, var(--paper) 40%, transparent) left / 2.5rem 100% no-repeat local,
          linear-gradient(to left, var(--paper) 40%, transparent) right / 2.5rem 100% no-repeat local,
          linear-gradient(to right, var(--shade), transparent) left / .75rem 100% no-repeat scroll,
          linear-gradient(to left, var(--shade), transparent) right / .75rem 100% no-repeat scroll }
      table { border-collapse: collapse; width: 100% }
      th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: baseline }
      .n { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap }
      .facts th { font-weight: normal; opacity: .7; white-space: nowrap; width: 1% }
      .facts td { overflow-wrap: anywhere }
      .chart { table-layout: fixed; border-collapse: separate; border-spacing: 3px; min-width: 22rem }
      .chart th:first-child { width: 4rem }
      .chart th { border: 0; text-align: center }
      .chart td { border: 0; border-radius: 4px; text-align: center; padding: .6rem .2rem }
      .chart small { display: block; opacity: .8 }
      .of { align-items: center; display: inline-grid; gap: .5rem; grid-template-columns: 5rem 3.5rem }
      .bar { background: var(--line); border-radius: 3px; height: .55rem; overflow: hidden }
      .bar i { background: var(--c); display: block; height: 100% }
      .first { font-weight: 600 }
      .key { border-left: .7rem solid var(--c); margin-right: 1rem; padding-left: .35rem }
      </style>
      </head>
      <body>
      <h1>Talweg benchmark</h1>
      """;

  /** Names of facts that are not words. */
  private static final Map<String, String> LABELS =
      Map.of(
          "talweg", "Talweg", "arch", "architecture", "jvm", "JVM", "heap_mib", "Java heap (MiB)");

  /** What the strongest colour of the chart stands for: ten times as fast. */
  private static final double STRONGEST = Math.log(10);

  private static final int LEAST_PERCENT = 18;
  private static final int MOST_PERCENT = 80;

  /** Writes the page, making the folder if need be. */
  static void write(Path file, BenchmarkPage page) {
    try {
      AtomicFile.writeString(file, page.html());
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(file, e), e);
    }
  }

  private String html() {
    StringBuilder page = new StringBuilder(HEAD);
    facts(page);
    if (crossover != null) {
      chart(page);
    }
    table(page);
    return page.append("</body>\n</html>\n").toString();
  }

  private void facts(StringBuilder page) {
    page.append("<div class=\"wide\"><table class=\"facts\">\n");
    machine.forEach((name, value) -> {
      if (!name.equals("event")) {
        fact(page, LABELS.getOrDefault(name, name), value.toString());
      }
    });
    rows.values().stream()
        .flatMap(List::stream)
        .filter(row -> !row.backend().equals("java"))
        .collect(
            Collectors.toMap(
                BenchmarkRow::backend, BenchmarkRow::device, (a, _) -> a, TreeMap::new))
        .forEach((backend, device) -> fact(page, backend, device));
    ceilings.describe().forEach(line -> fact(page, "ceiling", line));
    page.append("</table></div>\n");
  }

  private static void fact(StringBuilder page, String name, String value) {
    page.append(
        "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n"
            .formatted(Html.escape(name), Html.escape(value)));
  }

  /** A square for each width and batch, of the winner's colour, the stronger the clearer it won. */
  private void chart(StringBuilder page) {
    page.append("<h2>Which backend trains fastest</h2>\n<p>Networks of three layers of one width;");
    page.append(" how many times as fast as the next backend, and samples per second.</p>\n<p>");
    crossover.cells().stream()
        .flatMap(cell -> cell.rows().stream())
        .map(BenchmarkRow::backend)
        .distinct()
        .sorted()
        .forEach(name ->
            page.append(
                "<span class=\"key\" style=\"--c: %s\">%s</span>"
                    .formatted(colour(name), Html.escape(name))));
    page.append("</p>\n<div class=\"wide\"><table class=\"chart\">\n<thead><tr><th>batch</th>");
    crossover
        .widths()
        .forEach(width -> page.append("<th scope=\"col\">width %d</th>".formatted(width)));
    page.append("</tr></thead>\n<tbody>\n");
    int columns = crossover.widths().size();
    for (int row = 0; row < crossover.batches().size(); row++) {
      page.append("<tr><th scope=\"row\">%d</th>".formatted(crossover.batches().get(row)));
      crossover
          .cells()
          .subList(row * columns, (row + 1) * columns)
          .forEach(cell -> page.append(square(cell)));
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table></div>\n");
  }

  private static String square(Crossover.Cell cell) {
    double strength = Math.min(1, Math.log(cell.factor()) / STRONGEST);
    return """
    <td title="%s" style="background: color-mix(in srgb, %s %d%%, transparent)">%s%s<small>%s/s</small></td>\
    """
        .formatted(
            Html.escape(cell.text()),
            colour(cell.winner()),
            Math.round(LEAST_PERCENT + strength * (MOST_PERCENT - LEAST_PERCENT)),
            Html.escape(cell.winner()),
            cell.second().isEmpty()
                ? ""
                : String.format(Locale.ROOT, " %.2f&times;", cell.factor()),
            String.format(Locale.ROOT, "%,.0f", cell.rows().getFirst().number("samples_per_s")));
  }

  private void table(StringBuilder page) {
    page.append(
        "<h2>All cases</h2>\n<p>Median of %d windows, minimum and maximum."
            .formatted(Stopwatch.WINDOWS));
    page.append(
        " Bold is the fastest. Bars show the fraction of the ceiling, which is the best that"
            + " copy,");
    page.append(" stream or the large matrix product reached here; work whose data stay in the");
    page.append(" processor's caches can be above it.</p>\n");
    page.append("<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">case</th>");
    page.append("<th scope=\"col\">on</th><th scope=\"col\" class=\"n\">time</th>");
    page.append("<th scope=\"col\" class=\"n\">min–max</th>");
    page.append("<th scope=\"col\" class=\"n\">throughput</th>");
    page.append("<th scope=\"col\" class=\"n\">of ceiling</th></tr></thead>\n<tbody>\n");
    rows.forEach((name, entries) -> {
      double best = entries.stream().mapToDouble(BenchmarkRow::median).min().orElse(0);
      for (BenchmarkRow entry : entries) {
        boolean first = entries.size() > 1 && entry.median() == best;
        page.append(row(entry == entries.getFirst() ? name : "", entry, first));
      }
    });
    page.append("</tbody>\n</table></div>\n");
  }

  private static String row(String name, BenchmarkRow row, boolean first) {
    return """
    <tr%s><td>%s</td><td title="%s">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td></tr>
    """
        .formatted(
            first ? " class=\"first\"" : "",
            Html.escape(name),
            Html.escape(row.device()),
            Html.escape(row.backend()),
            row.time().strip(),
            row.range(),
            Html.escape(row.rate()),
            bar(row));
  }

  private static String bar(BenchmarkRow row) {
    if (Double.isNaN(row.fraction())) {
      return "";
    }
    long percent = Math.round(100 * row.fraction());
    return "<span class=\"of\"><span class=\"bar\"><i style=\"--c: %s; width: %d%%\"></i></span><span>%d %%</span></span>"
        .formatted(colour(row.backend()), Math.min(100, percent), percent);
  }

  private static String colour(String backend) {
    return switch (backend) {
      case "cpu", "cuda", "nd4j" -> "var(--" + backend + ")";
      default -> "var(--other)";
    };
  }
}
