package talweg.error;

import java.util.HexFormat;

/**
 * Text from files, folders and command lines as it may be shown: it can hold what steers a
 * terminal, and be megabytes long.
 */
public final class Printable {
  private static final int QUOTE_LIMIT = 40;
  private static final int NAME_LIMIT = 120;
  private static final int MESSAGE_LIMIT = 10_000;
  private static final HexFormat DIGITS = HexFormat.of();

  private Printable() {}

  /** A value in quotes: without control characters, and no more than its first 40. */
  public static String quote(String text) {
    return quoted(text, QUOTE_LIMIT);
  }

  /** The same for a name, of which 120 characters are shown: names are told apart by their ends. */
  public static String name(String text) {
    return quoted(text, NAME_LIMIT);
  }

  /**
   * A whole message: control characters are replaced, but for ends of lines, and what is behind the
   * first 10,000 characters is left out.
   */
  public static String message(String text) {
    if (text == null || text.length() <= MESSAGE_LIMIT && isPlain(text)) {
      return text;
    }
    return shown(text, MESSAGE_LIMIT, true) + (text.length() > MESSAGE_LIMIT ? " ..." : "");
  }

  private static String quoted(String text, int limit) {
    return '"' + shown(text, limit, false) + (text.length() > limit ? "...\"" : "\"");
  }

  private static boolean isPlain(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPrintable(text.charAt(i), true)) {
        return false;
      }
    }
    return true;
  }

  private static String shown(String text, int limit, boolean lines) {
    int end = Math.min(text.length(), limit);
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--;
    }
    StringBuilder shown = new StringBuilder(end);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      if (isPrintable(c, lines)) {
        shown.append(c);
      } else {
        shown.append("\\u").append(DIGITS.toHexDigits(c));
      }
    }
    return shown.toString();
  }

  private static boolean isPrintable(char c, boolean lines) {
    if (lines && (c == '\n' || c == '\t')) {
      return true;
    }
    return !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
  }
}
