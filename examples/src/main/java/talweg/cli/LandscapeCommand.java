package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import talweg.examples.EmbeddedDigits;
import talweg.landscape.Contestant;
import talweg.landscape.FunctionPicture;
import talweg.landscape.NetworkSlice;
import talweg.landscape.RegressionPage;
import talweg.landscape.RegressionPicture;
import talweg.landscape.Request;
import talweg.landscape.SchedulePicture;
import talweg.landscape.TestFunction;
import talweg.plot.Figure;
import talweg.plot.Palette;

/** {@code talweg landscape}: pictures of what training does. */
@Command(
    name = "landscape",
    description = {
      "Draws what training does: losses as landscapes with the ways of optimizers over them, loss"
          + " curves, learning-rate schedules. Each picture is written as SVG and as PNG."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class LandscapeCommand implements Callable<Integer> {
  private static final String ALL = "all";
  private static final String REGRESSION = "regression";
  private static final String LEARNING_RATES = "learning-rates";
  private static final String NETWORK = "network";
  private static final String SCHEDULES = "schedules";
  private static final int EPOCHS = 15;

  @Parameters(
      arity = "0..1",
      paramLabel = "WHAT",
      defaultValue = ALL,
      description = {
        "regression (with a page to step through), a function (rosenbrock, beale, himmelblau,"
            + " ravine, saddle), learning-rates, network (a slice of its loss), schedules, or all."
            + " Default: ${DEFAULT-VALUE}."
      })
  private String what;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "landscape",
      description = "Where the pictures go. Default: ${DEFAULT-VALUE}.")
  private Path out;

  @Option(
      names = "--optimizers",
      paramLabel = "LIST",
      split = ",",
      hideParamSyntax = true,
      defaultValue = "sgd,momentum,nesterov,rmsprop,adam",
      description = "Whose ways are drawn, with commas between. Default: ${DEFAULT-VALUE}.")
  private List<String> optimizers;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of each. Default: as many as suit the picture.")
  private Integer steps;

  @Option(
      names = "--lr",
      paramLabel = "X",
      description = "Learning rate of each. Default: one that suits optimizer and picture.")
  private Double rate;

  @Option(
      names = "--grid",
      paramLabel = "N",
      defaultValue = "41",
      description = "network: points along each direction. Default: ${DEFAULT-VALUE}.")
  private int grid;

  @Option(names = "--dark", description = "Light ink on a dark ground.")
  private boolean dark;

  private Request request;

  @Override
  public Integer call() {
    request = request();
    if (Files.exists(out) && !Files.isDirectory(out)) {
      throw new UsageException("--out: " + out + " is a file; name a folder");
    }
    String name = what.toLowerCase(Locale.ROOT);
    if (!known().contains(name)) {
      throw new UsageException(
          "WHAT: \"%s\" is not known; expected one of: %s"
              .formatted(what, String.join(", ", known())));
    }
    for (String each : name.equals(ALL) ? pictures() : List.of(name)) {
      draw(each);
    }
    return ExitCode.DONE;
  }

  private Request request() {
    if (steps != null) {
      BenchmarkFlags.requireAtLeast("--steps", steps, 1);
    }
    BenchmarkFlags.requireAtLeast("--grid", grid, 2);
    if (rate != null && !(rate > 0 && Double.isFinite(rate))) {
      throw new UsageException("--lr: expected a positive number, got " + rate);
    }
    try {
      List<Contestant> contestants = optimizers.stream().distinct().map(Contestant::named).toList();
      return new Request(contestants, steps == null ? 0 : steps, rate == null ? 0 : rate);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--optimizers: " + e.getMessage());
    }
  }

  private static List<String> functions() {
    return Stream.of(TestFunction.values()).map(f -> f.name().toLowerCase(Locale.ROOT)).toList();
  }

  private static List<String> pictures() {
    List<String> pictures = new ArrayList<>(List.of(REGRESSION));
    pictures.addAll(functions());
    pictures.addAll(List.of(LEARNING_RATES, NETWORK, SCHEDULES));
    return pictures;
  }

  private static List<String> known() {
    List<String> known = new ArrayList<>(pictures());
    known.add(ALL);
    return known;
  }

  private void draw(String name) {
    switch (name) {
      case REGRESSION -> {
        RegressionPicture picture = new RegressionPicture(request);
        write("regression-data", picture.dataSpace());
        write("regression-parameters", picture.parameterSpace());
        Path page = out.resolve("regression.html");
        RegressionPage.write(page, picture);
        tell(page);
      }
      case LEARNING_RATES -> write(name, RegressionPicture.learningRates(request));
      case NETWORK -> write(name, NetworkSlice.ofDigits(EmbeddedDigits.load(), EPOCHS, grid));
      case SCHEDULES -> {
        write("schedules-falling", SchedulePicture.falling(request));
        write("schedules-rising", SchedulePicture.rising(request));
      }
      default ->
          write(
              name,
              FunctionPicture.of(TestFunction.valueOf(name.toUpperCase(Locale.ROOT)), request));
    }
  }

  private void write(String name, Figure figure) {
    figure.write(out, name, dark ? Palette.DARK : Palette.LIGHT).forEach(LandscapeCommand::tell);
  }

  private static void tell(Path file) {
    System.out.println("wrote " + file);
  }
}
