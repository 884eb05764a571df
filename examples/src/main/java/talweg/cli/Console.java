package talweg.cli;

import java.io.PrintStream;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import talweg.error.Printable;

/**
 * Where output goes: lines for people on standard output, or, under {@code --json}, JSON objects
 * there and people's lines on standard error. A terminal gets colour and a line that is redrawn; a
 * pipe, and a terminal that cannot move its cursor ({@code TERM=dumb}), get plain lines.
 */
final class Console {
  /** A colour of ours, or a control character. */
  private static final Pattern STEERING = Pattern.compile("\u001b\\[[0-9;]*m|[\\p{Cc}\\p{Cf}]");

  private static final String CLEAR_LINE = "\r\u001b[K";

  /** What changes colours, and takes no room. */
  private static final Pattern COLOUR = Pattern.compile("\u001b\\[[0-9;]*m");

  private final PrintStream people;
  private final PrintStream json;
  private final boolean redraws;
  private final boolean colour;
  private final IntSupplier width;
  private boolean transientLine;

  Console(boolean jsonOnly) {
    this(
        jsonOnly ? System.err : System.out,
        jsonOnly ? System.out : null,
        isTerminal(jsonOnly ? "stderr" : "stdout"),
        System.getenv(),
        jsonOnly ? new TerminalWidth(2) : new TerminalWidth(1));
  }

  /** With all that it would ask the system for. */
  Console(
      PrintStream people,
      PrintStream json,
      boolean terminal,
      Map<String, String> environment,
      IntSupplier width) {
    this.people = people;
    this.json = json;
    this.redraws = terminal && !"dumb".equals(environment.get("TERM"));
    // https://no-color.org: present and not empty.
    this.colour = redraws && environment.getOrDefault("NO_COLOR", "").isEmpty();
    this.width = terminal ? width : () -> Integer.MAX_VALUE;
  }

  /** The launcher knows about each stream; without it the JVM's own, coarser answer has to do. */
  private static boolean isTerminal(String stream) {
    String told = System.getProperty("talweg.tty." + stream);
    return told != null
        ? Boolean.parseBoolean(told)
        : System.console() != null && System.console().isTerminal();
  }

  /** Whether {@link #progress} shows anything. */
  boolean redraws() {
    return redraws;
  }

  /** Whether text is coloured. */
  boolean colours() {
    return colour;
  }

  /** Columns of the terminal now; {@link Integer#MAX_VALUE} for a pipe or a file. */
  int width() {
    return width.getAsInt();
  }

  /** A line that stays. */
  void line(String text) {
    String safe = plain(text);
    people.println(transientLine ? CLEAR_LINE + safe : safe);
    transientLine = false;
  }

  /** Without what steers a terminal, but for our own colours: names in it are from files. */
  static String plain(String text) {
    return STEERING
        .matcher(text)
        .replaceAll(found ->
            found.group().length() > 1 || "\n\t".contains(found.group())
                ? Matcher.quoteReplacement(found.group())
                : Matcher.quoteReplacement(Printable.message(found.group())));
  }

  /**
   * A line that the next one replaces; only on a terminal. What does not fit is cut off: a line
   * that wraps would stay behind.
   */
  void progress(String text) {
    if (redraws) {
      // The last column stays free: some terminals wrap as soon as it is filled.
      people.print(CLEAR_LINE + cut(text, width() - 1));
      people.flush();
      transientLine = true;
    }
  }

  /** Columns that a text takes. */
  static int columns(String text) {
    return COLOUR.matcher(text).replaceAll("").codePoints().map(Console::columns).sum();
  }

  /** The beginning of a text that fits, with all changes of colour. */
  static String cut(String text, int columns) {
    if (columns(text) <= columns) {
      return text;
    }
    StringBuilder kept = new StringBuilder();
    Matcher colours = COLOUR.matcher(text);
    int left = columns;
    int at = 0;
    while (at < text.length()) {
      if (colours.region(at, text.length()).lookingAt()) {
        kept.append(colours.group());
        at = colours.end();
        continue;
      }
      int c = text.codePointAt(at);
      left -= columns(c);
      if (left >= 0) {
        kept.appendCodePoint(c);
      }
      at += Character.charCount(c);
    }
    return kept.toString();
  }

  /** Two for the scripts and signs that terminals draw in double width, none for what combines. */
  private static int columns(int c) {
    int type = Character.getType(c);
    if (type == Character.NON_SPACING_MARK || type == Character.FORMAT) {
      return 0;
    }
    boolean wide =
        c >= 0x1100
            && (c <= 0x115f
                || c >= 0x2e80 && c <= 0xa4cf
                || c >= 0xac00 && c <= 0xd7a3
                || c >= 0xf900 && c <= 0xfaff
                || c >= 0xff01 && c <= 0xff60
                || c >= 0x1f300 && c <= 0x1faff
                || c >= 0x20000 && c <= 0x3fffd);
    return wide ? 2 : 1;
  }

  /** One JSON object, if they are wanted. */
  void json(Map<String, ?> object) {
    if (json != null) {
      json.println(Json.line(object));
      json.flush();
    }
  }

  String bold(String text) {
    return ansi("1", text);
  }

  String dim(String text) {
    return ansi("2", text);
  }

  String green(String text) {
    return ansi("32", text);
  }

  String red(String text) {
    return ansi("31", text);
  }

  private String ansi(String code, String text) {
    return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
  }
}
