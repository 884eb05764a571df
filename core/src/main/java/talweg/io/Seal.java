package talweg.io;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import talweg.error.DataFormatException;
import talweg.error.Printable;

/**
 * The SHA-256 that a safetensors file carries of itself: of all its bytes, with the 64 digits of
 * the sum itself taken as zeros.
 */
final class Seal {
  static final String KEY = "talweg.sha256";
  static final String ZEROS = "0".repeat(64);

  private static final byte[] BEFORE = ("\"" + KEY + "\":\"").getBytes(StandardCharsets.UTF_8);

  private final MessageDigest sum;
  private final byte[] header;
  private final int position;
  private final String expected;

  private Seal(byte[] header, int position, String expected) {
    try {
      this.sum = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
    this.header = header;
    this.position = position;
    this.expected = expected;
  }

  /** The seal of a header that is to be written with zeros first. */
  static Seal ofZeros(byte[] header) {
    return new Seal(header, indexOf(header, 0), ZEROS);
  }

  /**
   * The seal of a header that was read.
   *
   * @throws DataFormatException if it is named, but not written as this class does, or only nearly
   *     named
   */
  static Seal find(String file, byte[] header, Map<String, String> metadata) {
    String text = metadata.get(KEY);
    if (text == null) {
      metadata.forEach((key, value) -> requireOther(file, key, value));
      return new Seal(header, -1, null);
    }
    int at = indexOf(header, 0);
    boolean valid =
        text.length() == ZEROS.length()
            && at >= 0
            && indexOf(header, at) < 0
            && at + text.length() <= header.length
            && text.equals(new String(header, at, text.length(), StandardCharsets.ISO_8859_1));
    if (!valid) {
      throw new DataFormatException(
          "%s: its %s is not 64 hexadecimal digits; the file is damaged".formatted(file, KEY));
    }
    return new Seal(header, at, text);
  }

  /** Refuses a key that was ours before a byte or two of it were damaged. */
  private static void requireOther(String file, String key, String value) {
    int same = 0;
    int common = Math.min(key.length(), KEY.length());
    while (same < common && key.charAt(same) == KEY.charAt(same)) {
      same++;
    }
    int atEnd = 0;
    while (same + atEnd < common
        && key.charAt(key.length() - 1 - atEnd) == KEY.charAt(KEY.length() - 1 - atEnd)) {
      atEnd++;
    }
    boolean near = same + atEnd >= KEY.length() - 2 && key.length() <= KEY.length() + 2;
    if (near || key.startsWith("talweg.") && value.matches("[0-9a-f]{64}")) {
      throw new DataFormatException(
          "%s: expected %s in its metadata, got %s; the file is damaged"
              .formatted(file, KEY, Printable.name(key)));
    }
  }

  /** Where the digits begin behind the first place after {@code from} that names them, or -1. */
  private static int indexOf(byte[] header, int from) {
    for (int i = from; i + BEFORE.length <= header.length; i++) {
      if (header[i] == '"'
          && Arrays.equals(header, i, i + BEFORE.length, BEFORE, 0, BEFORE.length)) {
        return i + BEFORE.length;
      }
    }
    return -1;
  }

  /** Where the digits are in the header. */
  int position() {
    return position;
  }

  void update(ByteBuffer bytes) {
    sum.update(bytes);
  }

  /** Takes the header in, its digits as zeros. */
  void updateHeader() {
    if (position < 0) {
      return;
    }
    sum.update(header, 0, position);
    sum.update(ZEROS.getBytes(StandardCharsets.ISO_8859_1));
    int behind = position + ZEROS.length();
    sum.update(header, behind, header.length - behind);
  }

  /** The digits. */
  byte[] digest() {
    return HexFormat.of().formatHex(sum.digest()).getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Compares, where the file carries a sum. */
  void verify(String file) {
    if (expected == null) {
      return;
    }
    String found = new String(digest(), StandardCharsets.ISO_8859_1);
    if (!found.equals(expected)) {
      throw new DataFormatException(
          "%s: is damaged: its content has SHA-256 %s, expected %s; get it again (a tool that rewrites it has to drop %s from its metadata)"
              .formatted(file, found, expected, KEY));
    }
  }
}
