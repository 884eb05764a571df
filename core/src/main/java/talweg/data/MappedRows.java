package talweg.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import talweg.check.Uninterrupted;
import talweg.error.ReadFailedException;

/**
 * Rows of a file that is mapped into memory: the operating system brings pages in as they are read
 * and drops them when it needs the room, and the heap holds nothing of them. The mapping ends when
 * it is no longer reachable.
 */
final class MappedRows implements Features {
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** What an element is, and how it becomes a feature. */
  enum Element {
    /** An unsigned byte, divided by 255. */
    PIXEL(1),
    /** A float, little-endian. */
    FLOAT(4);

    private final int bytes;

    Element(int bytes) {
      this.bytes = bytes;
    }
  }

  /** To be watched, or null. */
  private final Path file;

  private final long fileSize;
  private final long stamp;
  private final MemorySegment body;
  private final Element element;
  private final int rows;
  private final int width;

  private MappedRows(
      Path file, long fileSize, MemorySegment body, Element element, int rows, int width) {
    this.file = file;
    this.fileSize = fileSize;
    this.stamp = file == null ? 0 : FileStamp.of(file);
    this.body = body;
    this.element = element;
    this.rows = rows;
    this.width = width;
  }

  /** Maps the rows that fill a file behind a header, whose size has been checked. */
  static MappedRows open(Path file, long headerBytes, Element element, int rows, int width) {
    try {
      return Uninterrupted.run(() -> {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
          MemorySegment body = map(channel, headerBytes, element, rows, width);
          return new MappedRows(file, channel.size(), body, element, rows, width);
        }
      });
    } catch (IOException e) {
      throw new ReadFailedException("%s: cannot be mapped: %s".formatted(file, e), e);
    }
  }

  /** Maps the floats that fill a file which nobody else writes to; it may be closed afterwards. */
  static MappedRows ofFloats(FileChannel channel, int rows, int width) throws IOException {
    MemorySegment body = map(channel, 0, Element.FLOAT, rows, width);
    return new MappedRows(null, 0, body, Element.FLOAT, rows, width);
  }

  private static MemorySegment map(
      FileChannel channel, long headerBytes, Element element, int rows, int width)
      throws IOException {
    long bytes = (long) rows * width * element.bytes;
    return channel.map(FileChannel.MapMode.READ_ONLY, headerBytes, bytes, Arena.ofAuto());
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int width() {
    return width;
  }

  @Override
  public void copy(int row, float[] into, int at) {
    long from = (long) row * width * element.bytes;
    switch (element) {
      case FLOAT -> MemorySegment.copy(body, FLOAT, from, into, at, width);
      case PIXEL -> {
        byte[] pixels = new byte[width];
        MemorySegment.copy(body, ValueLayout.JAVA_BYTE, from, pixels, 0, width);
        for (int i = 0; i < width; i++) {
          into[at + i] = IdxFile.scaled(pixels[i]);
        }
      }
    }
  }

  @Override
  public Path changed() {
    return file != null && FileStamp.of(file) != stamp ? file : null;
  }

  /**
   * Touching what was cut off a mapped file is an error of the JVM; this tells it in time, mostly.
   */
  @Override
  public void requireIntact() {
    if (file == null) {
      return;
    }
    long size;
    try {
      size = Files.size(file);
    } catch (NoSuchFileException e) {
      return; // What was mapped stays, even if its name is gone.
    } catch (IOException e) {
      throw new UncheckedIOException("%s: cannot be read: %s".formatted(file, e), e);
    }
    if (size < fileSize) {
      throw new UncheckedIOException(
          new IOException(
              String.format(
                  Locale.ROOT,
                  "%s: was cut while it was read: expected %d bytes, got %d; restore it and resume",
                  file,
                  fileSize,
                  size)));
    }
  }
}
