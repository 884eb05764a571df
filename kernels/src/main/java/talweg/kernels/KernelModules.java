package talweg.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The compiled code for one kind of device: which module holds which entry point, and what that
 * takes. Each module lies here as {@code NAME_ARCHITECTURE.ptx}; of those that a device can run, it
 * gets the newest.
 */
public final class KernelModules {
  private static final String FOLDER = "talweg/kernels";
  private static final Pattern FILE = Pattern.compile("(\\w+)_(\\d+)\\.ptx");
  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)");
  private static final Pattern PARAMETER =
      Pattern.compile(
          "\\.param\\s+(?:\\.align\\s+(\\d+)\\s+)?\\.([a-z])(\\d+)[^,\\[]*(?:\\[(\\d+)])?");

  private final Map<String, Entry> entries;

  private KernelModules(Map<String, Entry> entries) {
    this.entries = entries;
  }

  /**
   * An entry point.
   *
   * @param module the PTX file that holds it
   * @param sizes of its parameters, in bytes
   */
  public record Entry(String name, String module, List<Integer> sizes) {
    public Entry {
      sizes = List.copyOf(sizes);
    }
  }

  /**
   * What a device of a compute capability, such as 90, can run.
   *
   * @throws UncheckedIOException if the code cannot be read
   */
  public static KernelModules of(int capability) {
    try {
      Path home =
          Path.of(KernelModules.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (Files.isDirectory(home)) {
        return of(home.resolve(FOLDER), capability);
      }
      try (FileSystem jar = FileSystems.newFileSystem(home)) {
        return of(jar.getPath(FOLDER), capability);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("kernels: cannot read the compiled code: " + e, e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static KernelModules of(Path folder, int capability) throws IOException {
    // By module, the newest architecture that will do.
    Map<String, Integer> newest = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> {
        Matcher name = FILE.matcher(file.getFileName().toString());
        if (name.matches() && Integer.parseInt(name.group(2)) <= capability) {
          newest.merge(name.group(1), Integer.parseInt(name.group(2)), Math::max);
        }
      });
    }
    Map<String, Entry> entries = new HashMap<>();
    for (Map.Entry<String, Integer> module : newest.entrySet()) {
      String file = module.getKey() + "_" + module.getValue() + ".ptx";
      String code = Files.readString(folder.resolve(file), StandardCharsets.US_ASCII);
      ENTRY
          .matcher(code)
          .results()
          .map(found -> new Entry(found.group(1), file, sizes(found.group(2))))
          .forEach(entry -> entries.put(entry.name(), entry));
    }
    return new KernelModules(entries);
  }

  private static List<Integer> sizes(String parameters) {
    return PARAMETER
        .matcher(parameters)
        .results()
        .map(found -> {
          int elements = found.group(4) == null ? 1 : Integer.parseInt(found.group(4));
          return Integer.parseInt(found.group(3)) / 8 * elements;
        })
        .toList();
  }

  /** The entry point of that name, if such a device has it. */
  public Optional<Entry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /** The text of a module, as the driver wants it but for the zero at the end. */
  public static byte[] read(String module) {
    try (var in = KernelModules.class.getResourceAsStream(module)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("kernels: cannot read " + module + ": " + e, e);
    }
  }
}
