package talweg.data;

import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/**
 * The segments of a JPEG file (ITU-T T.81, annex B). Only those that make up the pixels are handed
 * to the decoder: photographs carry profiles, previews and comments that are of no interest here.
 */
final class JpegSegments {
  private static final int START = 0xffd8;
  private static final int END = 0xffd9;
  private static final int SCAN = 0xffda;
  private static final int FIRST_APP = 0xffe0;
  private static final int LAST_APP = 0xffef;
  private static final int JFIF = 0xffe0;
  private static final int ADOBE = 0xffee;
  private static final int COMMENT = 0xfffe;

  /** A progressive image has some ten scans; each costs as much time as a whole image. */
  private static final int MAX_SCANS = 100;

  private static final String DAMAGED = "the file was cut or altered: copy or download it again";

  private JpegSegments() {}

  static boolean isJpeg(byte[] bytes) {
    return bytes.length >= 3 && int16(bytes, 0) == START && bytes[2] == (byte) 0xff;
  }

  /** The image's size, if the bytes reach as far as the frame header. */
  static Optional<ImageHeader> header(Path file, byte[] bytes) {
    int at = 2;
    while (at + 4 <= bytes.length) {
      int marker = int16(bytes, at);
      if (marker == 0xffff) {
        at++; // a fill byte
        continue;
      }
      int length = segment(file, bytes, at);
      if (isFrame(marker)) {
        return at + 10 <= bytes.length ? Optional.of(frame(file, bytes, at)) : Optional.empty();
      }
      at += 2 + length;
    }
    return Optional.empty();
  }

  /** The file without segments that do not matter, after checking that it is all there. */
  static byte[] essential(Path file, byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    out.write(bytes, 0, 2);
    int at = 2;
    while (at + 4 <= bytes.length && int16(bytes, at) != SCAN) {
      int marker = int16(bytes, at);
      int size = marker == 0xffff ? 1 : 2 + segment(file, bytes, at);
      if (at + size > bytes.length) {
        break;
      }
      boolean extra = marker >= FIRST_APP && marker <= LAST_APP || marker == COMMENT;
      if (marker != 0xffff && (!extra || marker == JFIF || marker == ADOBE)) {
        out.write(bytes, at, size);
      }
      at += size;
    }
    requireScans(file, bytes, at);
    out.write(bytes, at, bytes.length - at);
    return out.toByteArray();
  }

  private static void requireScans(Path file, byte[] bytes, int from) {
    int scans = 0;
    boolean ended = false;
    for (int at = from; at + 1 < bytes.length && !ended; at++) {
      int marker = int16(bytes, at);
      scans += marker == SCAN ? 1 : 0;
      ended = marker == END;
    }
    if (scans == 0 || !ended) {
      throw malformed(file, bytes.length, "the end of the image (FF D9)", "the end of the file");
    }
    if (scans > MAX_SCANS) {
      throw malformed(
          file, from, String.format(Locale.ROOT, "at most %d scans", MAX_SCANS), "" + scans);
    }
  }

  /** The length of the segment at a marker, without the marker. */
  private static int segment(Path file, byte[] bytes, int at) {
    int marker = int16(bytes, at);
    int length = int16(bytes, at + 2);
    if (marker <= 0xff00 || length < 2) {
      throw malformed(
          file,
          at,
          "a marker and a length",
          String.format(Locale.ROOT, "%04x %04x", marker, length));
    }
    return length;
  }

  static boolean isFrame(int marker) {
    return marker >= 0xffc0
        && marker <= 0xffcf
        && marker != 0xffc4
        && marker != 0xffc8
        && marker != 0xffcc;
  }

  private static ImageHeader frame(Path file, byte[] bytes, int at) {
    int components = bytes[at + 9];
    if (components == 4) {
      throw Malformed.at(
          file.toString(),
          "header",
          "gray or colours in red, green and blue",
          "CMYK, inks for printing (4 components)",
          "convert the image to RGB");
    }
    if (components != 1 && components != 3) {
      throw malformed(file, at + 9, "gray (1 component) or colour (3)", components + " components");
    }
    return new ImageHeader(
        false, int16(bytes, at + 7), int16(bytes, at + 5), components == 3, components);
  }

  private static int int16(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 8 | bytes[at + 1] & 0xff;
  }

  private static RuntimeException malformed(Path file, int at, String expected, String got) {
    return Malformed.at(file.toString(), "byte " + at, expected, got, DAMAGED);
  }
}
