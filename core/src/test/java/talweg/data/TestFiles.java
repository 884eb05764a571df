package talweg.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Input files made up by tests. */
final class TestFiles {
  static final int IMAGES = 0x803;
  static final int LABELS = 0x801;

  private TestFiles() {}

  static Path write(Path file, byte[] content) {
    try {
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path file, String content) {
    return write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] gzip(byte[] plain) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  static byte[] join(byte[] a, byte[] b) {
    byte[] joined = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, joined, a.length, b.length);
    return joined;
  }

  /** Big-endian ints, then a body of so many bytes that count up from 0. */
  static byte[] idx(int bodyBytes, int... header) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * header.length + bodyBytes);
    for (int value : header) {
      bytes.putInt(value);
    }
    for (int i = 0; i < bodyBytes; i++) {
      bytes.put((byte) i);
    }
    return bytes.array();
  }

  static byte[] images(int count, int rows, int columns) {
    return idx(count * rows * columns, IMAGES, count, rows, columns);
  }

  static byte[] labels(int count) {
    return idx(count, LABELS, count);
  }
}
