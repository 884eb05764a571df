package talweg.cli;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Says the library's advice, which names options of its own, in flags. */
final class Advice {
  /** An option, and the value it should have: {@code CsvOptions.missing(MEAN)}. */
  private static final Pattern OPTION =
      Pattern.compile("(?:Csv|Image)Options\\.(\\w+)(?:\\((?:'([^']*)'|\"([^\"]*)\"|(\\w+))\\))?");

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
              Map.entry("size", "--image-size")));

  private Advice() {}

  /** A message with flags in place of the library's options. */
  static String flags(String message) {
    Matcher matcher = OPTION.matcher(message);
    StringBuilder text = new StringBuilder();
    while (matcher.find()) {
      String flag = FLAGS.get(matcher.group(1));
      String said = flag == null ? matcher.group() : flag + value(matcher);
      matcher.appendReplacement(text, Matcher.quoteReplacement(said));
    }
    return matcher.appendTail(text).toString();
  }

  private static String value(Matcher option) {
    if (option.group(2) != null) {
      return option.group(2).equals("\\t") ? " tab" : " \"%s\"".formatted(option.group(2));
    }
    if (option.group(3) != null) {
      boolean plain = option.group(3).matches("[\\w.,/-]+");
      return plain ? " " + option.group(3) : " \"%s\"".formatted(option.group(3));
    }
    return option.group(4) == null ? "" : " " + option.group(4).toLowerCase(Locale.ROOT);
  }
}
