package talweg.optim.schedule;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import talweg.optim.Schedule;

/** Makes one schedule of its text; remembers which settings it asked for, to refuse others. */
final class ScheduleReader {
  private final ScheduleText text;
  private final ScheduleDefaults defaults;
  private final Set<String> asked = new LinkedHashSet<>();

  private ScheduleReader(ScheduleText text, ScheduleDefaults defaults) {
    this.text = text;
    this.defaults = defaults;
  }

  static Schedule read(ScheduleText text, ScheduleDefaults defaults) {
    ScheduleKind kind = ScheduleKind.named(text.name());
    ScheduleReader reader = new ScheduleReader(text, defaults);
    Schedule schedule = reader.schedule(kind);
    reader.requireAllAsked();
    return schedule;
  }

  private Schedule schedule(ScheduleKind kind) {
    return switch (kind) {
      case CONSTANT -> new Schedule.Constant(base());
      case CONSTANT_FACTOR -> new ConstantFactor(base(), number("factor"), steps("total"));
      case LINEAR -> new LinearRamp(base(), number("start", 1), number("end", 0), total());
      case POLYNOMIAL -> new PolynomialDecay(base(), total(), number("power", 1));
      case EXPONENTIAL ->
          new ExponentialDecay(base(), number("factor", 0.95), epochs("every", "1"));
      case STEP -> new StepDecay(base(), number("factor", 0.1), epochs("every", null));
      case MULTI_STEP ->
          new MultiStepDecay(
              base(),
              number("factor", 0.1),
              list("at", each -> counted("at", each, defaults::epochs)));
      case COSINE -> new Schedule.Cosine(base(), total(), rate("min", number("min", 0)));
      case COSINE_RESTARTS ->
          new CosineRestarts(base(), epochs("first", null), whole("mult", 1), number("min", 0));
      case CYCLIC -> cyclic();
      case ONE_CYCLE -> oneCycle();
      case INVERSE_SQRT -> new InverseSqrt(base(), steps("warmup"));
      case PLATEAU -> plateau();
      case RATES -> new Schedule.Rates(list("values", this::rate));
      case WARMUP -> warmup();
      case SEQUENCE -> sequence();
      case PRODUCT -> product();
    };
  }

  private Schedule cyclic() {
    double max = number("max", defaults.base());
    double base = number("base", max / 10);
    String up = value("up", null);
    Cyclic.Mode mode = choice("mode", Cyclic.Mode.TRIANGULAR);
    return new Cyclic(base, max, steps("up"), steps("down", up), mode, number("gamma", 1));
  }

  private Schedule oneCycle() {
    OneCycle.Anneal anneal = choice("anneal", OneCycle.Anneal.COS);
    long phases = whole("phases", 2);
    if (phases != 2 && phases != 3) {
      throw Require.wrong(text.name(), "phases", "2 or 3", phases);
    }
    return new OneCycle(
        number("max", defaults.base()),
        total(),
        number("peak", 0.3),
        number("div", 25),
        number("final-div", 1e4),
        anneal,
        phases == 3);
  }

  private Schedule plateau() {
    Plateau.Goal goal = choice("mode", Plateau.Goal.MIN);
    return new Plateau(
        base(),
        goal,
        number("factor", 0.1),
        whole("patience", 10),
        number("threshold", 1e-4),
        choice("compare", Compare.RELATIVE) == Compare.RELATIVE,
        whole("cooldown", 0),
        number("min", 0),
        number("eps", 1e-8),
        whole("bad", 0),
        whole("cooling", 0),
        number("best", goal.worst()));
  }

  /** How a plateau's threshold is meant. */
  enum Compare {
    RELATIVE,
    ABSOLUTE
  }

  private Schedule warmup() {
    long steps = steps("steps");
    List<Schedule> parts = parts(part -> defaults.lasting(defaults.total() - steps));
    if (parts.size() != 1) {
      throw new IllegalArgumentException(
          "schedule warmup: expected one schedule behind it, as in warmup:steps=500(cosine), got "
              + parts.size());
    }
    return new Schedule.Warmup(steps, parts.getFirst());
  }

  private Schedule sequence() {
    List<Long> at = list("at", each -> counted("at", each, defaults::steps));
    return new Sequence(
        parts(part -> {
          long start = part == 0 ? 0 : at.get(Math.min(part, at.size()) - 1);
          long end = part < at.size() ? at.get(part) : defaults.total();
          return defaults.lasting(end - start);
        }),
        at);
  }

  /** The first schedule gives the rate, the others factors, whose base is 1 if nothing is said. */
  private Schedule product() {
    ScheduleDefaults factor = new ScheduleDefaults(1, defaults.total(), defaults.stepsPerEpoch());
    return new Product(parts(part -> part == 0 ? defaults : factor));
  }

  private List<Schedule> parts(Function<Integer, ScheduleDefaults> defaultsOf) {
    List<Schedule> schedules = new ArrayList<>();
    for (ScheduleText part : text.parts()) {
      schedules.add(read(part, defaultsOf.apply(schedules.size())));
    }
    return schedules;
  }

  private double base() {
    return rate("base", number("base", defaults.base()));
  }

  private double rate(String value) {
    return rate("values", parse("values", value));
  }

  private double rate(String key, double value) {
    Require.notNegative(text.name(), key, value);
    return value;
  }

  private long total() {
    return steps("total", defaults.total() == 0 ? null : Long.toString(defaults.total()));
  }

  private double number(String key) {
    return number(key, Double.NaN);
  }

  /** A number; NaN as the default means that there is none. */
  private double number(String key, double otherwise) {
    return parse(key, value(key, Double.isNaN(otherwise) ? null : Double.toString(otherwise)));
  }

  private int whole(String key, int otherwise) {
    String value = value(key, Integer.toString(otherwise));
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw Require.wrong(text.name(), key, "a whole number", "\"" + value + "\"");
    }
  }

  private long steps(String key) {
    return steps(key, null);
  }

  private long steps(String key, String otherwise) {
    return counted(key, value(key, otherwise), defaults::steps);
  }

  private long epochs(String key, String otherwise) {
    return counted(key, value(key, otherwise), defaults::epochs);
  }

  private <T> List<T> list(String key, Function<String, T> item) {
    String value = value(key, null);
    return value.isEmpty()
        ? List.of()
        : Stream.of(value.split("/")).map(String::strip).map(item).toList();
  }

  private long counted(String key, String value, ToLongFunction<String> parse) {
    try {
      return parse.applyAsLong(value);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "schedule %s: %s: %s".formatted(text.name(), key, e.getMessage()), e);
    }
  }

  private <E extends Enum<E>> E choice(String key, E otherwise) {
    E[] all = otherwise.getDeclaringClass().getEnumConstants();
    String value = value(key, ScheduleWriter.word(otherwise)).toLowerCase(Locale.ROOT);
    return Arrays.stream(all)
        .filter(e -> ScheduleWriter.word(e).equals(value))
        .findFirst()
        .orElseThrow(() -> {
          String known =
              Arrays.stream(all).map(ScheduleWriter::word).collect(Collectors.joining(" or "));
          return Require.wrong(text.name(), key, known, "\"" + value + "\"");
        });
  }

  private double parse(String key, String value) {
    try {
      return Double.parseDouble(value);
    } catch (NumberFormatException e) {
      throw Require.wrong(text.name(), key, "a number", "\"" + value + "\"");
    }
  }

  private String value(String key, String otherwise) {
    asked.add(key);
    String value = text.settings().getOrDefault(key, otherwise);
    if (value == null) {
      Set<String> others = new LinkedHashSet<>(text.settings().keySet());
      others.removeAll(asked);
      throw new IllegalArgumentException(
          "schedule %s: setting \"%s\" is missing%s; give it as in %s:%s=..."
              .formatted(
                  text.name(),
                  key,
                  others.isEmpty() ? "" : ", got only " + String.join(", ", others),
                  text.name(),
                  key));
    }
    return value;
  }

  private void requireAllAsked() {
    for (String key : text.settings().keySet()) {
      if (!asked.contains(key)) {
        throw new IllegalArgumentException(
            "schedule %s: setting \"%s\" is not known; expected %s"
                .formatted(text.name(), key, asked.isEmpty() ? "none" : String.join(", ", asked)));
      }
    }
    boolean nests = Set.of("warmup", "sequence", "product").contains(text.name());
    if (!nests && !text.parts().isEmpty()) {
      throw new IllegalArgumentException(
          "schedule %s: takes no schedules in parentheses, got (%s)"
              .formatted(text.name(), text.parts().getFirst()));
    }
  }
}
