package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;
import talweg.check.WriteErrors;
import talweg.data.Dataset;
import talweg.io.AtomicFile;
import talweg.plot.Axis;
import talweg.plot.Figure;
import talweg.plot.Layer;
import talweg.plot.Palette;
import talweg.train.RateRange;
import talweg.train.RateTest;
import talweg.train.Trainer;

/** {@code --find-lr}: a learning-rate range test instead of a training. */
final class RateTestFlags {
  @Option(
      names = "--find-lr",
      description =
          "Do not train: try rising learning rates for some steps, and suggest one. Draws"
              + " find-lr.svg and .png, writes find-lr.json.")
  private boolean asked;

  boolean isAsked() {
    return asked;
  }

  void refuse(String what) {
    if (asked) {
      throw new UsageException("--find-lr does not go with " + what + "; leave it out");
    }
  }

  /** Tests, tells, and writes into the folder. */
  void run(Trainer trainer, Dataset train, Console console, Path folder) {
    RateTest test = trainer.rateTest(train, RateRange.DEFAULT);
    Map<String, Object> event = event(test);
    List<Path> files =
        new java.util.ArrayList<>(figure(test).write(folder, "find-lr", Palette.LIGHT));
    Path json = folder.resolve("find-lr.json");
    try {
      AtomicFile.writeString(json, Json.line(event) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(json, e), e);
    }
    files.add(json);
    console.line("");
    console.line(
        Double.isNaN(test.suggestion())
            ? "the loss does not fall at any rate from %s to %s; look at the picture, the data and the network"
                .formatted(number(RateRange.DEFAULT.low()), number(test.points().getLast().rate()))
            : "%s the loss falls most steeply at a learning rate of %s: try --lr %s"
                .formatted(
                    console.green("done"), number(test.suggestion()), number(test.suggestion())));
    if (test.diverged()) {
      console.line("the loss blows up at a rate of " + number(test.points().getLast().rate()));
    }
    files.forEach(file -> console.line("written " + file));
    console.json(event);
  }

  private static Map<String, Object> event(RateTest test) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("event", "find_lr");
    event.put("suggestion", finite(test.suggestion()));
    event.put("diverged", test.diverged());
    event.put(
        "points",
        test.points().stream()
            .map(point -> {
              Map<String, Object> one = new LinkedHashMap<>();
              one.put("learning_rate", point.rate());
              one.put("loss", finite(point.loss()));
              one.put("smoothed", finite(point.smoothed()));
              return one;
            })
            .toList());
    return event;
  }

  /** Up to where the loss blows up, of which the picture shows the beginning. */
  private static Figure figure(RateTest test) {
    List<RateTest.Point> points =
        test.points().stream().filter(p -> Double.isFinite(p.smoothed())).toList();
    double[] rates = points.stream().mapToDouble(RateTest.Point::rate).toArray();
    double[] losses = points.stream().mapToDouble(RateTest.Point::smoothed).toArray();
    double low = points.stream().mapToDouble(RateTest.Point::smoothed).min().orElse(0);
    double first = losses.length == 0 ? 1 : losses[0];
    double high = low + 2 * Math.max(first - low, 0.1 * Math.abs(low) + 1e-6);
    double last = test.points().getLast().rate();
    Figure figure =
        new Figure(
                "Loss while the learning rate rises",
                "moving average over steps; every step uses a higher rate",
                Axis.logarithmic("learning rate", RateRange.DEFAULT.low(), Math.max(last, 1e-5)),
                Axis.linear("loss", low - 0.1 * (high - low), high))
            .add(new Layer.Curve("", 0, rates, losses, Layer.Ends.NONE));
    if (!Double.isNaN(test.suggestion())) {
      double[] x = {test.suggestion(), test.suggestion()};
      figure.add(
          new Layer.Curve(
              "falls most steeply at " + number(test.suggestion()),
              1,
              x,
              new double[] {low - 0.1 * (high - low), high},
              Layer.Ends.DASHED));
    }
    return figure;
  }

  /** JSON has no NaN. */
  private static Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
