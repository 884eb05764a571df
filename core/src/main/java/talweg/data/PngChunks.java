package talweg.data;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file (RFC 2083). Only those that make up the pixels are handed to the
 * decoder: texts and profiles may be compressed to any size and are of no interest here.
 */
final class PngChunks {
  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  private static final String HEADER = "IHDR";
  private static final String CRITICAL = "IHDR, PLTE, IDAT and IEND";
  private static final Set<String> PIXELS = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");
  private static final int FRAME = 12;
  private static final int MAX_PALETTE_BYTES = 768;
  private static final String DAMAGED = "the file was cut or altered: copy or download it again";

  private PngChunks() {}

  static boolean isPng(byte[] bytes) {
    for (int i = 0; i < SIGNATURE.length; i++) {
      if (i >= bytes.length || bytes[i] != SIGNATURE[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The file without chunks that do not matter, after checking lengths and checksums of the rest.
   */
  static byte[] essential(Path file, byte[] bytes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
    out.write(bytes, 0, SIGNATURE.length);
    int at = SIGNATURE.length;
    String type = "";
    while (!type.equals("IEND")) {
      if (bytes.length - at < FRAME) {
        throw malformed(file, at, "a chunk, the last being IEND", "the end of the file");
      }
      long length = Integer.toUnsignedLong(int32(bytes, at));
      type = new String(bytes, at + 4, 4, StandardCharsets.ISO_8859_1);
      requireKnown(file, at, type, length);
      long most = type.equals("PLTE") ? MAX_PALETTE_BYTES : bytes.length - at - FRAME;
      if (length > Math.min(most, bytes.length - at - FRAME)) {
        throw malformed(
            file, at, String.format(Locale.ROOT, "a chunk of at most %d bytes", most), "" + length);
      }
      int size = FRAME + (int) length;
      if (PIXELS.contains(type)) {
        CRC32 crc = new CRC32();
        crc.update(bytes, at + 4, (int) length + 4);
        if ((int) crc.getValue() != int32(bytes, at + size - 4)) {
          throw malformed(
              file,
              at,
              String.format(Locale.ROOT, "the checksum %08x of the chunk %s", crc.getValue(), type),
              String.format(Locale.ROOT, "%08x", int32(bytes, at + size - 4)));
        }
        out.write(bytes, at, size);
      }
      at += size;
    }
    return out.toByteArray();
  }

  /** One header, which comes first; a chunk that is critical is not to be passed over. */
  private static void requireKnown(Path file, int at, String type, long length) {
    boolean first = at == SIGNATURE.length;
    if (first && !(type.equals(HEADER) && length == 13)) {
      throw malformed(file, at, "the chunk IHDR of 13 bytes", Malformed.quote(type));
    }
    if (!first && type.equals(HEADER)) {
      throw malformed(file, at, "one chunk IHDR", "another one");
    }
    boolean critical = (type.charAt(0) & 0x20) == 0;
    if (critical && !PIXELS.contains(type)) {
      throw malformed(file, at, "one of the critical chunks " + CRITICAL, Malformed.quote(type));
    }
  }

  /** A big-endian integer. */
  static int int32(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | bytes[at + 3] & 0xff;
  }

  private static RuntimeException malformed(Path file, int at, String expected, String got) {
    return Malformed.at(file.toString(), "byte " + at, expected, got, DAMAGED);
  }
}
