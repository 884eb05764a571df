package talweg.optim.schedule;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import talweg.optim.Schedule;

/** Makes text of schedules: everything is named, so that nothing depends on defaults. */
final class ScheduleWriter {
  private ScheduleWriter() {}

  static ScheduleText write(Schedule schedule) {
    return switch (schedule) {
      case Schedule.Constant s -> base(ScheduleKind.CONSTANT, s.rate());
      case ConstantFactor s ->
          base(ScheduleKind.CONSTANT_FACTOR, s.base())
              .with("factor", s.factor())
              .with("total", s.total());
      case LinearRamp s ->
          base(ScheduleKind.LINEAR, s.base())
              .with("start", s.start())
              .with("end", s.end())
              .with("total", s.total());
      case PolynomialDecay s ->
          base(ScheduleKind.POLYNOMIAL, s.base()).with("total", s.total()).with("power", s.power());
      case ExponentialDecay s ->
          base(ScheduleKind.EXPONENTIAL, s.base())
              .with("factor", s.factor())
              .with("every", steps(s.every()));
      case StepDecay s ->
          base(ScheduleKind.STEP, s.base())
              .with("factor", s.factor())
              .with("every", steps(s.every()));
      case MultiStepDecay s ->
          base(ScheduleKind.MULTI_STEP, s.base())
              .with("factor", s.factor())
              .with("at", list(s.at(), ScheduleWriter::steps));
      case Schedule.Cosine s ->
          base(ScheduleKind.COSINE, s.base()).with("total", s.total()).with("min", s.min());
      case CosineRestarts s ->
          base(ScheduleKind.COSINE_RESTARTS, s.base())
              .with("first", steps(s.first()))
              .with("mult", s.mult())
              .with("min", s.min());
      default -> writeFurther(schedule);
    };
  }

  private static ScheduleText writeFurther(Schedule schedule) {
    return switch (schedule) {
      case Cyclic s ->
          base(ScheduleKind.CYCLIC, s.base())
              .with("max", s.max())
              .with("up", s.up())
              .with("down", s.down())
              .with("mode", word(s.mode()))
              .with("gamma", s.gamma());
      case OneCycle s ->
          ScheduleText.of(ScheduleKind.ONE_CYCLE)
              .with("max", s.max())
              .with("total", s.total())
              .with("peak", s.peak())
              .with("div", s.div())
              .with("final-div", s.finalDiv())
              .with("anneal", word(s.anneal()))
              .with("phases", s.threePhases() ? 3 : 2);
      case InverseSqrt s -> base(ScheduleKind.INVERSE_SQRT, s.base()).with("warmup", s.warmup());
      case Plateau s -> plateau(s);
      case Schedule.Rates s ->
          ScheduleText.of(ScheduleKind.RATES)
              .with("values", list(s.values(), ScheduleText::number));
      case Schedule.Warmup s ->
          ScheduleText.of(ScheduleKind.WARMUP).with("steps", s.steps()).part(write(s.then()));
      case Sequence s ->
          parts(
              ScheduleText.of(ScheduleKind.SEQUENCE).with("at", list(s.at(), n -> "" + n)),
              s.schedules());
      case Product s -> parts(ScheduleText.of(ScheduleKind.PRODUCT), s.schedules());
      default ->
          throw new IllegalArgumentException(
              "%s has no text form; use one of the schedules: %s"
                  .formatted(schedule, ScheduleKind.names()));
    };
  }

  private static ScheduleText plateau(Plateau s) {
    return base(ScheduleKind.PLATEAU, s.rate())
        .with("mode", word(s.goal()))
        .with("factor", s.factor())
        .with("patience", s.patience())
        .with("threshold", s.threshold())
        .with(
            "compare",
            word(s.relative() ? ScheduleReader.Compare.RELATIVE : ScheduleReader.Compare.ABSOLUTE))
        .with("cooldown", s.cooldown())
        .with("min", s.min())
        .with("eps", s.eps())
        .with("bad", s.bad())
        .with("cooling", s.cooling())
        .with("best", s.best());
  }

  private static ScheduleText base(ScheduleKind kind, double base) {
    return ScheduleText.of(kind).with("base", base);
  }

  private static ScheduleText parts(ScheduleText text, List<Schedule> schedules) {
    schedules.forEach(s -> text.part(write(s)));
    return text;
  }

  private static <T> String list(List<T> items, Function<T, String> item) {
    return items.stream().map(item).collect(Collectors.joining("/"));
  }

  /** With the unit, because a bare number would count epochs on the command line. */
  private static String steps(long steps) {
    return steps + "steps";
  }

  /** A constant's name in the text form. */
  static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
