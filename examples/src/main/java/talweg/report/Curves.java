package talweg.report;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.train.EpochResult;

/** The curves of a run over its epochs. */
final class Curves {
  /** Small, so that text can still be read where a phone shows the picture at its full width. */
  private static final int WIDTH = 420;

  private static final int HEIGHT = 300;

  /** From this ratio of largest to smallest value on, equal distances are equal ratios. */
  private static final double LOGARITHMIC_FROM = 50;

  private final List<EpochResult> epochs;

  Curves(List<EpochResult> epochs) {
    this.epochs = epochs;
  }

  private record Line(String label, double[] x, double[] y) {}

  /**
   * The loss.
   *
   * @param objective its name, or null
   * @param standardised whether it is of a target that was standardised
   */
  Figure loss(String objective, boolean standardised) {
    String of = standardised ? " of the standardised target" : "";
    return figure(
        objective == null ? "Loss" : "Loss (" + objective + of + ")",
        true,
        line("training", e -> e.train().loss()),
        validation(e -> e.validation().loss()));
  }

  Figure accuracy() {
    return figure(
        "Accuracy",
        false,
        line("training", e -> e.train().accuracy()),
        validation(e -> e.validation().accuracy()));
  }

  Figure learningRate() {
    return figure("Learning rate of the next step", true, line("", EpochResult::learningRate));
  }

  Figure gradientNorm() {
    Line mean = line("mean of the epoch", EpochResult::gradientNormMean);
    return mean.x.length == 0
        ? figure("Gradient norm of the last step", true, line("", EpochResult::gradientNorm))
        : figure("Gradient norm", true, mean, line("maximum", EpochResult::gradientNormMax));
  }

  /** Predicted over true numbers, with the line where they agree. */
  static Figure agreement(String target, double[] actual, double[] predicted) {
    double low = Math.min(least(actual), least(predicted));
    double high = Math.max(most(actual), most(predicted));
    double room = room(low, high);
    double[] ends = {low - room, high + room};
    return new Figure(
            "Predictions for " + target,
            "",
            Axis.linear("true", ends[0], ends[1]),
            Axis.linear("predicted", ends[0], ends[1]))
        .size(WIDTH, HEIGHT)
        .add(new Layer.Curve("", 2, ends, ends, Layer.Ends.DASHED))
        .add(new Layer.Points("", 0, actual, predicted));
  }

  private Line validation(ToDoubleFunction<EpochResult> value) {
    return line("validation", e -> e.validation() == null ? Double.NaN : value.applyAsDouble(e));
  }

  /** What is finite of a curve. */
  private Line line(String label, ToDoubleFunction<EpochResult> value) {
    List<EpochResult> shown =
        epochs.stream().filter(e -> Double.isFinite(value.applyAsDouble(e))).toList();
    return new Line(
        label,
        shown.stream().mapToDouble(EpochResult::epoch).toArray(),
        shown.stream().mapToDouble(value).toArray());
  }

  private Figure figure(String title, boolean mayBeLogarithmic, Line... given) {
    List<Line> lines = new ArrayList<>(Arrays.asList(given));
    lines.removeIf(line -> line.x.length == 0);
    double[] all = lines.stream().flatMapToDouble(line -> DoubleStream.of(line.y)).toArray();
    double low = all.length == 0 ? 0 : least(all);
    double high = all.length == 0 ? 1 : most(all);
    double first = epochs.getFirst().epoch();
    double last = epochs.getLast().epoch();
    double side = first == last ? 0.5 : 0.02 * (last - first);
    Figure figure =
        new Figure(
                title,
                "",
                Axis.whole("epoch", first - side, last + side),
                vertical(low, high, mayBeLogarithmic && low > 0 && high / low > LOGARITHMIC_FROM))
            .size(WIDTH, HEIGHT);
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      figure.add(new Layer.Curve(line.label, i, line.x, line.y, Layer.Ends.LAST));
    }
    return figure;
  }

  private static Axis vertical(double low, double high, boolean logarithmic) {
    if (logarithmic) {
      return Axis.logarithmic("", low / 1.2, high * 1.2);
    }
    double room = room(low, high);
    return Axis.linear("", low - room, high + room);
  }

  private static double room(double low, double high) {
    return high > low ? 0.05 * (high - low) : Math.max(0.5 * Math.abs(low), 1e-6);
  }

  private static double least(double[] values) {
    return Arrays.stream(values).min().orElse(0);
  }

  private static double most(double[] values) {
    return Arrays.stream(values).max().orElse(1);
  }
}
