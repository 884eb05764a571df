package talweg.data;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * What a PNG or JPEG file says of its image, read before anything is decoded, so that an image too
 * large to decode never is.
 *
 * @param png PNG, rather than JPEG
 * @param colour more than shades of gray
 * @param pixelBytes bytes of a decoded pixel
 */
record ImageHeader(boolean png, int width, int height, boolean colour, int pixelBytes) {
  /** Most pixels of one image: about 4096 x 4096. */
  static final int MAX_PIXELS = 1 << 24;

  /** Most pixels of a side, as in a JPEG: each row costs a decoder time, however short it is. */
  private static final int MAX_SIDE = 0xffff;

  /** The bytes, those that matter, and what the decoder keeps of its input. */
  private static final int FILE_COPIES = 4;

  private static final long DECODER_ROWS = 8;
  private static final String DAMAGED = "the file was cut or altered: copy or download it again";
  private static final int PALETTE = 3;
  private static final int RGB = 2;
  private static final int RGB_ALPHA = 6;
  private static final int GRAY_ALPHA = 4;

  /** Decoded bytes for each byte of a PNG: photographs have 2, drawings some 50. */
  private static final int MAX_RATIO = 200;

  /** Decoded bytes that a PNG may have in any case. */
  private static final int DECODED_ANYWAY = 1 << 26;

  /** Reads the header from the first bytes of a file; empty if they end before it does. */
  static Optional<ImageHeader> of(Path file, byte[] bytes) {
    Optional<ImageHeader> header;
    if (PngChunks.isPng(bytes)) {
      header = png(bytes);
    } else if (JpegSegments.isJpeg(bytes)) {
      header = JpegSegments.header(file, bytes);
    } else {
      String got =
          ByteSource.Disguise.of(bytes).map(ByteSource.Disguise::what).orElse("something else");
      throw Malformed.at(
          file.toString(), "byte 0", "a PNG or JPEG image", got, "replace or remove the file");
    }
    header.ifPresent(h -> h.requireBounds(file));
    return header;
  }

  /** Reads the header from a whole file. */
  static ImageHeader ofWhole(Path file, byte[] bytes) {
    return of(file, bytes)
        .orElseThrow(() ->
            Malformed.at(
                file.toString(),
                "byte " + bytes.length,
                "the image's size",
                "the end of the file",
                DAMAGED));
  }

  /** The size as width x height. */
  String size() {
    return width + " x " + height;
  }

  /**
   * Refuses an image that would need more bytes than its file has, even if packed as tightly as can
   * be: deflate makes at most 1032 bytes, of 8 pixels each, out of one, and a JPEG takes at least
   * one bit for a block of 64. A large PNG that is packed nearly so tightly was made to be one.
   */
  void requirePlausible(Path file, int bytes) {
    long most = (png ? 8 * 1032L : 8 * 64L) * bytes;
    if (png) {
      most = Math.min(most, (DECODED_ANYWAY + (long) MAX_RATIO * bytes) / pixelBytes);
    }
    if ((long) width * height > most) {
      throw Malformed.at(
          file.toString(),
          "header",
          String.format(Locale.ROOT, "at most %d pixels in a file of %d bytes", most, bytes),
          size(),
          DAMAGED);
    }
  }

  /** Whether the image has the size of the examples. */
  boolean fits(ImageEncoding encoding) {
    return width == encoding.width() && height == encoding.height();
  }

  /** Bytes of the heap for making an example of the image: all copies that are there at once. */
  long bytesNeeded(ImageEncoding encoding, long fileBytes) {
    long pixels = (long) width * height;
    long channels = encoding.colour() ? 3 : 1;
    long decoding = FILE_COPIES * fileBytes + pixelBytes * (pixels + DECODER_ROWS * width);
    long planes = Float.BYTES * channels * pixels;
    if (fits(encoding)) {
      return decoding + planes;
    }
    long narrow = (long) Double.BYTES * height * encoding.width();
    long weights = 4L * Double.BYTES * (width + (long) height);
    return decoding + planes + Float.BYTES * encoding.size() + narrow + weights;
  }

  private static Optional<ImageHeader> png(byte[] bytes) {
    if (bytes.length < 26) {
      return Optional.empty();
    }
    int type = bytes[25];
    boolean colour = type == RGB || type == PALETTE || type == RGB_ALPHA;
    int width = PngChunks.int32(bytes, 16);
    int height = PngChunks.int32(bytes, 20);
    int channels =
        switch (type) {
          case RGB -> 3;
          case RGB_ALPHA -> 4;
          case GRAY_ALPHA -> 2;
          default -> 1;
        };
    int pixelBytes = bytes[24] == 16 ? 2 * channels : channels;
    return Optional.of(new ImageHeader(true, width, height, colour, pixelBytes));
  }

  private void requireBounds(Path file) {
    boolean sensible = width >= 1 && height >= 1 && Math.max(width, height) <= MAX_SIDE;
    if (!sensible || (long) width * height > MAX_PIXELS) {
      throw Malformed.at(
          file.toString(),
          "header",
          String.format(
              Locale.ROOT, "1 to %d pixels, at most %d along a side", MAX_PIXELS, MAX_SIDE),
          String.format(
              Locale.ROOT,
              "%d x %d",
              Integer.toUnsignedLong(width),
              Integer.toUnsignedLong(height)),
          "scale the image down, or remove the file");
    }
  }
}
