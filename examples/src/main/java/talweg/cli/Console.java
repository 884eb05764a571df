package talweg.cli;

import java.io.PrintStream;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import talweg.error.Printable;

/**
 * Where output goes: lines for people on standard output, or, under {@code --json}, JSON objects
 * there and people's lines on standard error. A terminal gets colour and a line that is redrawn; a
 * pipe gets plain lines.
 */
final class Console {
  /** A colour of ours, or a control character. */
  private static final Pattern STEERING = Pattern.compile("\u001b\\[[0-9;]*m|[\\p{Cc}\\p{Cf}]");

  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream people;
  private final PrintStream json;
  private final boolean terminal;
  private final boolean colour;
  private boolean transientLine;

  Console(boolean jsonOnly) {
    this.people = jsonOnly ? System.err : System.out;
    this.json = jsonOnly ? System.out : null;
    this.terminal = isTerminal(jsonOnly ? "stderr" : "stdout");
    this.colour = terminal && System.getenv("NO_COLOR") == null;
  }

  /** The launcher knows about each stream; without it the JVM's own, coarser answer has to do. */
  private static boolean isTerminal(String stream) {
    String told = System.getProperty("talweg.tty." + stream);
    return told != null
        ? Boolean.parseBoolean(told)
        : System.console() != null && System.console().isTerminal();
  }

  boolean isTerminal() {
    return terminal;
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

  /** A line that the next one replaces; only on a terminal. */
  void progress(String text) {
    if (terminal) {
      people.print(CLEAR_LINE + text);
      people.flush();
      transientLine = true;
    }
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
