package talweg.data;

import talweg.error.DataFormatException;
import talweg.error.Printable;

/** Words the readers' errors alike: the file, where in it, expected, got, what to do. */
final class Malformed {
  private Malformed() {}

  static DataFormatException at(
      String file, String where, String expected, String got, String advice) {
    return new DataFormatException(
        "%s: %s: expected %s, got %s; %s".formatted(file, where, expected, got, advice));
  }

  /** The text in quotes, shortened and without control characters, which could steer a terminal. */
  static String quote(String text) {
    return Printable.quote(text);
  }

  /** "1 row", "2 rows": regular English plurals only. */
  static String count(long n, String noun) {
    return n == 1 ? "1 " + noun : n + " " + noun + "s";
  }
}
