package talweg.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file on a disk that is full for a while, or for good. */
class GrowingFileTest {
  @TempDir Path folder;

  private Path file;
  private FaultyFileSystem disk;

  @BeforeEach
  void open() {
    file = FaultyFileSystem.over(folder).resolve("log");
    disk = FaultyFileSystem.of(file);
  }

  private GrowingFile begin() throws IOException {
    return new GrowingFile(
        file, bytes("head;"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private String content() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @Test
  void recordsOfAFullDiskComeLaterAndNeverInParts() throws IOException {
    try (GrowingFile log = begin()) {
      log.append(bytes("one;"));
      log.flush();
      disk.failing(_ -> true);
      for (String record : new String[] {"two;", "three;", "four;"}) {
        log.append(bytes(record));
        log.flush();
        assertEquals("head;one;", content());
      }
      disk.failing(_ -> false);
      log.append(bytes("five;"));
      log.flush();
      assertEquals("head;one;two;three;four;five;", content());
    }
  }

  @Test
  void closingTriesALastTime() throws IOException {
    try (GrowingFile log = begin()) {
      disk.failing(_ -> true);
      log.append(bytes("one;"));
      log.flush();
      disk.failing(_ -> false);
    }
    assertEquals("head;one;", content());
  }

  @Test
  void aDiskThatStaysFullKeepsWhatItHas() throws IOException {
    try (GrowingFile log = begin()) {
      disk.failing(_ -> true);
      log.append(bytes("one;"));
    }
    assertEquals("head;", content());
  }

  @Test
  void theMemoryForWhatIsMissingIsBounded() throws IOException {
    byte[] record = new byte[1 << 20];
    try (GrowingFile log = begin()) {
      disk.failing(_ -> true);
      for (int i = 0; i < 40; i++) {
        log.append(record);
        log.flush();
      }
      disk.failing(_ -> false);
      log.append(new byte[5]);
      log.flush();
      long size = Files.size(folder.resolve("log"));
      assertEquals(0, (size - "head;".length()) % record.length, "whole records");
      assertTrue(size <= GrowingFile.MOST_KEPT + 5, size + " bytes");
      log.append(bytes("last"));
    }
    byte[] all = Files.readAllBytes(folder.resolve("log"));
    assertArrayEquals(bytes("last"), Arrays.copyOfRange(all, all.length - 4, all.length));
  }

  @Test
  void aFileThatCannotBeBegunIsAnError() {
    disk.failing(_ -> true);
    assertThrows(IOException.class, this::begin);
  }

  /** What goes on into a file without a name would be lost. */
  @Test
  void aDeletedFileIsBegunAgainAlsoWithItsFolder() throws IOException {
    Path inner = folder.resolve("run").resolve("log");
    try (GrowingFile log =
        new GrowingFile(
            inner, bytes("head;"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      log.append(bytes("one;"));
      log.flush();
      Files.delete(inner);
      log.append(bytes("two;"));
      log.flush();
      assertEquals("head;two;", Files.readString(inner));
      Files.delete(inner);
      Files.delete(inner.getParent());
      log.append(bytes("three;"));
    }
    assertEquals("head;three;", Files.readString(inner));
  }

  @Test
  void aReplacedFileGoesOnAtItsEnd() throws IOException {
    try (GrowingFile log = begin()) {
      Path other = Files.writeString(folder.resolve("other"), "edited;");
      Files.move(other, folder.resolve("log"), StandardCopyOption.REPLACE_EXISTING);
      log.append(bytes("one;"));
      log.flush();
      assertEquals("edited;one;", content());
    }
  }

  /** Else the channel is closed for good. */
  @Test
  void anInterruptDoesNotEndIt() throws IOException {
    Path real = folder.resolve("log");
    try (GrowingFile log =
        new GrowingFile(
            real, bytes("head;"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Thread.currentThread().interrupt();
      log.append(bytes("one;"));
      log.force();
      assertTrue(Thread.currentThread().isInterrupted());
      log.append(bytes("two;"));
      log.flush();
      assertTrue(Thread.interrupted());
      log.append(bytes("three;"));
      log.flush();
      assertEquals("head;one;two;three;", content());
      assertTrue(log.isWhole());
    }
  }

  @Test
  void itGoesOnWhereItIsTold() throws IOException {
    Files.writeString(folder.resolve("log"), "head;one;tw");
    try (GrowingFile log = GrowingFile.goOn(file, bytes("head;"), "head;one;".length())) {
      assertEquals("head;one;", content());
      log.append(bytes("two;"));
    }
    assertEquals("head;one;two;", content());
  }

  @Test
  void whatIsMissingIsKnown() throws IOException {
    try (GrowingFile log = begin()) {
      assertTrue(log.isWhole());
      disk.failing(_ -> true);
      log.append(bytes("one;"));
      log.flush();
      assertFalse(log.isWhole());
      disk.failing(_ -> false);
      log.flush();
      assertTrue(log.isWhole());
    }
  }
}
