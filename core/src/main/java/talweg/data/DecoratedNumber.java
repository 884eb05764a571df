package talweg.data;

import java.util.ArrayList;
import java.util.Currency;
import java.util.List;
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
 * @param grouped whether digits stand in groups, if the decimal sign is a point
 */
record DecoratedNumber(String mark, String point, String comma, boolean grouped) {
  private static final int LONGEST = 40;
  private static final Pattern SPACES = Pattern.compile("[\\u00a0\\u2009\\u202f]");
  private static final String MINUS = "\u2212";
  private static final String GROUPED = "\\d{1,3}([%1$s '’_])\\d{3}(?:\\1\\d{3})*(?:[%2$s]\\d+)?";
  private static final String SIMPLE = "(?:\\d+(?:[%s]\\d*)?|[%<s]\\d+)(?:[eE][+-]?\\d+)?";
  private static final String INDIAN = "\\d{1,2}(?:,\\d{2})+,\\d{3}(?:[.]\\d+)?";
  private static final Pattern POINT = Pattern.compile(core(",", ".") + "|" + INDIAN);
  private static final Pattern COMMA = Pattern.compile(core(".", ","));
  private static final Pattern WHOLE =
      Pattern.compile(
          "([+-]?)\\s*([^\\d\\s.,+-]{0,4})\\s*([+-]?)"
              + "(\\d[\\d .,'’_]*(?:[eE][+-]?\\d+)?|[.,]\\d+)\\s*([^\\d\\s][^\\d]{0,11})?");
  private static final Pattern UNIT = Pattern.compile("[\\p{L}°][\\p{L}°²³/·^%]*");
  private static final Set<String> ORDINALS = Set.of("st", "nd", "rd", "th");

  /** Units that names hardly end with. */
  private static final Set<String> COMMON_UNITS =
      Set.of(
          "mg", "kg", "lb", "lbs", "oz", "mm", "cm", "km", "mi", "ft", "ms", "sec", "min", "hr",
          "hrs", "day", "days", "week", "weeks", "month", "months", "year", "years", "yrs", "Hz",
          "kHz", "MHz", "GHz", "kW", "MW", "kWh", "MWh", "KB", "MB", "GB", "TB", "k", "K", "M",
          "mil", "bn", "ml", "mL", "°C", "°F", "hPa", "kPa", "psi", "km/h", "mph", "rpm", "m²",
          "m³", "g", "m", "h", "s", "t");

  private static final Set<String> CURRENCIES =
      Currency.getAvailableCurrencies().stream()
          .map(Currency::getCurrencyCode)
          .collect(Collectors.toUnmodifiableSet());

  private static String core(String groups, String decimal) {
    return GROUPED.formatted(groups, decimal) + "|" + SIMPLE.formatted(decimal);
  }

  /** The number that a cell shows, plain ones included, or null if it is something else. */
  static DecoratedNumber of(String cell) {
    if (cell.length() > LONGEST || !hasDigit(cell)) {
      return null;
    }
    String text = SPACES.matcher(cell).replaceAll(" ").replace(MINUS, "-").strip();
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
            comma == null ? null : sign + comma,
            point != null && point.length() < core.length());
  }

  private static boolean hasDigit(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= '0' && text.charAt(i) <= '9') {
        return true;
      }
    }
    return false;
  }

  /** What tells it from a plain number, for messages. */
  String what() {
    List<String> parts = new ArrayList<>();
    if (isPercent(mark)) {
      parts.add("a percent sign");
    } else if (!mark.isEmpty()) {
      parts.add((hasUnit() ? "a unit " : "a currency ") + Malformed.quote(mark));
    }
    if (point == null) {
      parts.add("a decimal comma");
    } else if (grouped) {
      parts.add(
          comma == null || comma.equals(point)
              ? "groups of thousands"
              : "a comma, decimal or between thousands");
    }
    return parts.isEmpty() ? "other signs" : String.join(" and ", parts);
  }

  /** Whether what stands beside the digits is a word. */
  private boolean hasUnit() {
    return isUnit(mark) && !CURRENCIES.contains(mark);
  }

  /** Whether what stands beside the digits is a word that could also belong to a name. */
  boolean couldBeName() {
    return hasUnit() && !COMMON_UNITS.contains(mark);
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
