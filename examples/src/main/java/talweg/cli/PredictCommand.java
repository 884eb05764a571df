package talweg.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import talweg.check.WriteErrors;
import talweg.data.Inputs;
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

  private void write(List<String> lines) {
    byte[] text = (String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      AtomicFile.write(
          out,
          channel -> {
            ByteBuffer rest = ByteBuffer.wrap(text);
            while (rest.hasRemaining()) {
              channel.write(rest);
            }
          });
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
        float[] values = predictions.row(i);
        for (float value : targets == null ? values : targets.restore(values)) {
          cells.add(Float.toString(value));
        }
      }
      lines.add(row(cells));
    }
    return lines;
  }

  private static String row(List<String> cells) {
    return cells.stream().map(PredictCommand::quoted).collect(Collectors.joining(","));
  }

  /** As RFC 4180 has it. */
  private static String quoted(String cell) {
    return cell.matches("(?s).*[\",\r\n].*") ? '"' + cell.replace("\"", "\"\"") + '"' : cell;
  }
}
