package talweg.conformance;

import java.util.List;
import java.util.stream.IntStream;
import talweg.optim.Schedule;
import talweg.optim.schedule.ConstantFactor;
import talweg.optim.schedule.CosineRestarts;
import talweg.optim.schedule.Cyclic;
import talweg.optim.schedule.ExponentialDecay;
import talweg.optim.schedule.LinearRamp;
import talweg.optim.schedule.MultiStepDecay;
import talweg.optim.schedule.OneCycle;
import talweg.optim.schedule.Plateau;
import talweg.optim.schedule.PolynomialDecay;
import talweg.optim.schedule.Sequence;
import talweg.optim.schedule.StepDecay;
import talweg.session.Session;
import talweg.tensor.DType;

/** Learning-rate schedules, computed on the host in double. */
final class ScheduleRunner implements AreaRunner {
  private static final String WARMUP_COSINE =
      "t < warmup ? (t+1)/warmup : 0.5*(1+cos(pi*(t-warmup)/(total-warmup)))";

  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    String scheduler = golden.get("scheduler").text();
    Field args = golden.get("args");
    double[] bases = golden.get("base_lrs").numbers();
    for (int group = 0; group < bases.length; group++) {
      if (scheduler.equals("ReduceLROnPlateau")) {
        comparePlateau(golden, plateau(args, bases[group], group), group, comparison);
        continue;
      }
      double[] expected = golden.get("lr").list().get(group).numbers();
      Schedule schedule = schedule(scheduler, args, bases[group], group);
      double[] rates =
          golden.has("epoch_argument") && schedule instanceof CosineRestarts restarts
              ? fractional(restarts, golden.get("epoch_argument").numbers())
              : schedule.rates(expected.length);
      comparison.scaled("rate of group " + group, rates, expected);
    }
  }

  private static double[] fractional(CosineRestarts schedule, double[] epochs) {
    double[] rates = new double[epochs.length];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = schedule.at(epochs[i]);
    }
    return rates;
  }

  private static Schedule schedule(String scheduler, Field args, double base, int group) {
    return switch (scheduler) {
      case "StepLR" ->
          new StepDecay(base, args.number("gamma", 0.1), args.get("step_size").integer());
      case "MultiStepLR" ->
          new MultiStepDecay(base, args.number("gamma", 0.1), longs(args.get("milestones").ints()));
      case "ExponentialLR" -> new ExponentialDecay(base, args.get("gamma").number(), 1);
      case "CosineAnnealingLR" -> cosine(args, base);
      case "CosineAnnealingWarmRestarts" ->
          new CosineRestarts(
              base,
              args.get("T_0").integer(),
              args.integer("T_mult", 1),
              args.number("eta_min", 0));
      case "LinearLR" -> linear(args, base);
      case "PolynomialLR" ->
          new PolynomialDecay(base, args.integer("total_iters", 5), args.number("power", 1));
      case "ConstantLR" ->
          new ConstantFactor(base, args.number("factor", 1 / 3.0), args.integer("total_iters", 5));
      case "SequentialLR" -> sequence(args, base);
      case "LambdaLR" -> lambda(args, base);
      case "CyclicLR" -> cyclic(args, group);
      case "OneCycleLR" -> oneCycle(args, group);
      default -> throw new NotOffered("schedule " + scheduler);
    };
  }

  private static Schedule cosine(Field args, double base) {
    return new Schedule.Cosine(base, args.get("T_max").integer(), args.number("eta_min", 0));
  }

  private static Schedule linear(Field args, double base) {
    return new LinearRamp(
        base,
        args.number("start_factor", 1 / 3.0),
        args.number("end_factor", 1),
        args.integer("total_iters", 5));
  }

  private static Schedule sequence(Field args, double base) {
    List<Schedule> schedules =
        args.get("schedulers").list().stream()
            .map(name ->
                switch (name.text()) {
                  case "LinearLR" -> linear(args.get("linear"), base);
                  case "CosineAnnealingLR" -> cosine(args.get("cosine"), base);
                  default -> throw new NotOffered("schedule " + name.text() + " in a sequence");
                })
            .toList();
    return new Sequence(schedules, longs(args.get("milestones").ints()));
  }

  private static Schedule lambda(Field args, double base) {
    if (!args.get("factor").text().equals(WARMUP_COSINE)) {
      throw new NotOffered("factor \"" + args.get("factor").text() + "\"");
    }
    int warmup = args.get("warmup").integer();
    Schedule cosine = new Schedule.Cosine(base, args.get("total").integer() - warmup, 0);
    return new Schedule.Warmup(warmup, cosine);
  }

  private static Schedule cyclic(Field args, int group) {
    int up = args.integer("step_size_up", 2000);
    Cyclic.Mode mode =
        switch (args.has("mode") ? args.get("mode").text() : "triangular") {
          case "triangular" -> Cyclic.Mode.TRIANGULAR;
          case "triangular2" -> Cyclic.Mode.TRIANGULAR2;
          case "exp_range" -> Cyclic.Mode.EXP_RANGE;
          default -> throw new NotOffered("mode " + args.get("mode").text() + " of CyclicLR");
        };
    return new Cyclic(
        ofGroup(args.get("base_lr"), group),
        ofGroup(args.get("max_lr"), group),
        up,
        args.integer("step_size_down", up),
        mode,
        args.number("gamma", 1));
  }

  private static Schedule oneCycle(Field args, int group) {
    boolean linear =
        args.has("anneal_strategy") && args.get("anneal_strategy").text().equals("linear");
    return new OneCycle(
        ofGroup(args.get("max_lr"), group),
        args.get("total_steps").integer(),
        args.number("pct_start", 0.3),
        args.number("div_factor", 25),
        args.number("final_div_factor", 1e4),
        linear ? OneCycle.Anneal.LINEAR : OneCycle.Anneal.COS,
        args.flag("three_phase", false));
  }

  private static Plateau plateau(Field args, double base, int group) {
    boolean max = args.has("mode") && args.get("mode").text().equals("max");
    boolean absolute =
        args.has("threshold_mode") && args.get("threshold_mode").text().equals("abs");
    Plateau.Goal goal = max ? Plateau.Goal.MAX : Plateau.Goal.MIN;
    return new Plateau(
        base,
        goal,
        args.number("factor", 0.1),
        args.integer("patience", 10),
        args.number("threshold", 1e-4),
        !absolute,
        args.integer("cooldown", 0),
        args.has("min_lr") ? ofGroup(args.get("min_lr"), group) : 0,
        args.number("eps", 1e-8),
        0,
        0,
        goal.worst());
  }

  /** The rate and the whole state after each report. */
  private static void comparePlateau(
      Field golden, Plateau plateau, int group, Comparison comparison) {
    double[] metrics = golden.get("metric").numbers();
    double[] rates = new double[metrics.length];
    double[] bests = new double[metrics.length];
    int[] bad = new int[metrics.length];
    int[] cooling = new int[metrics.length];
    Plateau now = plateau;
    for (int t = 0; t < metrics.length; t++) {
      now = now.after(metrics[t]);
      rates[t] = now.rate();
      bests[t] = now.best();
      bad[t] = now.bad();
      cooling[t] = now.cooling();
    }
    comparison.scaled(
        "rate of group " + group, rates, golden.get("lr_after_step").list().get(group).numbers());
    comparison.scaled("best", bests, golden.get("best").numbers());
    comparison.exact("bad reports", bad, golden.get("num_bad_epochs").ints());
    comparison.exact("cooldown", cooling, golden.get("cooldown_counter").ints());
  }

  /** One number for all groups, or one for each. */
  private static double ofGroup(Field field, int group) {
    return field.isArray() ? field.numbers()[group] : field.number();
  }

  private static List<Long> longs(int[] values) {
    return IntStream.of(values).asLongStream().boxed().toList();
  }
}
