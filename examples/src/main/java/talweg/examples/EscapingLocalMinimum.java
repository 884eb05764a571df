package talweg.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import talweg.landscape.Descent;
import talweg.landscape.Trajectory;
import talweg.nn.HostRandom;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.optim.Schedule;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Levels;
import talweg.plot.Palette;
import talweg.plot.Range;
import talweg.plot.Surface;
import talweg.tensor.Tensor;

/**
 * A loss with many local minima around one global minimum, and three ways to search it: the full
 * gradient stays in the first hollow; the noise of small batches shakes the search out of hollows,
 * less and less; and full-gradient searches from several starts end in different hollows, of which
 * the best is taken. Writes a picture.
 */
public final class EscapingLocalMinimum {
  static final double[] START = {3.1, 3.3};
  private static final Range SPAN = new Range(-4, 4);
  private static final int STEPS = 300;
  private static final double RATE = 0.05;

  /** How far a batch's bowl is from the mean bowl. */
  private static final double NOISE = 9;

  private EscapingLocalMinimum() {}

  public static void main(String[] args) {
    Path folder = Path.of(args.length > 0 ? args[0] : "landscape");
    Trajectory full = full(START, STEPS);
    // Not every seed ends in the middle; most end lower than the full gradient does.
    Trajectory noisy = noisy(START, STEPS, 6);
    List<Trajectory> many = multiStart(16, STEPS, 1);
    Trajectory best = many.stream().min(Comparator.comparing(Trajectory::last)).orElseThrow();
    report("full batch", full);
    report("small batches", noisy);
    report("best of 16", best);
    picture(full, noisy, best).write(folder, "escaping-local-minimum", Palette.LIGHT);
    System.out.println("picture in " + folder.resolve("escaping-local-minimum.svg"));
  }

  private static void report(String name, Trajectory way) {
    double[] end = way.points().getLast();
    System.out.printf(
        Locale.ROOT, "%-14s loss %.3f at (%.2f, %.2f)%n", name, way.last(), end[0], end[1]);
  }

  /** A bowl with ripples (Rastrigin 1974, with ripples of height 1): 0 at the origin. */
  static Tensor loss(Tensor x, Tensor y) {
    return rippled(x).add(rippled(y));
  }

  private static Tensor rippled(Tensor x) {
    return x.square().mul(0.3).add(x.mul(2 * Math.PI / 2.5).cos().affine(-1, 1));
  }

  /** Gradient descent on the loss itself. */
  static Trajectory full(double[] start, int steps) {
    return Descent.run(EscapingLocalMinimum::loss, start, Optimizers.sgd(RATE), steps);
  }

  /**
   * Stochastic gradient descent: each batch has its own slope, with mean zero. The learning rate
   * falls, and with it the noise, so that the search comes to rest.
   */
  static Trajectory noisy(double[] start, int steps, long seed) {
    HostRandom random = new HostRandom(seed, 0);
    OptimizerSpec falling = Optimizers.sgd(RATE).schedule(new Schedule.Cosine(RATE, steps, 0));
    Trajectory way =
        Descent.run(
            (x, y) ->
                loss(x, y).add(x.mul(NOISE * random.normal())).add(y.mul(NOISE * random.normal())),
            start,
            falling,
            steps);
    // What counts is the mean loss, not the last batch's.
    Trajectory end = full(way.points().getLast(), 0);
    List<Double> values = new ArrayList<>(way.values());
    values.set(values.size() - 1, end.last());
    return new Trajectory(way.points(), values);
  }

  /** Gradient descent from random starts. */
  static List<Trajectory> multiStart(int starts, int steps, long seed) {
    HostRandom random = new HostRandom(seed, 1);
    List<Trajectory> ways = new ArrayList<>();
    for (int i = 0; i < starts; i++) {
      double x = SPAN.low() + 8 * random.uniform();
      double y = SPAN.low() + 8 * random.uniform();
      ways.add(full(new double[] {x, y}, steps));
    }
    return ways;
  }

  static Figure picture(Trajectory full, Trajectory noisy, Trajectory best) {
    Surface surface = Descent.surface(EscapingLocalMinimum::loss, SPAN, SPAN, 121);
    return new Figure(
            "Escaping local minima",
            "the global minimum is in the middle",
            Axis.linear("x", SPAN),
            Axis.linear("y", SPAN))
        .add(new Layer.Heights(surface, Levels.logarithmic(surface, 12, 1.8)))
        .add(new Layer.Curve("small batches", 1, noisy.x(), noisy.y(), Layer.Ends.LAST))
        .add(new Layer.Curve("full batch", 0, full.x(), full.y(), Layer.Ends.LAST))
        .add(new Layer.Curve("best of several starts", 2, best.x(), best.y(), Layer.Ends.LAST))
        .add(new Layer.Points("start", -1, new double[] {START[0]}, new double[] {START[1]}));
  }
}
