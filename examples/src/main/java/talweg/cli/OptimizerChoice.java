package talweg.cli;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import talweg.nn.Module;
import talweg.optim.Clip;
import talweg.optim.NvidiaLamb;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Orthogonalize;
import talweg.optim.ParameterGroup;
import talweg.optim.Schedule;

/** An optimizer of {@code --optimizer NAME:KEY=VALUE,..} with the values of its settings. */
final class OptimizerChoice {
  private static final String FLAG = "--optimizer";

  /** A setting: its name, value if it is not given, range, and meaning. */
  private record Setting(String key, double otherwise, Range range, String description) {}

  /** What a setting may be. */
  private enum Range {
    SHARE("from 0 to 1, 1 excluded"),
    NON_NEGATIVE("at least 0 and finite"),
    POSITIVE("more than 0 and finite"),
    COUNT("a whole number, at least 1"),
    SWITCH("0 or 1");

    private final String text;

    Range(String text) {
      this.text = text;
    }

    boolean contains(double x) {
      return switch (this) {
        case SHARE -> x >= 0 && x < 1;
        case NON_NEGATIVE -> x >= 0 && x < Double.POSITIVE_INFINITY;
        case POSITIVE -> x > 0 && x < Double.POSITIVE_INFINITY;
        case COUNT -> x >= 1 && x <= 1000 && x == Math.rint(x);
        case SWITCH -> x == 0 || x == 1;
      };
    }
  }

  /** The table: name, learning rate if none is given, what makes the chain, settings. */
  private enum Kind {
    SGD(
        0.05,
        c ->
            Optimizers.sgd(
                c.get("momentum"), c.get("dampening"), c.on("nesterov"), c.get("weight-decay")),
        share("momentum", 0.9, "share of the last step that goes on"),
        share("dampening", 0, "what a gradient is reduced by as it enters the momentum"),
        on("nesterov", 0, "look ahead by the momentum"),
        decay(0, "L2 penalty")),
    ADAM(
        3e-3,
        c -> Optimizers.adam(c.beta1(), c.beta2(), c.eps(), c.get("weight-decay"), c.on("amsgrad")),
        beta1(0.9),
        beta2(0.999),
        eps(1e-8),
        decay(0, "L2 penalty"),
        on("amsgrad", 0, "divide by the largest second moment so far")),
    ADAMW(
        3e-3,
        c ->
            Optimizers.adamW(c.beta1(), c.beta2(), c.eps(), c.get("weight-decay"), c.on("amsgrad")),
        beta1(0.9),
        beta2(0.999),
        eps(1e-8),
        decay(1e-2, "decoupled decay"),
        on("amsgrad", 0, "divide by the largest second moment so far")),
    LAMB(
        0.02,
        c -> Optimizers.lamb(c.beta1(), c.beta2(), c.eps(), c.get("weight-decay")),
        beta1(0.9),
        beta2(0.999),
        eps(1e-6),
        decay(1e-2, "decoupled decay")),
    LAMB_NVIDIA(
        0.02,
        OptimizerChoice::lambNvidia,
        beta1(0.9),
        beta2(0.999),
        eps(1e-6),
        decay(1e-2, "decay"),
        on("bias-correction", 1, "correct the moments for their start at 0"),
        on("grad-averaging", 1, "a gradient enters the first moment times 1 - beta1"),
        on("decoupled", 1, "decay as in AdamW, else an L2 penalty"),
        on("adapt-undecayed", 0, "trust ratio also without decay"),
        new Setting("max-grad-norm", 1, Range.POSITIVE, "bound on the global norm")),
    RMSPROP(
        3e-3,
        c ->
            Optimizers.rmsprop(
                c.get("alpha"),
                c.eps(),
                c.get("weight-decay"),
                c.get("momentum"),
                c.on("centered")),
        share("alpha", 0.99, "share of the old mean square that stays"),
        eps(1e-8),
        share("momentum", 0, "share of the last step that goes on"),
        on("centered", 0, "divide by the standard deviation"),
        decay(0, "L2 penalty")),
    ADAGRAD(
        0.05,
        c ->
            Optimizers.adagrad(
                c.get("rate-decay"), c.eps(), c.get("weight-decay"), c.get("initial")),
        new Setting("rate-decay", 0, Range.NON_NEGATIVE, "step t divides the rate by 1 + (t-1) X"),
        new Setting("initial", 0, Range.NON_NEGATIVE, "what the sum of squares starts at"),
        eps(1e-10),
        decay(0, "L2 penalty")),
    ADADELTA(
        1,
        c -> Optimizers.adadelta(c.get("rho"), c.eps(), c.get("weight-decay")),
        share("rho", 0.9, "share of the old mean squares that stays"),
        eps(1e-6),
        decay(0, "L2 penalty")),
    NADAM(
        3e-3,
        c ->
            Optimizers.nadam(
                c.beta1(),
                c.beta2(),
                c.eps(),
                c.get("weight-decay"),
                c.get("momentum-decay"),
                c.on("decoupled")),
        beta1(0.9),
        beta2(0.999),
        eps(1e-8),
        new Setting("momentum-decay", 4e-3, Range.NON_NEGATIVE, "how fast momentum rises to beta1"),
        decay(0, "decay"),
        on("decoupled", 0, "decay as in AdamW, else an L2 penalty")),
    RADAM(
        3e-3,
        c ->
            Optimizers.radam(
                c.beta1(), c.beta2(), c.eps(), c.get("weight-decay"), c.on("decoupled")),
        beta1(0.9),
        beta2(0.999),
        eps(1e-8),
        decay(0, "decay"),
        on("decoupled", 0, "decay as in AdamW, else an L2 penalty")),
    LION(
        1e-3,
        c -> Optimizers.lion(c.beta1(), c.beta2(), c.get("weight-decay")),
        beta1(0.9),
        beta2(0.99),
        decay(0, "decoupled decay")),
    MUON(
        0.02,
        OptimizerChoice::muon,
        share("momentum", 0.95, "share of the last step that goes on"),
        on("nesterov", 1, "look ahead by the momentum"),
        new Setting("iterations", 5, Range.COUNT, "of Newton and Schulz"),
        eps(1e-7),
        on("like-adamw", 0, "steps as large as AdamW's"),
        decay(0.1, "decoupled decay"),
        new Setting("adamw-lr", 3e-3, Range.POSITIVE, "rate of AdamW for all but the matrices"));

    private final double rate;
    private final Function<OptimizerChoice, OptimizerSpec> maker;
    private final List<Setting> settings;

    Kind(double rate, Function<OptimizerChoice, OptimizerSpec> maker, Setting... settings) {
      this.rate = rate;
      this.maker = maker;
      this.settings = List.of(settings);
    }

    String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    boolean has(String key) {
      return settings.stream().anyMatch(s -> s.key.equals(key));
    }
  }

  private final Kind kind;
  private final Map<String, Double> values = new LinkedHashMap<>();

  private OptimizerChoice(Kind kind) {
    this.kind = kind;
  }

  /**
   * Reads the flag.
   *
   * @param defaults values of settings that have flags of their own; the text goes before them
   * @throws UsageException if a name or a value is not one of those that the table has
   */
  static OptimizerChoice parse(String text, Map<String, Double> defaults) {
    Settings given = Settings.parse(FLAG, text);
    OptimizerChoice choice = new OptimizerChoice(kind(given.name()));
    given.keys().forEach(choice::requireKnown);
    defaults.keySet().forEach(choice::requireFlag);
    for (Setting setting : choice.kind.settings) {
      double otherwise = defaults.getOrDefault(setting.key, setting.otherwise);
      double value = given.number(setting.key, otherwise);
      if (!setting.range.contains(value)) {
        boolean own = defaults.containsKey(setting.key) && !given.has(setting.key);
        throw new UsageException(
            "%s: expected %s, got %s"
                .formatted(
                    own ? "--" + setting.key : FLAG + " " + given.name() + ": " + setting.key,
                    setting.range.text,
                    value));
      }
      choice.values.put(setting.key, value);
    }
    return choice;
  }

  /** All names, with commas. */
  static String names() {
    return Arrays.stream(Kind.values()).map(Kind::text).collect(Collectors.joining(", "));
  }

  /** The learning rate where none is given. */
  double defaultRate() {
    return kind.rate;
  }

  /** The optimizer at a constant rate. */
  OptimizerSpec spec() {
    try {
      return kind.maker.apply(this);
    } catch (IllegalArgumentException e) {
      throw new UsageException(FLAG + " " + kind.text() + ": " + e.getMessage());
    }
  }

  /** The bound on gradients that belongs to the optimizer itself, or none. */
  Clip clip() {
    return kind.has("max-grad-norm") ? Clip.byExactGlobalNorm(get("max-grad-norm")) : Clip.none();
  }

  /**
   * The optimizer bound to all of a model, or with a second one to a part of it.
   *
   * @param schedule makes the schedule for a base rate
   */
  List<ParameterGroup> groups(Module model, OptimizerSpec spec, DoubleFunction<Schedule> schedule) {
    if (kind != Kind.MUON) {
      return List.of(new ParameterGroup(model.trainable(), spec));
    }
    OptimizerSpec adamW = Optimizers.adamW(1).schedule(schedule.apply(get("adamw-lr")));
    return ParameterGroup.matrices(model, spec, adamW);
  }

  private static Kind kind(String name) {
    return Arrays.stream(Kind.values())
        .filter(k -> k.text().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new UsageException(
                "%s: \"%s\" is not known; expected one of: %s, lbfgs"
                    .formatted(FLAG, name, names())));
  }

  private void requireKnown(String key) {
    if (!kind.has(key)) {
      throw new UsageException(
          "%s %s: setting \"%s\" is not known; expected one of: %s"
              .formatted(
                  FLAG,
                  kind.text(),
                  key,
                  kind.settings.stream()
                      .map(s -> "%s=%s (%s)".formatted(s.key, s.otherwise, s.description))
                      .collect(Collectors.joining(", "))));
    }
  }

  private void requireFlag(String key) {
    if (!kind.has(key)) {
      throw new UsageException(
          "--%s belongs to %s; %s has: %s"
              .formatted(
                  key,
                  Arrays.stream(Kind.values())
                      .filter(k -> k.has(key))
                      .map(Kind::text)
                      .collect(Collectors.joining(", ")),
                  kind.text(),
                  kind.settings.stream().map(Setting::key).collect(Collectors.joining(", "))));
    }
  }

  private double get(String key) {
    return values.get(key);
  }

  private boolean on(String key) {
    return get(key) != 0;
  }

  private double beta1() {
    return get("beta1");
  }

  private double beta2() {
    return get("beta2");
  }

  private double eps() {
    return get("eps");
  }

  private OptimizerSpec lambNvidia() {
    return Optimizers.lambNvidia(
        new NvidiaLamb(
            beta1(),
            beta2(),
            eps(),
            get("weight-decay"),
            on("bias-correction"),
            on("grad-averaging"),
            on("decoupled"),
            on("adapt-undecayed")));
  }

  private OptimizerSpec muon() {
    return Optimizers.muon(
        get("momentum"),
        on("nesterov"),
        get("weight-decay"),
        (int) get("iterations"),
        eps(),
        on("like-adamw") ? Orthogonalize.Size.LIKE_ADAMW : Orthogonalize.Size.ASPECT);
  }

  private static Setting share(String key, double otherwise, String description) {
    return new Setting(key, otherwise, Range.SHARE, description);
  }

  private static Setting on(String key, double otherwise, String description) {
    return new Setting(key, otherwise, Range.SWITCH, description);
  }

  private static Setting beta1(double otherwise) {
    return share("beta1", otherwise, "share of the old first moment that stays");
  }

  private static Setting beta2(double otherwise) {
    return share("beta2", otherwise, "share of the old second moment that stays");
  }

  private static Setting eps(double otherwise) {
    return new Setting("eps", otherwise, Range.NON_NEGATIVE, "added to the denominator");
  }

  private static Setting decay(double otherwise, String description) {
    return new Setting("weight-decay", otherwise, Range.NON_NEGATIVE, description);
  }
}
