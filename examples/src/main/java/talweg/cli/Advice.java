package talweg.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Says the library's advice in flags. The library names settings as programs write them, such as
 * {@code CsvOptions.categorical} or {@code TrainerOptions.batch(512)}; whoever is at the command
 * line has never seen these classes.
 */
final class Advice {
  /**
   * An option, and the value or values it should have: "(512)", "('x')", ".MEAN", " MEAN, MODE".
   */
  private static final Pattern OPTION =
      Pattern.compile(
          "\\b[A-Z]\\w*Options\\.(\\w+)(?:\\((?:'([^']*)'|\"([^\"]*)\"|(\\w+))\\)"
              + "|[. ]([A-Z][A-Z_]+(?:, [A-Z][A-Z_]+)*))?");

  /** What is left in parentheses where an option has no flag. */
  private static final Pattern EMPTY = Pattern.compile(" \\(\\s*\\)");

  /** A flag of the JVM, which the launcher takes from a variable. */
  private static final Pattern OF_JVM = Pattern.compile("(?<!\\S)-(Dtalweg\\.|Xmx\\d)");

  /** Whole phrases whose advice is another one here; replaced before single options. */
  private static final Map<String, String> PHRASES = new LinkedHashMap<>();

  static {
    PHRASES.put("raise the limit (CsvOptions.maxBytes)", "cut it into several files");
    PHRASES.put("(Csv.stream, Idx.stream, ImageOptions.stream)", "(--stream)");
    PHRASES.put("a FullBatchTrainer saves none", "--optimizer lbfgs saves none");
    PHRASES.put("with another seed", "with another --seed");
    PHRASES.put("raise it with -Xmx", "raise it, as by TALWEG_JAVA_OPTS=-Xmx8g");
    PHRASES.put("use the backend cpu", "use --backend cpu");
    PHRASES.put(
        "ask for fp32, or for the backend cuda", "leave --precision out, or use --backend cuda");
  }

  /** The flag of each option. */
  static final Map<String, String> FLAGS =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("target", "--target"),
              Map.entry("task", "--task"),
              Map.entry("header", "--header"),
              Map.entry("missing", "--missing"),
              Map.entry("unknown", "--unknown"),
              Map.entry("delimiter", "--delimiter"),
              Map.entry("categorical", "--categorical"),
              Map.entry("ignored", "--ignore"),
              Map.entry("missingTexts", "--missing-values"),
              Map.entry("numbers", "--numbers"),
              Map.entry("maxCategories", "--max-categories"),
              Map.entry("size", "--image-size"),
              Map.entry("channels", "--channels"),
              Map.entry("epochs", "--epochs"),
              Map.entry("batch", "--batch"),
              Map.entry("seed", "--seed"),
              Map.entry("accumulate", "--accumulate"),
              Map.entry("nonFinite", "--nonfinite")));

  private Advice() {}

  /** What to tell of an error. */
  static String message(Throwable error) {
    String said = error.getMessage();
    if (error instanceof ArithmeticException && String.valueOf(said).contains("overflow")) {
      return "too large: more than 2,147,483,647 numbers at once; use fewer examples, or smaller"
          + " ones";
    }
    Throwable cause = error.getCause();
    if (cause != null && cause.getMessage() != null && cause.toString().equals(said)) {
      return flags(cause.getMessage());
    }
    return said == null ? error.toString() : flags(said);
  }

  /** A message with flags in place of the library's options. */
  static String flags(String message) {
    String said = message;
    for (Map.Entry<String, String> phrase : PHRASES.entrySet()) {
      said = said.replace(phrase.getKey(), phrase.getValue());
    }
    said = OPTION.matcher(said).replaceAll(option -> Matcher.quoteReplacement(flag(option)));
    said = EMPTY.matcher(said).replaceAll("");
    return OF_JVM.matcher(said).replaceAll("TALWEG_JAVA_OPTS=-$1");
  }

  private static String flag(java.util.regex.MatchResult option) {
    String name =
        option.group(1).substring(0, 1).toLowerCase(Locale.ROOT) + option.group(1).substring(1);
    String flag = FLAGS.get(name);
    return flag == null ? "" : flag + value(option);
  }

  private static String value(java.util.regex.MatchResult option) {
    if (option.group(2) != null) {
      return option.group(2).equals("\\t") ? " tab" : " \"%s\"".formatted(option.group(2));
    }
    if (option.group(3) != null) {
      boolean plain = option.group(3).matches("[\\w.,/-]+");
      return plain ? " " + option.group(3) : " \"%s\"".formatted(option.group(3));
    }
    if (option.group(4) != null) {
      return " " + option.group(4).toLowerCase(Locale.ROOT);
    }
    return option.group(5) == null
        ? ""
        : " " + option.group(5).toLowerCase(Locale.ROOT).replaceFirst(", (\\w+)$", " or $1");
  }
}
