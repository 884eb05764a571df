package talweg.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.backend.Prerequisite;

class AtomicFileTest {
  @TempDir Path folder;

  private static void write(FileChannel channel, String text) throws IOException {
    channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
  }

  private List<String> names() throws IOException {
    try (var files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** One that begins while another is at work: each is whole, and the last to end stays. */
  @Test
  void twoWritersDoNotMix() throws IOException {
    Path file = folder.resolve("model");
    AtomicFile.write(
        file,
        outer -> {
          write(outer, "outer begins, ");
          AtomicFile.write(file, inner -> write(inner, "inner"));
          assertEquals("inner", Files.readString(file));
          write(outer, "outer ends");
        });
    assertEquals("outer begins, outer ends", Files.readString(file));
    assertEquals(List.of("model"), names());
  }

  /** The channel is closed under the hands of an interrupted thread. */
  @Test
  void anInterruptedThreadWritesAndStaysInterrupted() throws IOException {
    Path file = folder.resolve("model");
    Thread.currentThread().interrupt();
    AtomicFile.writeString(file, "before");
    assertTrue(Thread.interrupted());
    assertEquals("before", Files.readString(file));
    boolean[] once = {false};
    AtomicFile.write(
        file,
        channel -> {
          write(channel, "one,");
          if (!once[0]) {
            once[0] = true;
            Thread.currentThread().interrupt();
          }
          write(channel, "two");
        });
    assertTrue(Thread.interrupted());
    assertEquals("one,two", Files.readString(file));
    assertEquals(List.of("model"), names());
  }

  @Test
  void aLinkStaysOne() throws IOException {
    Path file = Files.writeString(folder.resolve("real"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("real"));
    AtomicFile.writeString(link, "new");
    assertTrue(Files.isSymbolicLink(link));
    assertEquals("new", Files.readString(file));
  }

  @Test
  void namesMayBeAsLongAsTheSystemAllows() throws IOException {
    Path file = folder.resolve("x".repeat(255));
    AtomicFile.writeString(file, "text");
    assertEquals("text", Files.readString(file));
  }

  @Test
  void aDeviceIsWrittenAsItIs() throws IOException {
    Path full = Path.of("/dev/full");
    Prerequisite.require(Files.exists(full), Prerequisite.isLinuxOnAmd64(), "/dev/full");
    assertThrows(IOException.class, () -> AtomicFile.writeString(full, "text"));
    AtomicFile.writeString(Path.of("/dev/null"), "text");
    assertFalse(Files.isRegularFile(full) || Files.isRegularFile(Path.of("/dev/null")));
  }

  @Test
  void cleaningTakesWhatIsLeftOfKnownFilesOnly() throws IOException {
    for (String name :
        List.of("a.tmp", "a.0123456789abcdef.tmp", "a.x.tmp", "b.0123456789abcdef.tmp", "a")) {
      Files.writeString(folder.resolve(name), "");
    }
    AtomicFile.clean(folder, "a"::equals);
    assertEquals(List.of("a", "a.x.tmp", "b.0123456789abcdef.tmp"), names());
    AtomicFile.clean(folder.resolve("nothing"), _ -> true);
  }
}
