package talweg.cuda.sim;

/** Reads operands that are not registers. */
final class Operand {
  /** {@code [base+offset]}; base is a register, a symbol or a number. */
  record Address(String base, long offset) {}

  private Operand() {}

  static boolean isImmediate(String text) {
    return !text.isEmpty() && (Character.isDigit(text.charAt(0)) || text.charAt(0) == '-');
  }

  /** The bits of a number: decimal, 0x, or the bits of a float (0f) or double (0d). */
  static long immediate(String text, PtxType type) {
    boolean negative = text.startsWith("-");
    String body = negative ? text.substring(1) : text;
    if (body.startsWith("0f") || body.startsWith("0F")) {
      return Long.parseLong(body.substring(2), 16);
    }
    if (body.startsWith("0d") || body.startsWith("0D")) {
      return Long.parseUnsignedLong(body.substring(2), 16);
    }
    String digits = body.endsWith("U") ? body.substring(0, body.length() - 1) : body;
    if (digits.contains(".")) {
      double value = negative ? -Double.parseDouble(digits) : Double.parseDouble(digits);
      return type == PtxType.F64
          ? Double.doubleToRawLongBits(value)
          : Float.floatToRawIntBits((float) value);
    }
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    long value = Long.parseUnsignedLong(hex ? digits.substring(2) : digits, hex ? 16 : 10);
    return negative ? -value : value;
  }

  static Address address(String text) {
    if (!text.startsWith("[") || !text.endsWith("]")) {
      throw PtxFault.undecodable("\"" + text + "\" is no address");
    }
    String inner = text.substring(1, text.length() - 1).strip();
    int plus = inner.indexOf('+');
    if (plus < 0) {
      return new Address(inner, 0);
    }
    long offset = immediate(inner.substring(plus + 1).strip(), PtxType.S64);
    return new Address(inner.substring(0, plus).strip(), offset);
  }
}
