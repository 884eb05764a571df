package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import talweg.report.Html;

/** A benchmark's table as one HTML file that needs no other. */
final class BenchmarkPage {
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
      body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 64rem; padding: 0 1rem }
      table { border-collapse: collapse; width: 100% }
      th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .3rem .6rem; text-align: left }
      .n { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap }
      </style>
      </head>
      <body>
      <h1>Talweg benchmark</h1>
      """;

  private BenchmarkPage() {}

  /** Writes the page, making the folder if need be. */
  static void write(Path file, Map<String, List<BenchmarkReport.Entry>> rows) {
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.writeString(file, page(rows));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: cannot write: %s; is the folder writable and the disk not full?".formatted(file, e),
          e);
    }
  }

  private static String page(Map<String, List<BenchmarkReport.Entry>> rows) {
    StringBuilder page = new StringBuilder(HEAD);
    page.append(
        "<p>%s, Java %s, %s %s. Median of %d windows, least and most.</p>\n"
            .formatted(
                Html.escape("talweg " + Version.number()),
                Html.escape(Runtime.version().toString()),
                Html.escape(System.getProperty("os.name")),
                Html.escape(System.getProperty("os.arch")),
                Stopwatch.WINDOWS));
    page.append("<table>\n<thead><tr><th scope=\"col\">case</th><th scope=\"col\">on</th>");
    page.append("<th scope=\"col\" class=\"n\">time</th>");
    page.append("<th scope=\"col\" class=\"n\">least-most</th>");
    page.append("<th scope=\"col\" class=\"n\">throughput</th></tr></thead>\n<tbody>\n");
    rows.forEach((name, entries) -> entries.forEach(entry -> page.append(row(name, entry))));
    return page.append("</tbody>\n</table>\n</body>\n</html>\n").toString();
  }

  private static String row(String name, BenchmarkReport.Entry entry) {
    return """
    <tr><td>%s</td><td title="%s">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td></tr>
    """
        .formatted(
            Html.escape(name),
            Html.escape(entry.device()),
            Html.escape(entry.worker()),
            entry.median().strip(),
            entry.range(),
            Html.escape(entry.rate()));
  }
}
