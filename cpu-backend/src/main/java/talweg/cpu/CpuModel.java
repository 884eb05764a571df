package talweg.cpu;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The processor's name for people. */
public final class CpuModel {
  private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
  private static final String KEY = "model name";

  private CpuModel() {}

  /** The model as Linux tells it, elsewhere the architecture. */
  public static String name() {
    if (!Files.isReadable(CPU_INFO)) {
      return architecture();
    }
    try (Stream<String> lines = Files.lines(CPU_INFO)) {
      return lines
          .filter(line -> line.startsWith(KEY))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElseGet(CpuModel::architecture);
    } catch (IOException | UncheckedIOException e) {
      return architecture();
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch") + " CPU";
  }
}
