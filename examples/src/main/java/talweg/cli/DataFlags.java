package talweg.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import talweg.data.Csv;
import talweg.data.CsvOptions;
import talweg.data.Dataset;
import talweg.data.Idx;
import talweg.data.Split;
import talweg.data.Standardizer;
import talweg.data.Task;
import talweg.examples.EmbeddedDigits;

/** The flags that choose the data. */
final class DataFlags {
  private static final double TRAIN_SHARE = 0.8;

  @Option(
      names = "--data",
      paramLabel = "SOURCE",
      defaultValue = "digits",
      description = {
        "digits (embedded), idx:DIR (MNIST files) or csv:FILE. Default: ${DEFAULT-VALUE}."
      })
  private String source;

  @Option(
      names = "--target",
      paramLabel = "COL",
      description = "Target column of a CSV. Default: the last.")
  private String target;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      defaultValue = "auto",
      description = "auto, classify or regress (CSV). Default: ${DEFAULT-VALUE}.")
  private Task task;

  /**
   * Data ready for training.
   *
   * @param name short name for reports
   * @param targets how regression targets were standardised, or null
   * @param recipe the network that suits the data
   */
  record Loaded(
      String name, Dataset train, Dataset test, Standardizer targets, ModelFlags.Recipe recipe) {
    Loaded(String name, Dataset train, Dataset test, Standardizer targets) {
      this(name, train, test, targets, ModelFlags.Recipe.PLAIN);
    }
  }

  Loaded load(long seed) {
    if (source.equals("digits")) {
      Split split = EmbeddedDigits.load().split(TRAIN_SHARE, seed);
      return new Loaded("digits", split.train(), split.test(), null, ModelFlags.Recipe.DIGITS);
    }
    if (source.startsWith("idx:")) {
      Path folder = Path.of(source.substring(4));
      Split split = Idx.load(folder);
      return new Loaded(source, split.train(), split.test(), null);
    }
    if (source.startsWith("csv:")) {
      return csv(Path.of(source.substring(4)), seed);
    }
    throw new UsageException(
        "--data: expected digits, idx:DIR or csv:FILE, got \"%s\"".formatted(source));
  }

  private Loaded csv(Path file, long seed) {
    CsvOptions options = CsvOptions.defaults().task(task);
    Split split =
        Csv.load(file, target == null ? options : options.target(target)).split(TRAIN_SHARE, seed);
    // Fitted on the training part alone: the test part must not leak into it.
    Standardizer features = Standardizer.fit(split.train());
    Dataset train = features.apply(split.train());
    Dataset test = features.apply(split.test());
    if (train.isClassification()) {
      return new Loaded(source, train, test, null);
    }
    Standardizer targets = Standardizer.fitTargets(train);
    return new Loaded(source, targets.applyToTargets(train), targets.applyToTargets(test), targets);
  }
}
