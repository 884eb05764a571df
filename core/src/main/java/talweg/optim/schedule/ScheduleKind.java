package talweg.optim.schedule;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The schedules that have a text form. */
public enum ScheduleKind {
  CONSTANT("constant", "base", "the same rate throughout"),
  CONSTANT_FACTOR("constant-factor", "base, factor, total", "base * factor for a while, then base"),
  LINEAR("linear", "base, start=1, end=0, total", "from base * start to base * end"),
  POLYNOMIAL("polynomial", "base, total, power=1", "base * (1 - step / total)^power"),
  EXPONENTIAL("exponential", "base, factor=0.95, every=1", "smoothly by the factor in each period"),
  STEP("step", "base, factor=0.1, every", "by the factor at the end of each period"),
  MULTI_STEP("multistep", "base, factor=0.1, at=A/B/..", "by the factor at each milestone"),
  COSINE("cosine", "base, total, min=0", "half a cosine wave from base to min"),
  COSINE_RESTARTS(
      "cosine-restarts", "base, first, mult=1, min=0", "cosines with periods that grow by mult"),
  CYCLIC(
      "cyclic",
      "base=max/10, max, up, down=up, mode=triangular|triangular2|exp-range, gamma=1",
      "triangles between base and max"),
  ONE_CYCLE(
      "one-cycle",
      "max, total, peak=0.3, div=25, final-div=1e4, anneal=cos|linear, phases=2|3",
      "up from max / div to max and down to nearly nothing"),
  INVERSE_SQRT("inverse-sqrt", "base, warmup", "linear up to base, then 1/sqrt(step)"),
  PLATEAU(
      "plateau",
      "base, mode=min|max, factor=0.1, patience=10, threshold=1e-4, compare=relative|absolute,"
          + " cooldown=0, min=0, eps=1e-8",
      "by the factor when the metric of an epoch stops getting better"),
  RATES("rates", "values=X/Y/..", "one by one; the last one stays"),
  WARMUP("warmup", "steps", "warmup:steps=N(SCHEDULE): linear up to where the schedule starts"),
  SEQUENCE("sequence", "at=A/B/..", "sequence:at=A(SCHEDULE;SCHEDULE): one after the other"),
  PRODUCT("product", "", "product(SCHEDULE;SCHEDULE): the first times factors, base 1");

  private final String text;
  private final String settings;
  private final String meaning;

  ScheduleKind(String text, String settings, String meaning) {
    this.text = text;
    this.settings = settings;
    this.meaning = meaning;
  }

  /** The name in the text form. */
  public String text() {
    return text;
  }

  /** Settings with their defaults, for people. */
  public String settings() {
    return settings;
  }

  /** What the schedule does, in a few words. */
  public String meaning() {
    return meaning;
  }

  /** All names, separated by commas. */
  public static String names() {
    return Arrays.stream(values()).map(ScheduleKind::text).collect(Collectors.joining(", "));
  }

  static ScheduleKind named(String name) {
    return Arrays.stream(values())
        .filter(kind -> kind.text.equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "schedule \"%s\" is not known; expected one of: %s".formatted(name, names())));
  }
}
