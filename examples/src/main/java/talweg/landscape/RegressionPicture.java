package talweg.landscape;

import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import talweg.landscape.TestFunction.Rates;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Levels;
import talweg.plot.Range;
import talweg.plot.Surface;

/**
 * A line is fitted to points: the data space, where a candidate is a line, and the parameter space,
 * where it is a point and its error a height.
 */
public final class RegressionPicture {
  static final Axis SPENDING = Axis.linear("spending x (1000 EUR)", 0, 5);
  static final Axis SALES = Axis.linear("sales y (1000 units)", 0, 11);
  static final Axis SLOPE = Axis.linear("slope w", -2, 4);
  static final Axis INTERCEPT = Axis.linear("intercept b", -1, 7);

  private static final double[] START = {3.2, 6.3};
  private static final Rates RATES = new Rates(7e-2, 6e-3, 0.1, 0.25);
  private static final int STEPS = 100;
  private static final int GRID = 101;

  private final Sales data = Sales.load();
  private final LineFit fit = new LineFit(data.spending(), data.sales());
  private final Map<Contestant, Trajectory> ways = new EnumMap<>(Contestant.class);

  /** Runs the optimizers that are asked for. */
  public RegressionPicture(Request request) {
    for (Contestant contestant : request.optimizers()) {
      ways.put(
          contestant,
          Descent.run(fit::loss, START, request.spec(contestant, RATES), request.stepsOr(STEPS)));
    }
  }

  /** The way of each optimizer: {w, b} step by step. */
  public Map<Contestant, Trajectory> ways() {
    return ways;
  }

  /** Slope and intercept of the least squares line. */
  double[] best() {
    return fit.best();
  }

  /** The points, and the first optimizer's line before, during and after the search. */
  public Figure dataSpace() {
    Contestant first = ways.keySet().iterator().next();
    Trajectory way = ways.get(first);
    double[] end = way.points().getLast();
    Figure figure =
        empty(
            String.format(
                Locale.ROOT,
                "y = %.2f x + %.2f after %d steps of %s; the first steps are dashed",
                end[0],
                end[1],
                way.steps(),
                first.label()));
    for (int step = 0; step < Math.min(2, way.steps()); step++) {
      double[] wb = way.points().get(step);
      figure.add(line("", first, wb, Layer.Ends.DASHED));
      figure.add(note(step == 0 ? "start" : "step " + step, wb));
    }
    return figure.add(line("fitted line", first, end, Layer.Ends.NONE)).add(shops("made-up shops"));
  }

  /** Words at a line: right of it where it leaves the picture at the top, else above its end. */
  private static Layer note(String text, double[] wb) {
    double high = SALES.range().high() - 0.5;
    double x = 0.85 * SPENDING.range().high();
    double y = wb[0] * x + wb[1];
    return wb[0] > 0 && y > high
        ? new Layer.Note(text, (high - wb[1]) / wb[0], high)
        : new Layer.Note(text, x, y + 0.4);
  }

  /** The points alone. */
  Figure points(String subtitle) {
    return empty(subtitle).add(shops(""));
  }

  private static Figure empty(String subtitle) {
    return new Figure("Data space: a candidate is a line", subtitle, SPENDING, SALES);
  }

  private Layer shops(String label) {
    return new Layer.Points(label, -1, data.spending(), data.sales());
  }

  private static Layer line(String label, Contestant of, double[] wb, Layer.Ends ends) {
    Range x = SPENDING.range();
    return new Layer.Curve(
        label,
        of.ordinal(),
        new double[] {x.low(), x.high()},
        new double[] {wb[0] * x.low() + wb[1], wb[0] * x.high() + wb[1]},
        ends);
  }

  /** The contour lines of the error with the ways of the optimizers. */
  public Figure parameterSpace() {
    Figure figure = contours();
    ways.forEach((contestant, way) ->
        figure.add(
            new Layer.Curve(
                contestant.label(), contestant.ordinal(), way.x(), way.y(), Layer.Ends.LAST)));
    return figure.add(Marks.start(START)).add(Marks.minima(List.of(fit.best())));
  }

  /** The contour lines alone. */
  Figure contours() {
    Surface surface = Descent.surface(fit::loss, SLOPE.range(), INTERCEPT.range(), GRID);
    return new Figure(
            "Parameter space: a candidate is a point",
            "J(w, b) = mean of (w x + b − y)²; the heights of the lines grow by a constant factor",
            SLOPE,
            INTERCEPT)
        .add(new Layer.Heights(surface, Levels.logarithmic(surface, 14, 4)));
  }

  /** The error over the steps of gradient descent for three learning rates. */
  public static Figure learningRates(Request request) {
    Sales data = Sales.load();
    LineFit fit = new LineFit(data.spending(), data.sales());
    double limit = fit.largestStableRate();
    int steps = request.stepsOr(50);
    Trajectory small = descend(fit, 0.03 * limit, steps);
    Trajectory right = descend(fit, 0.7 * limit, steps);
    Trajectory large = descend(fit, 1.03 * limit, steps);
    double top = 40 * small.values().getFirst();
    return new Figure(
            "Gradient descent with three learning rates",
            String.format(
                Locale.ROOT,
                "linear regression; above 2 / (largest eigenvalue of the Hessian) = %.3f it"
                    + " diverges",
                limit),
            Axis.whole("step", 0, 1.02 * steps),
            Axis.logarithmic("mean squared error J", right.last() / 2, top))
        .add(curve("too small: %.4f".formatted(0.03 * limit), 0, small, top))
        .add(curve("right: %.3f".formatted(0.7 * limit), 2, right, top))
        .add(curve("too large, rises on: %.3f".formatted(1.03 * limit), 1, large, top));
  }

  private static Trajectory descend(LineFit fit, double rate, int steps) {
    return Descent.run(fit::loss, START, Contestant.SGD.spec(rate), steps);
  }

  /** Up to the last value within the picture, which its shape marks. */
  private static Layer curve(String label, int color, Trajectory way, double top) {
    double[] error = way.values().stream().mapToDouble(v -> v).takeWhile(v -> v <= top).toArray();
    double[] step = IntStream.range(0, error.length).asDoubleStream().toArray();
    return new Layer.Curve(label, color, step, error, Layer.Ends.LAST);
  }
}
