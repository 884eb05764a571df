package talweg.cuda.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A declared variable or parameter.
 *
 * @param space global, const, shared, local or param
 * @param bytes its size; 0 for an array of open length
 * @param offset place in its space, for parameters
 * @param initial its content at first, null if not given
 */
record PtxVariable(
    String space, String name, int alignment, int bytes, int offset, byte[] initial) {
  private static final Pattern DECLARATION =
      Pattern.compile("\\.(\\w+)\\s+([^\\s,\\[\\]]+)\\s*(\\[\\s*(\\d*)\\s*\\])?\\s*$");
  private static final Pattern ALIGN = Pattern.compile("\\.align\\s+(\\d+)");
  // What a pointer parameter points to says nothing about the parameter.
  private static final Pattern POINTER =
      Pattern.compile("\\.ptr(\\s+\\.(global|const|shared|local))?(\\s+\\.align\\s+\\d+)?");
  private static final Pattern SPACE = Pattern.compile("\\.(global|const|shared|local|param)\\b");

  /** Parses {@code .shared .align 4 .b8 name[16] = {...}} and its like. */
  static PtxVariable parse(String text) {
    int equals = text.indexOf('=');
    String declaration = (equals < 0 ? text : text.substring(0, equals)).strip();
    declaration = POINTER.matcher(declaration).replaceAll("");
    Matcher m = DECLARATION.matcher(declaration);
    Matcher space = SPACE.matcher(declaration);
    if (!m.find() || !space.find()) {
      throw PtxFault.undecodable("cannot read the declaration \"" + declaration + "\"");
    }
    PtxType type = PtxType.of(m.group(1));
    boolean array = m.group(3) != null;
    int length = !array ? 1 : m.group(4).isEmpty() ? 0 : Integer.parseInt(m.group(4));
    Matcher align = ALIGN.matcher(declaration);
    int alignment = align.find() ? Integer.parseInt(align.group(1)) : type.bytes();
    byte[] initial = null;
    int bytes = length * type.bytes();
    if (equals >= 0) {
      String[] values = text.substring(equals + 1).replaceAll("[{}\\s]", "").split(",");
      bytes = Math.max(bytes, values.length * type.bytes());
      initial = encode(values, type, bytes);
    }
    return new PtxVariable(space.group(1), m.group(2), alignment, bytes, 0, initial);
  }

  private static byte[] encode(String[] values, PtxType type, int bytes) {
    ByteBuffer buffer = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    for (String value : values) {
      long bits = Operand.immediate(value, type);
      switch (type.bytes()) {
        case 1 -> buffer.put((byte) bits);
        case 2 -> buffer.putShort((short) bits);
        case 4 -> buffer.putInt((int) bits);
        default -> buffer.putLong(bits);
      }
    }
    return buffer.array();
  }

  /** The same at the next place that its alignment allows. */
  PtxVariable after(int end) {
    int place = (end + alignment - 1) / alignment * alignment;
    return new PtxVariable(space, name, alignment, bytes, place, initial);
  }
}
