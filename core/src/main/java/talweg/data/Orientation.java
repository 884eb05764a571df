package talweg.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How an image is to be turned for looking at it: the tag Orientation of EXIF (1 to 8), which
 * cameras write instead of turning the pixels. Where it is missing or damaged, nothing is turned.
 */
final class Orientation {
  private static final int UPRIGHT = 1;
  private static final int FIRST_ON_ITS_SIDE = 5;
  private static final int LAST = 8;
  private static final int TAG = 0x0112;
  private static final int ENTRY = 12;
  private static final int MAX_ENTRIES = 512;
  private static final int SIGNATURE = 8;
  private static final int MAX_BYTES = 1 << 20;

  private Orientation() {}

  /** Reads the tag from a JPEG file as far as its frame header, or from a whole PNG file. */
  static int of(byte[] bytes) {
    return PngChunks.isPng(bytes) ? ofPng(bytes) : ofJpeg(bytes);
  }

  /** Reads the tag from a file of which the first bytes are known. */
  static int of(Path file, byte[] head, boolean whole) {
    if (whole || !PngChunks.isPng(head)) {
      return of(head);
    }
    // The chunk may lie behind the pixels, which are passed over.
    try (SeekableByteChannel in = Files.newByteChannel(file)) {
      ByteBuffer frame = ByteBuffer.allocate(8);
      long at = SIGNATURE;
      while (at + 8 <= in.size()) {
        in.position(at);
        read(in, frame.clear());
        long length = Integer.toUnsignedLong(frame.getInt(0));
        if (isExif(frame.array(), 4) && length <= in.size() - at && length < MAX_BYTES) {
          ByteBuffer content = ByteBuffer.allocate((int) length);
          read(in, content);
          return tag(content);
        }
        at += 12 + length;
      }
      return UPRIGHT;
    } catch (IOException e) {
      throw new UncheckedIOException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }

  /** An image's header as it is looked at. */
  static ImageHeader turned(ImageHeader header, int orientation) {
    return orientation < FIRST_ON_ITS_SIDE
        ? header
        : new ImageHeader(
            header.png(), header.height(), header.width(), header.colour(), header.pixelBytes());
  }

  /**
   * The same pixels as they are looked at.
   *
   * @param planes {@code [channels, height, width]}
   */
  static float[] turned(float[] planes, int channels, int height, int width, int orientation) {
    if (orientation == UPRIGHT) {
      return planes;
    }
    boolean side = orientation >= FIRST_ON_ITS_SIDE;
    int rows = side ? width : height;
    int columns = side ? height : width;
    float[] turned = new float[planes.length];
    int at = 0;
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          int row = side ? x : y;
          int column = side ? y : x;
          boolean upsideDown =
              orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
          boolean mirrored =
              orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
          row = upsideDown ? height - 1 - row : row;
          column = mirrored ? width - 1 - column : column;
          turned[at++] = planes[(c * height + row) * width + column];
        }
      }
    }
    return turned;
  }

  private static int ofJpeg(byte[] bytes) {
    int at = 2;
    while (at + 4 <= bytes.length) {
      int marker = (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
      if (marker == 0xffff) {
        at++;
        continue;
      }
      int length = (bytes[at + 2] & 0xff) << 8 | bytes[at + 3] & 0xff;
      int end = at + 2 + length;
      if (marker < 0xffc0 || length < 2 || end > bytes.length || JpegSegments.isFrame(marker)) {
        break;
      }
      boolean exif = marker == 0xffe1 && length > 8 && text(bytes, at + 4, 6).equals("Exif\0\0");
      if (exif) {
        return tag(ByteBuffer.wrap(bytes, at + 10, end - at - 10).slice());
      }
      at = end;
    }
    return UPRIGHT;
  }

  private static int ofPng(byte[] bytes) {
    long at = SIGNATURE;
    while (at + 12 <= bytes.length) {
      long length = Integer.toUnsignedLong(PngChunks.int32(bytes, (int) at));
      if (isExif(bytes, (int) at + 4) && length < MAX_BYTES && at + 12 + length <= bytes.length) {
        return tag(ByteBuffer.wrap(bytes, (int) at + 8, (int) length).slice());
      }
      at += 12 + length;
    }
    return UPRIGHT;
  }

  /** Finds the tag in the first directory of a TIFF structure. */
  private static int tag(ByteBuffer tiff) {
    tiff.clear();
    if (tiff.limit() < SIGNATURE) {
      return UPRIGHT;
    }
    String order = text(tiff, 0, 2);
    if (!order.equals("II") && !order.equals("MM")) {
      return UPRIGHT;
    }
    tiff.order(order.equals("II") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    long directory = Integer.toUnsignedLong(tiff.getInt(4));
    if (tiff.getShort(2) != 42 || directory + 2 > tiff.limit()) {
      return UPRIGHT;
    }
    int entries = Math.min(tiff.getShort((int) directory) & 0xffff, MAX_ENTRIES);
    for (int i = 0; i < entries; i++) {
      long at = directory + 2 + (long) i * ENTRY;
      if (at + ENTRY > tiff.limit()) {
        break;
      }
      int entry = (int) at;
      if ((tiff.getShort(entry) & 0xffff) == TAG) {
        boolean wide = tiff.getShort(entry + 2) == 4;
        int value = wide ? tiff.getInt(entry + 8) : tiff.getShort(entry + 8);
        return value >= UPRIGHT && value <= LAST ? value : UPRIGHT;
      }
    }
    return UPRIGHT;
  }

  private static boolean isExif(byte[] bytes, int at) {
    return text(bytes, at, 4).equals("eXIf");
  }

  private static String text(byte[] bytes, int at, int length) {
    return new String(bytes, at, length, StandardCharsets.ISO_8859_1);
  }

  private static String text(ByteBuffer bytes, int at, int length) {
    byte[] some = new byte[length];
    bytes.get(at, some);
    return text(some, 0, length);
  }

  private static void read(SeekableByteChannel in, ByteBuffer into) throws IOException {
    while (into.hasRemaining() && in.read(into) >= 0) {}
    into.flip();
  }
}
