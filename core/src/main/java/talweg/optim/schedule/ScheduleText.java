package talweg.optim.schedule;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The text form of a schedule, taken apart: {@code name:key=value,key=value(part;part)}. Settings
 * and parts may be missing.
 */
record ScheduleText(String name, Map<String, String> settings, List<ScheduleText> parts) {
  /** More than anyone needs, and few enough for the stack. */
  private static final int DEEPEST = 32;

  static ScheduleText parse(String text) {
    Parser parser = new Parser(text);
    ScheduleText schedule = parser.schedule(0);
    parser.requireEnd();
    return schedule;
  }

  static ScheduleText of(ScheduleKind kind) {
    return new ScheduleText(kind.text(), new LinkedHashMap<>(), new ArrayList<>());
  }

  ScheduleText with(String key, Object value) {
    settings.put(key, value.toString());
    return this;
  }

  /** A number in the shortest form that reads back as the same. */
  ScheduleText with(String key, double value) {
    return with(key, number(value));
  }

  ScheduleText with(String key, long value) {
    return with(key, Long.toString(value));
  }

  ScheduleText part(ScheduleText part) {
    parts.add(part);
    return this;
  }

  static String number(double value) {
    boolean whole = Math.abs(value) < 1L << 53 && Double.compare(value, (long) value) == 0;
    return whole ? Long.toString((long) value) : Double.toString(value);
  }

  @Override
  public String toString() {
    String keys =
        settings.entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(","));
    String inner =
        parts.isEmpty()
            ? ""
            : parts.stream().map(ScheduleText::toString).collect(Collectors.joining(";", "(", ")"));
    return name + (keys.isEmpty() ? "" : ":" + keys) + inner;
  }

  /** Recursive descent over the text. */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    ScheduleText schedule(int depth) {
      if (depth > DEEPEST) {
        throw wrong("at most " + DEEPEST + " schedules inside each other");
      }
      String name = word(":(;)").toLowerCase(Locale.ROOT);
      if (name.isEmpty()) {
        throw wrong("the name of a schedule");
      }
      Map<String, String> settings = new LinkedHashMap<>();
      if (skip(':')) {
        do {
          setting(settings);
        } while (skip(','));
      }
      List<ScheduleText> parts = new ArrayList<>();
      if (skip('(')) {
        do {
          parts.add(schedule(depth + 1));
        } while (skip(';'));
        if (!skip(')')) {
          throw wrong("\")\"");
        }
      }
      return new ScheduleText(name, settings, parts);
    }

    void requireEnd() {
      if (at < text.length()) {
        throw wrong("the end");
      }
    }

    private void setting(Map<String, String> settings) {
      String key = word("=,(;)");
      if (key.isEmpty() || !skip('=')) {
        throw wrong("key=value");
      }
      if (settings.put(key, word(",(;)")) != null) {
        throw wrong("setting \"" + key + "\" only once");
      }
    }

    /** What stands before the next of the given characters. */
    private String word(String ends) {
      int start = at;
      while (at < text.length() && ends.indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(start, at).strip();
    }

    private boolean skip(char c) {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      boolean found = at < text.length() && text.charAt(at) == c;
      at += found ? 1 : 0;
      return found;
    }

    private IllegalArgumentException wrong(String expected) {
      return new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "schedule \"%s\": expected %s at position %d; the form is name:key=value,key=value",
              text,
              expected,
              at + 1));
    }
  }
}
