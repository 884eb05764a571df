package talweg.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.TalwegException;
import talweg.io.Safetensors;

/**
 * Files made by hand: each is read or refused by an error of ours, of one readable line. With
 * {@code -Dtalweg.hostile=all} also those that take much memory or time, which a small heap ({@code
 * -Xmx256m}) has to survive, within {@value #MOST_SECONDS} seconds of a processor each. They are
 * made with a larger one first, into the folder {@code talweg.hostile.files}.
 */
class HostileFilesTest {
  private static final boolean ALL = "all".equals(System.getProperty("talweg.hostile"));
  private static final String FILES = System.getProperty("talweg.hostile.files");
  private static final int MOST_SECONDS = 5;

  @TempDir Path folder;

  /** Reads a file in some way. */
  private interface Reader {
    void read(Path file);
  }

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final List<String> slow = new ArrayList<>();
  private int tried;

  @AfterEach
  void noneWasSlow() {
    assertEquals(List.of(), slow);
  }

  private void attempt(String name, Path file, Reader reader) {
    tried++;
    long start = THREADS.getCurrentThreadCpuTime();
    String outcome = "read";
    try {
      reader.read(file);
    } catch (TalwegException e) {
      outcome = e.getMessage();
      assertTrue(outcome.length() < 12_000, () -> name + ": too long an error");
      assertTrue(
          outcome.chars().noneMatch(Character::isISOControl), () -> name + ": " + e.getMessage());
      assertTrue(outcome.startsWith(file.toString()), () -> name + ": " + e.getMessage());
    } catch (RuntimeException | Error e) {
      throw new AssertionError(name, e);
    }
    double seconds = (THREADS.getCurrentThreadCpuTime() - start) * 1e-9;
    if (ALL) {
      System.out.printf("%6.2f s  %-40s %s%n", seconds, name, outcome);
      if (seconds > MOST_SECONDS) {
        slow.add("%s: %.1f s".formatted(name, seconds));
      }
    }
  }

  private void attempt(String kind, List<HostileFiles.Hostile> files, Reader reader) {
    for (HostileFiles.Hostile hostile : files) {
      if (ALL || !hostile.large()) {
        attempt(kind + ": " + hostile.name(), made(kind, hostile), reader);
      }
    }
  }

  /** Making a large file takes a large heap, so that a run with one leaves it for one without. */
  private Path made(String kind, HostileFiles.Hostile hostile) {
    if (!hostile.large() || FILES == null) {
      return TestFiles.write(folder.resolve(kind), hostile.content().get());
    }
    Path file = Path.of(FILES, hostile.name().replace(' ', '-') + "-" + kind);
    return Files.exists(file) ? file : TestFiles.write(file, hostile.content().get());
  }

  private static final ImageEncoding ENCODING =
      new ImageEncoding(true, 4, 4, true, List.of("a", "b"));

  private static final Map<String, Reader> READERS =
      new LinkedHashMap<>(
          Map.of(
              "safetensors", Safetensors::read,
              "idx", file -> Idx.read(file, file),
              "csv", file -> Csv.split(file, CsvOptions.defaults(), 0.5, 1),
              "image", file -> ImageFile.read(file, ENCODING)));

  @Test
  void safetensors() {
    attempt("model.safetensors", HostileFiles.safetensors(), Safetensors::read);
    assertTrue(tried >= 30, tried + "");
  }

  @Test
  void idx() {
    attempt("images", HostileFiles.idx(), IdxFile::images);
    attempt("labels", HostileFiles.idx(), IdxFile::labels);
  }

  @Test
  void csv() {
    attempt("t.csv", HostileFiles.csv(), READERS.get("csv"));
  }

  @Test
  void images() {
    attempt("a.png", HostileFiles.images(), READERS.get("image"));
    attempt(
        "b.png",
        HostileFiles.images(),
        file -> ImageFile.read(file, new ImageEncoding(false, 28, 28, true, List.of("a", "b"))));
  }

  /** What is no regular file, or none at all, or no data: with each reader. */
  @Test
  @DisabledOnOs(OS.WINDOWS)
  void devicesLinksAndFolders() throws Exception {
    List<Path> paths = new ArrayList<>();
    for (String name : List.of("zero", "null", "random", "full", "tty", "fd/0")) {
      paths.add(Path.of("/dev", name));
    }
    for (String name : List.of("mem", "status", "maps", "environ")) {
      paths.add(Path.of("/proc/self", name));
    }
    paths.add(folder);
    paths.add(folder.resolve("none"));
    paths.add(folder.resolve("none/below"));
    paths.add(folder.resolve("x".repeat(300)));
    paths.add(link("dangling", folder.resolve("none")));
    paths.add(link("loop", folder.resolve("loop")));
    paths.add(link("device", Path.of("/dev/zero")));
    Path pipe = folder.resolve("pipe");
    assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
    paths.add(pipe);
    for (Path path : paths) {
      READERS.forEach((name, reader) ->
          assertTimeoutPreemptively(
              Duration.ofMinutes(1), () -> attempt(name + " of " + path, path, reader)));
    }
    assertEquals(4 * paths.size(), tried);
  }

  private Path link(String name, Path target) throws IOException {
    return Files.createSymbolicLink(folder.resolve(name), target);
  }
}
