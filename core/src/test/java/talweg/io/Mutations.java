package talweg.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Damages valid inputs, at random by a seed, in ways that parsers have fallen for. */
public final class Mutations {
  private static final String[] TEXTS = {
    "0",
    "-1",
    "1",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e9",
    "-0",
    "NaN",
    "null",
    "true",
    "[]",
    "{}",
    "\"\"",
    "[[[[[[[[",
    "{\"a\":",
    "\\u0000",
    "\\ud800",
    ",",
    ":",
    "]",
    "}",
    "\"",
    "F64",
    "U8",
    "BF16",
    "__metadata__",
    "talweg.sha256",
    "data_offsets",
    "shape",
    "\u0000",
    "\u00ff"
  };

  private final Random random;

  public Mutations(long seed) {
    random = new Random(seed);
  }

  /** A few changes of a text or file. */
  public byte[] mutate(byte[] valid) {
    byte[] bytes = valid;
    for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
      bytes = bytes.length == 0 ? text() : change(bytes);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int length = random.nextInt(Math.min(64, bytes.length - at) + 1);
    return switch (random.nextInt(9)) {
      case 0 -> set(bytes, at, bytes[at] ^ 1 << random.nextInt(8));
      case 1 -> set(bytes, at, random.nextInt(256));
      case 2 -> Arrays.copyOf(bytes, at);
      case 3 -> splice(bytes, at, at + length, new byte[0]);
      case 4 -> splice(bytes, at, at, Arrays.copyOfRange(bytes, at, at + length));
      case 5 -> splice(bytes, at, at, text());
      case 6 -> splice(bytes, at, at + length, text());
      case 7 -> number(bytes, at);
      default -> length(bytes);
    };
  }

  private static byte[] set(byte[] bytes, int at, int value) {
    byte[] changed = bytes.clone();
    changed[at] = (byte) value;
    return changed;
  }

  private static byte[] splice(byte[] bytes, int from, int to, byte[] middle) {
    byte[] out = new byte[bytes.length - (to - from) + middle.length];
    System.arraycopy(bytes, 0, out, 0, from);
    System.arraycopy(middle, 0, out, from, middle.length);
    System.arraycopy(bytes, to, out, from + middle.length, bytes.length - to);
    return out;
  }

  /** Another number in the place of the next one. */
  private byte[] number(byte[] bytes, int at) {
    int from = at;
    while (from < bytes.length && !Character.isDigit(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < bytes.length && Character.isDigit(bytes[to])) {
      to++;
    }
    return splice(bytes, from, to, text());
  }

  /** Another length in the first eight bytes, often one that is almost right. */
  private byte[] length(byte[] bytes) {
    byte[] changed = Arrays.copyOf(bytes, Math.max(8, bytes.length));
    ByteBuffer prefix = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
    long near = prefix.getLong(0) + random.nextInt(17) - 8;
    prefix.putLong(0, random.nextBoolean() ? near : random.nextLong() >> random.nextInt(64));
    return changed;
  }

  private byte[] text() {
    return TEXTS[random.nextInt(TEXTS.length)].getBytes(StandardCharsets.ISO_8859_1);
  }
}
