package talweg.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import talweg.fetch.Catalog;
import talweg.fetch.Downloader;
import talweg.fetch.RemoteFile;

/** {@code talweg fetch}: brings public data sets. */
@Command(
    name = "fetch",
    description = {
      "Downloads a public data set over HTTPS and checks each file's SHA-256. Goes on with what an"
          + " earlier attempt left behind, and leaves alone what is there.",
      "No other command uses the network."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class FetchCommand implements Callable<Integer> {
  /** The names of the data sets, for help and completion. */
  static final class Names implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Catalog.values()).map(Catalog::label).iterator();
    }
  }

  @Parameters(
      paramLabel = "NAME",
      completionCandidates = Names.class,
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private String name;

  @Option(
      names = "--to",
      paramLabel = "DIR",
      description = "Folder for the files. Default: data/NAME.")
  private Path to;

  @Option(names = "--json", description = "JSON lines on standard output, text on standard error.")
  private boolean json;

  @Override
  public Integer call() {
    Catalog data =
        Arrays.stream(Catalog.values())
            .filter(c -> c.label().equalsIgnoreCase(name))
            .findFirst()
            .orElseThrow(() ->
                new UsageException(
                    "NAME: " + FlagValues.unknown(name, String.join(", ", new Names()))));
    Path folder = to != null ? to : Path.of("data", data.label());
    Console console = new Console(json);
    console.line(data.credit());
    Downloader downloader = new Downloader();
    for (RemoteFile file : data.files()) {
      Downloader.Outcome outcome =
          downloader.fetch(
              file,
              data.mirrors(),
              folder,
              bytes ->
                  console.progress(
                      "%s  %,d of %,d KB"
                          .formatted(file.name(), bytes / 1000, file.bytes() / 1000)));
      report(console, folder, file, outcome);
    }
    console.line("train with: ./talweg train --data idx:" + folder);
    return ExitCode.DONE;
  }

  private static void report(
      Console console, Path folder, RemoteFile file, Downloader.Outcome outcome) {
    String text =
        switch (outcome) {
          case PRESENT -> "was there already";
          case DOWNLOADED -> "downloaded";
          case RESUMED -> "downloaded the rest";
        };
    console.line("%s  %,d bytes, %s".formatted(folder.resolve(file.name()), file.bytes(), text));
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "file");
    event.put("file", folder.resolve(file.name()).toString());
    event.put("bytes", file.bytes());
    event.put("sha256", file.sha256());
    event.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
    console.json(event);
  }
}
