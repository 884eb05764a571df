package talweg.data;

import java.util.Currency;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A number as people write it: with a decimal comma, thousands in groups, a currency, a percent
 * sign or a unit, such as {@code $1,234.50}, {@code 1.234,50 €}, {@code 13,4 %} or {@code 5 kg}.
 *
 * @param mark what stands beside the digits; empty for nothing
 * @param point the plain number, if the decimal sign is a point; null if it cannot be
 * @param comma the plain number, if the decimal sign is a comma; null if it cannot be
 */
record DecoratedNumber(String mark, String point, String comma) {
  private static final int LONGEST = 40;
  private static final String SPACES = "[\\u00a0\\u2009\\u202f]";
  private static final String MINUS = "\u2212";
  private static final String GROUPED = "\\d{1,3}([%1$s '’_])\\d{3}(?:\\1\\d{3})*(?:[%2$s]\\d+)?";
  private static final String SIMPLE = "(?:\\d+(?:[%s]\\d*)?|[%<s]\\d+)(?:[eE][+-]?\\d+)?";
  private static final Pattern POINT = core(",", ".");
  private static final Pattern COMMA = core(".", ",");
  private static final Pattern WHOLE =
      Pattern.compile(
          "([+-]?)\\s*([^\\d\\s.,+-]{0,4})\\s*([+-]?)"
              + "(\\d[\\d .,'’_]*(?:[eE][+-]?\\d+)?|[.,]\\d+)\\s*([^\\d\\s][^\\d]{0,11})?");
  private static final Pattern UNIT = Pattern.compile("[\\p{L}°][\\p{L}°²³/·^%]*");
  private static final Set<String> ORDINALS = Set.of("st", "nd", "rd", "th");
  private static final Set<String> CURRENCIES =
      Currency.getAvailableCurrencies().stream()
          .map(Currency::getCurrencyCode)
          .collect(Collectors.toUnmodifiableSet());

  private static Pattern core(String groups, String decimal) {
    return Pattern.compile(GROUPED.formatted(groups, decimal) + "|" + SIMPLE.formatted(decimal));
  }

  /** The number that a cell shows, plain ones included, or null if it is something else. */
  static DecoratedNumber of(String cell) {
    if (cell.length() > LONGEST || !hasDigit(cell)) {
      return null;
    }
    String text = cell.replaceAll(SPACES, " ").replace(MINUS, "-").strip();
    boolean negative = text.startsWith("(") && text.endsWith(")");
    Matcher parts = WHOLE.matcher(negative ? text.substring(1, text.length() - 1) : text);
    if (!parts.matches()) {
      return null;
    }
    String before = parts.group(2);
    String after = parts.group(5) == null ? "" : parts.group(5).strip();
    boolean readable =
        (before.isEmpty() || isCurrency(before))
            && (after.isEmpty() || isCurrency(after) || isPercent(after) || isUnit(after))
            && (parts.group(1).isEmpty() || parts.group(3).isEmpty());
    if (!readable) {
      return null;
    }
    String sign = negative ? "-" : parts.group(1) + parts.group(3);
    String core = parts.group(4).strip();
    String point = plain(POINT, core, ',', '.');
    String comma = plain(COMMA, core, '.', ',');
    return point == null && comma == null
        ? null
        : new DecoratedNumber(
            (before + " " + after).strip(),
            point == null ? null : sign + point,
            comma == null ? null : sign + comma);
  }

  private static boolean hasDigit(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= '0' && text.charAt(i) <= '9') {
        return true;
      }
    }
    return false;
  }

  /** Whether what stands beside the digits is a word, which could also belong to a name. */
  boolean hasUnit() {
    return isUnit(mark) && !CURRENCIES.contains(mark);
  }

  private static String plain(Pattern form, String core, char groups, char decimal) {
    if (!form.matcher(core).matches()) {
      return null;
    }
    StringBuilder plain = new StringBuilder();
    for (int i = 0; i < core.length(); i++) {
      char c = core.charAt(i);
      if (c == decimal) {
        plain.append('.');
      } else if (c != groups && " '’_".indexOf(c) < 0) {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  /** A sign such as €, alone or with letters as in US$, or a code such as EUR. */
  private static boolean isCurrency(String text) {
    return CURRENCIES.contains(text)
        || text.length() <= 4
            && text.chars().anyMatch(c -> Character.getType(c) == Character.CURRENCY_SYMBOL)
            && text.chars()
                .allMatch(c ->
                    Character.isLetter(c) || Character.getType(c) == Character.CURRENCY_SYMBOL);
  }

  private static boolean isPercent(String text) {
    return text.equals("%") || text.equals("‰");
  }

  private static boolean isUnit(String text) {
    return UNIT.matcher(text).matches() && !ORDINALS.contains(text);
  }
}
