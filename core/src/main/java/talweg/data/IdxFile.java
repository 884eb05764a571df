package talweg.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import talweg.check.HeapLimit;

/** Reads one IDX file: big-endian magic number, extents, then one unsigned byte per element. */
final class IdxFile {
  private static final int IMAGES = 0x00000803;
  private static final int LABELS = 0x00000801;
  private static final int CHUNK = 1 << 16;
  private static final float MAX_PIXEL = 255;
  private static final float[] PIXEL_VALUES = levels(MAX_PIXEL);
  private static final String DAMAGED = "the file was cut or altered: copy or download it again";

  private final ByteSource in;
  private final int headerBytes;
  private final long[] extents;

  private IdxFile(ByteSource in, int magic) {
    this.in = in;
    int rank = magic & 0xff;
    this.headerBytes = Integer.BYTES * (1 + rank);
    byte[] header = in.head(headerBytes);
    checkMagic(header, magic);
    this.extents = new long[rank];
    for (int axis = 0; axis < rank; axis++) {
      int at = Integer.BYTES * (1 + axis);
      extents[axis] = Integer.toUnsignedLong(bigEndian(header, at));
      if (extents[axis] == 0) {
        throw malformed("byte " + at, "an extent of at least 1", "0", "the file holds no data");
      }
    }
    in.read(header, 0, headerBytes);
  }

  /**
   * Images as read from a file.
   *
   * @param pixels for each image values from 0 to 1, row-major {@code [rows, columns]}
   */
  record Images(int rows, int columns, Features pixels) {
    int count() {
      return pixels.rows();
    }
  }

  static Images images(Path file) {
    return HeapLimit.reading(
        file,
        () -> {
          try (ByteSource in = ByteSource.open(file, ByteSource.UNLIMITED)) {
            IdxFile idx = new IdxFile(in, IMAGES);
            float[] pixels = idx.body(MAX_PIXEL);
            return idx.images(new Features.Held(pixels, pixels.length / (int) idx.extents[0]));
          }
        });
  }

  /**
   * Images that stay in their file.
   *
   * @throws talweg.error.DataFormatException if it is packed
   */
  static Images mapped(Path file) {
    try (ByteSource in = ByteSource.open(file, ByteSource.UNLIMITED)) {
      IdxFile idx = new IdxFile(in, IMAGES);
      if (in.plainSize() < 0) {
        throw idx.malformed(
            "byte 0", "a file that is not packed, for streaming", "gzip", "unpack it (gunzip -k)");
      }
      idx.requireSize();
      int rows = HostMemory.examples(in.name(), idx.extents[0]);
      int width = HostMemory.floats(in.name(), 1, product(idx.extents[1], idx.extents[2]));
      return idx.images(
          MappedRows.open(file, idx.headerBytes, MappedRows.Element.PIXEL, rows, width));
    }
  }

  static int[] labels(Path file) {
    return HeapLimit.reading(
        file,
        () -> {
          try (ByteSource in = ByteSource.open(file, ByteSource.UNLIMITED)) {
            IdxFile idx = new IdxFile(in, LABELS);
            float[] values = idx.body(1);
            int[] labels = new int[values.length];
            Arrays.setAll(labels, i -> (int) values[i]);
            return labels;
          }
        });
  }

  /** A pixel's byte as a feature. */
  static float scaled(byte pixel) {
    return PIXEL_VALUES[pixel & 0xff];
  }

  /** The elements, each divided by {@code divisor}. */
  private float[] body(float divisor) {
    float[] scaled = levels(divisor);
    int total = total();
    boolean sizeKnown = in.plainSize() >= 0;
    float[] values = new float[sizeKnown ? total : Math.min(total, CHUNK)];
    byte[] chunk = new byte[Math.min(total, CHUNK)];
    int done = 0;
    while (done < total) {
      int n = in.read(chunk, 0, Math.min(chunk.length, total - done));
      if (n == 0) {
        throw wrongSize(in.position());
      }
      if (done + n > values.length) {
        // A gzip header may promise anything: the array grows with what has really arrived.
        values = Arrays.copyOf(values, (int) Math.min(total, 2L * values.length));
      }
      for (int i = 0; i < n; i++) {
        values[done + i] = scaled[chunk[i] & 0xff];
      }
      done += n;
    }
    if (in.read() >= 0) {
      throw malformed(
          "byte " + (headerBytes + (long) total), "the end of the file", "more bytes", DAMAGED);
    }
    return values;
  }

  /** Number of elements, checked against the file's size where that is known. */
  private int total() {
    requireSize();
    boolean labels = extents.length == 1;
    long perRow = labels ? 1 : product(extents[1], extents[2]);
    int total = HostMemory.floats(in.name(), extents[0], perRow);
    HeapLimit.require(
        in.name(),
        total + " elements",
        total * bytesPerElement(in.plainSize() < 0, labels),
        "split the file");
    return total;
  }

  /** Bytes of the heap for an element: unpacking copies as it grows, labels become integers. */
  static long bytesPerElement(boolean packed, boolean labels) {
    return (packed ? 2 * Float.BYTES : Float.BYTES) + (labels ? Integer.BYTES : 0);
  }

  private void requireSize() {
    if (in.plainSize() >= 0 && in.plainSize() != expectedBytes()) {
      throw wrongSize(in.plainSize());
    }
  }

  private Images images(Features pixels) {
    return new Images((int) extents[1], (int) extents[2], pixels);
  }

  private static float[] levels(float divisor) {
    float[] scaled = new float[256];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = i / divisor;
    }
    return scaled;
  }

  private long expectedBytes() {
    long elements = Arrays.stream(extents).reduce(1, IdxFile::product);
    return elements == Long.MAX_VALUE ? elements : headerBytes + elements;
  }

  /** Saturates: a size beyond 2^63 is as impossible as one of 2^63 - 1. */
  private static long product(long a, long b) {
    return Math.multiplyHigh(a, b) != 0 || a * b < 0 || a * b > Long.MAX_VALUE - 64
        ? Long.MAX_VALUE
        : a * b;
  }

  private RuntimeException wrongSize(long actual) {
    String shape = Arrays.toString(extents).replace(", ", " x ");
    return malformed(
        "byte " + Math.min(actual, expectedBytes()),
        String.format(
            Locale.ROOT,
            "%d bytes in all (%d of header and %s elements)",
            expectedBytes(),
            headerBytes,
            shape),
        Long.toString(actual),
        DAMAGED);
  }

  private void checkMagic(byte[] header, int magic) {
    byte[] head = in.head(64);
    Optional<ByteSource.Disguise> disguise = ByteSource.Disguise.of(head);
    String kind = magic == IMAGES ? "images" : "labels";
    String expected =
        String.format(Locale.ROOT, "the IDX magic number 0x%08x (%s as bytes)", magic, kind);
    if (disguise.isPresent()) {
      throw malformed("byte 0", expected, disguise.get().what(), disguise.get().advice());
    }
    int got = header.length < Integer.BYTES ? 0 : bigEndian(header, 0);
    if (header.length >= Integer.BYTES && got != magic) {
      throw malformed(
          "byte 0", expected, String.format(Locale.ROOT, "0x%08x", got), magicAdvice(got));
    }
    if (header.length < headerBytes) {
      throw malformed(
          "byte " + header.length,
          String.format(Locale.ROOT, "a header of %d bytes", headerBytes),
          "the end of the file",
          DAMAGED);
    }
  }

  private static String magicAdvice(int got) {
    if (got == LABELS || got == IMAGES) {
      return "this file holds " + (got == LABELS ? "labels" : "images") + ": are the two swapped?";
    }
    if (Integer.reverseBytes(got) == LABELS || Integer.reverseBytes(got) == IMAGES) {
      return "the bytes are in little-endian order: write the file again in big-endian order";
    }
    int type = got >>> 8;
    if (type == 0x08 || type == 0x09 || type >= 0x0b && type <= 0x0e) {
      return String.format(
          Locale.ROOT,
          "this IDX file has element type 0x%02x and %d dimensions: convert it to unsigned bytes",
          type,
          got & 0xff);
    }
    return "this is not an IDX file: check the name, or download it again";
  }

  private RuntimeException malformed(String where, String expected, String got, String advice) {
    return Malformed.at(in.name(), where, expected, got, advice);
  }

  private static int bigEndian(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | bytes[at + 3] & 0xff;
  }
}
