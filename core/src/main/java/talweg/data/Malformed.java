package talweg.data;

import talweg.error.DataFormatException;

/** Words the readers' errors alike: the file, where in it, expected, got, what to do. */
final class Malformed {
  private static final int QUOTE_LIMIT = 40;

  private Malformed() {}

  static DataFormatException at(
      String file, String where, String expected, String got, String advice) {
    return new DataFormatException(
        "%s: %s: expected %s, got %s; %s".formatted(file, where, expected, got, advice));
  }

  /** The text in quotes, shortened and without control characters, which could steer a terminal. */
  static String quote(String text) {
    StringBuilder shown = new StringBuilder("\"");
    int end = Math.min(text.length(), QUOTE_LIMIT);
    for (int i = 0; i < end; i++) {
      char c = text.charAt(i);
      boolean printable = !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT;
      shown.append(printable ? String.valueOf(c) : "\\u%04x".formatted((int) c));
    }
    return shown.append(end < text.length() ? "...\"" : "\"").toString();
  }

  /** "1 row", "2 rows": regular English plurals only. */
  static String count(long n, String noun) {
    return n == 1 ? "1 " + noun : n + " " + noun + "s";
  }
}
