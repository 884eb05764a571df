package talweg.examples;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import talweg.nn.HostRandom;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.plot.Axis;
import talweg.plot.Contours;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Palette;
import talweg.plot.Range;
import talweg.plot.Surface;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Logistic regression draws a straight boundary between two classes - in the space of its features.
 * With x, x^2, ..., x^5 and y as features that boundary is a squiggle in the plane. Writes a
 * picture.
 */
public final class LogisticRegression {
  private static final int POINTS = 300;
  private static final int POWERS = 5;
  private static final Range SPAN = new Range(-1.5, 1.5);

  private LogisticRegression() {}

  /** Points of two classes: 1 above the curve that is to be found, 0 below it. */
  record Sample(double[] x, double[] y, double[] label) {}

  /** What was learned: the logit on a grid, and the share of the points on the right side. */
  record Result(Surface logit, double accuracy) {}

  public static void main(String[] args) {
    Path folder = Path.of(args.length > 0 ? args[0] : "landscape");
    Sample sample = sample(42);
    Result result = fit(sample, 2000);
    System.out.printf("accuracy %.3f%n", result.accuracy());
    picture(sample, result).write(folder, "logistic-regression", Palette.LIGHT);
    System.out.println("picture in " + folder.resolve("logistic-regression.svg"));
  }

  /** Uniform points; those within 0.1 of the true boundary get a label that may be wrong. */
  static Sample sample(long seed) {
    HostRandom random = new HostRandom(seed, 0);
    double[] x = new double[POINTS];
    double[] y = new double[POINTS];
    double[] label = new double[POINTS];
    for (int i = 0; i < POINTS; i++) {
      x[i] = SPAN.low() + 3 * random.uniform();
      y[i] = SPAN.low() + 3 * random.uniform();
      label[i] = y[i] + 0.1 * random.normal() > 0.7 * Math.sin(3.5 * x[i]) ? 1 : 0;
    }
    return new Sample(x, y, label);
  }

  static Result fit(Sample sample, int steps) {
    try (Session session = Session.open("cpu")) {
      Linear model = new Linear(POWERS + 1, 1);
      model.init(session, 42);
      Optimizer optimizer = Optimizers.adam(0.05).bind(model);
      Tensor features = features(session, sample.x(), sample.y());
      Tensor labels = session.tensor(sample.label(), POINTS, 1).to(DType.F32);
      for (int step = 0; step < steps; step++) {
        try (Scope _ = session.scope("step")) {
          Losses.bceWithLogits(model.forward(features), labels, null, Reduction.MEAN).backward();
          optimizer.step();
        }
      }
      return new Result(logit(session, model), accuracy(model.forward(features), sample));
    }
  }

  /** x, x^2, ..., y: [n, POWERS + 1]. */
  private static Tensor features(Session session, double[] x, double[] y) {
    Tensor[] columns = new Tensor[POWERS + 1];
    Tensor base = session.tensor(x, x.length);
    for (int p = 1; p <= POWERS; p++) {
      columns[p - 1] = base.pow(p);
    }
    columns[POWERS] = session.tensor(y, y.length);
    return Tensor.stack(1, columns).to(DType.F32);
  }

  private static double accuracy(Tensor logits, Sample sample) {
    double[] values = logits.toDoubles();
    int right = 0;
    for (int i = 0; i < values.length; i++) {
      if (values[i] > 0 == sample.label()[i] > 0) {
        right++;
      }
    }
    return (double) right / values.length;
  }

  private static Surface logit(Session session, Linear model) {
    int n = 81;
    double[] ticks = SPAN.points(n);
    double[][] rows = new double[n][];
    for (int r = 0; r < n; r++) {
      double[] y = new double[n];
      Arrays.fill(y, ticks[r]);
      try (Scope _ = session.scope("row")) {
        rows[r] = model.forward(features(session, ticks, y)).toDoubles();
      }
    }
    return new Surface(ticks, ticks, rows);
  }

  static Figure picture(Sample sample, Result result) {
    Figure figure =
        new Figure(
                "Logistic regression on powers of x",
                "%.1f %% of the points are on their side of the line"
                    .formatted(100 * result.accuracy()),
                Axis.linear("x", SPAN),
                Axis.linear("y", SPAN))
            .add(points("class 0", 0, sample, 0))
            .add(points("class 1", 1, sample, 1));
    String label = "boundary";
    for (Contours.Line line : Contours.lines(result.logit(), 0)) {
      double[] x = line.points().stream().mapToDouble(p -> p[0]).toArray();
      double[] y = line.points().stream().mapToDouble(p -> p[1]).toArray();
      figure.add(new Layer.Curve(label, 5, x, y, Layer.Ends.NONE));
      label = "";
    }
    return figure;
  }

  private static Layer points(String name, int color, Sample sample, int label) {
    int[] rows = IntStream.range(0, POINTS).filter(i -> sample.label()[i] == label).toArray();
    return new Layer.Points(
        name,
        color,
        Arrays.stream(rows).mapToDouble(i -> sample.x()[i]).toArray(),
        Arrays.stream(rows).mapToDouble(i -> sample.y()[i]).toArray());
  }
}
