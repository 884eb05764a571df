package talweg.cli;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import talweg.json.JsonFields;

/**
 * Reads the values of flags, all with the same complaint: the flag, what was expected, and what was
 * typed. Names are understood in upper and lower case, with hyphens or underscores.
 */
final class FlagValues {
  private FlagValues() {}

  /** Makes a command and those below it read their flags so. */
  static void register(CommandLine root) {
    root.registerConverter(int.class, FlagValues::integer);
    root.registerConverter(Integer.class, FlagValues::integer);
    root.registerConverter(long.class, FlagValues::whole);
    root.registerConverter(Long.class, FlagValues::whole);
    root.registerConverter(double.class, FlagValues::number);
    root.registerConverter(Double.class, FlagValues::number);
    Set<Class<?>> enums = new HashSet<>();
    collectEnums(root, enums);
    enums.forEach(type -> choice(root, type));
  }

  private static void collectEnums(CommandLine command, Set<Class<?>> found) {
    for (ArgSpec argument : command.getCommandSpec().args()) {
      Arrays.stream(argument.auxiliaryTypes()).filter(Class::isEnum).forEach(found::add);
    }
    command.getSubcommands().values().forEach(below -> collectEnums(below, found));
  }

  private static <E> void choice(CommandLine root, Class<E> type) {
    root.registerConverter(type, text -> choice(type, text));
  }

  /** A constant by its name. */
  static <E> E choice(Class<E> type, String text) {
    Function<Object, String> label =
        constant -> ((Enum<?>) constant).name().toLowerCase(Locale.ROOT);
    String wanted = text.strip().toLowerCase(Locale.ROOT).replace('-', '_');
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> label.apply(constant).equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            new UsageException(
                unknown(
                    text,
                    Arrays.stream(type.getEnumConstants())
                        .map(label)
                        .collect(Collectors.joining(", ")))));
  }

  /** What is said of a name that nobody knows. */
  static String unknown(String text, String known) {
    return "%s is not known; expected one of: %s".formatted(JsonFields.quote(text), known);
  }

  private static int integer(String text) {
    long value = whole(text);
    if (value != (int) value) {
      throw expected("a whole number up to 2,147,483,647", text);
    }
    return (int) value;
  }

  private static long whole(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw expected("a whole number", text);
    }
  }

  /** A number that a double can hold: neither too large for it, nor so small that it becomes 0. */
  static double number(String text) {
    double value;
    try {
      value = Double.parseDouble(text.strip());
    } catch (NumberFormatException e) {
      throw expected("a number", text);
    }
    boolean typed = text.strip().matches("[+-]?[0-9.].*");
    if (typed && (Double.isInfinite(value) || value == 0 && isNotZero(text.strip()))) {
      throw expected("a number from 4.9e-324 to 1.8e308", text);
    }
    return value;
  }

  private static boolean isNotZero(String text) {
    try {
      return new BigDecimal(text).signum() != 0;
    } catch (NumberFormatException e) {
      // Hexadecimal, or with a suffix.
      return false;
    }
  }

  private static UsageException expected(String what, String got) {
    return new UsageException("expected %s, got %s".formatted(what, JsonFields.quote(got)));
  }

  /** The text of an error of the parser, in the style of all others where it is about a value. */
  static String message(ParameterException error) {
    ArgSpec argument = error.getArgSpec();
    if (argument == null) {
      return error.getMessage();
    }
    if (error.getCause() instanceof UsageException
        || error.getCause() instanceof TypeConversionException) {
      return "%s: %s".formatted(name(argument), error.getCause().getMessage());
    }
    if (argument.typeInfo().isMap() && error.getValue() != null) {
      return "%s: expected %s, got %s"
          .formatted(name(argument), argument.paramLabel(), JsonFields.quote(error.getValue()));
    }
    return error.getMessage();
  }

  private static String name(ArgSpec argument) {
    return argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
  }
}
