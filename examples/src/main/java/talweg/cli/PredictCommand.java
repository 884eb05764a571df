package talweg.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import talweg.check.WriteErrors;
import talweg.data.Inputs;
import talweg.data.LeftOut;
import talweg.data.Standardizer;
import talweg.io.AtomicFile;
import talweg.nn.Module;
import talweg.session.Session;
import talweg.train.ModelCard;
import talweg.train.ModelFile;
import talweg.train.Predictions;

/** {@code talweg predict}: what a model says of examples, as a table. */
@Command(
    name = "predict",
    description = "Writes a trained model's answers for data as CSV; the data need no target.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class PredictCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "FILE",
      required = true,
      description = "A trained model: model.safetensors, or the folder of its run.")
  private Path file;

  @Mixin private ModelData data;
  @Mixin private DeviceFlags device;

  @Option(
      names = "--probabilities",
      description = "A column for the probability of each class, too.")
  private boolean probabilities;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The table. Default: standard output.")
  private Path out;

  @Spec private CommandSpec command;

  @Override
  public Integer call() {
    ModelFile model = ModelFile.read(RunFolder.model(file));
    ModelCard card = model.card();
    if (probabilities && !card.isClassification()) {
      throw new UsageException(
          "--probabilities: this model predicts numbers (%s), not classes"
              .formatted(String.join(", ", card.targets())));
    }
    Inputs inputs = data.inputs(model);
    notice(model);
    try (Session session = device.open()) {
      Module network = model.open(session);
      Predictions predictions = Predictions.of(network, inputs);
      List<String> lines = table(card, inputs, predictions);
      if (out == null) {
        PrintStream standard = System.out;
        lines.forEach(standard::println);
        standard.flush();
      } else {
        write(lines);
        new Console(false).line("%s in %s".formatted(Text.count(inputs.size(), "prediction"), out));
      }
    }
    return ExitCode.DONE;
  }

  /** Says for what there is no answer. */
  private void notice(ModelFile model) {
    PrintWriter err = command.commandLine().getErr();
    LeftOut leftOut = data.leftOut(model, model.card(), false);
    if (leftOut.rows() > 0) {
      err.println("talweg predict: notice: " + DataNotices.leftOut(leftOut));
    }
    List<Path> others = data.otherFiles(model);
    if (!others.isEmpty()) {
      err.printf(
          "talweg predict: notice: no answer for %s not named .png, .jpg or .jpeg, such as %s%n",
          others.size() == 1 ? "1 file" : others.size() + " files", others.getFirst());
    }
  }

  private void write(List<String> lines) {
    try {
      AtomicFile.writeString(out, String.join("\n", lines) + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(out, e), e);
    }
  }

  private List<String> table(ModelCard card, Inputs inputs, Predictions predictions) {
    List<String> lines = new ArrayList<>();
    List<String> head = new ArrayList<>(List.of("example"));
    if (card.isClassification()) {
      head.add("prediction");
      if (probabilities) {
        card.classes().forEach(name -> head.add("p(" + name + ")"));
      }
    } else {
      head.addAll(card.targets());
    }
    lines.add(row(head));
    Standardizer targets = DataFlags.targets(card.preprocessing());
    for (int i = 0; i < inputs.size(); i++) {
      List<String> cells = new ArrayList<>(List.of(inputs.names().get(i)));
      if (card.isClassification()) {
        cells.add(card.classes().get(predictions.label(i)));
        if (probabilities) {
          for (double p : predictions.probabilities(i)) {
            cells.add(Text.ofFloat(p));
          }
        }
      } else {
        cells.addAll(numbers(predictions.row(i), targets));
      }
      lines.add(row(cells));
    }
    return lines;
  }

  /** Predicted numbers in the targets' units, with as many digits as the model knows. */
  private static List<String> numbers(float[] values, Standardizer targets) {
    List<String> texts = new ArrayList<>();
    double[] restored = targets == null ? new double[0] : targets.restoreExactly(values);
    for (int c = 0; c < values.length; c++) {
      texts.add(
          targets == null
              ? Float.toString(values[c])
              : number(restored[c], targets.std()[c % targets.std().length]));
    }
    return texts;
  }

  /** A number that is known to 24 bits of its deviation. */
  static String number(double value, double deviation) {
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    int decimals = (int) Math.ceil(-Math.log10(deviation * 0x1p-24));
    BigDecimal rounded =
        new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN).stripTrailingZeros();
    double size = Math.abs(value);
    boolean plain = rounded.signum() == 0 || size >= 1e-4 && size < 1e15;
    return plain ? rounded.toPlainString() : rounded.round(new MathContext(17)).toString();
  }

  private static String row(List<String> cells) {
    return cells.stream().map(PredictCommand::quoted).collect(Collectors.joining(","));
  }

  /** As RFC 4180 has it. */
  private static String quoted(String cell) {
    return cell.matches("(?s).*[\",\r\n].*") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
