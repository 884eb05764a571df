package talweg.cli;

import java.io.PrintStream;
import java.util.Map;

/**
 * Where output goes: lines for people on standard output, or, under {@code --json}, JSON objects
 * there and people's lines on standard error. A terminal gets colour and a line that is redrawn; a
 * pipe gets plain lines.
 */
final class Console {
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
    people.println(transientLine ? CLEAR_LINE + text : text);
    transientLine = false;
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
