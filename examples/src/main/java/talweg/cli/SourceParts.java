package talweg.cli;

import java.nio.file.Path;
import java.util.Arrays;
import talweg.data.Dataset;
import talweg.data.Idx;
import talweg.data.ImageEncoding;
import talweg.data.ImageFolder;
import talweg.data.Preprocessing;
import talweg.data.Split;
import talweg.data.SplitRule;
import talweg.examples.EmbeddedDigits;

/** Reads parts of sources, or all of one, for models whose training is over. */
final class SourceParts {
  private static final SplitRule UNDIVIDED = SplitRule.fractions(1, 0, 0);

  private SourceParts() {}

  /** The parts of a source as a training makes them, encoded by the model. */
  static Split split(String source, Preprocessing preprocessing, SplitRule rule, long seed) {
    if (preprocessing == null) {
      return source.startsWith(DataFlags.IDX)
          ? idx(source, rule, seed)
          : EmbeddedDigits.load().split(rule, seed);
    }
    if (!(preprocessing instanceof ImageEncoding encoding)) {
      return preprocessing.load(path(source)).split(rule, seed);
    }
    return ImageFolder.split(
        path(source),
        encoding,
        ImageFolder.hasTestPart(path(source)) ? ofTraining(rule) : rule,
        seed);
  }

  /** Where a source has a test part of its own, what the rule leaves for one is the others'. */
  private static SplitRule ofTraining(SplitRule rule) {
    double validation = rule.validation() / (rule.train() + rule.validation());
    return rule.stratified()
        ? SplitRule.stratified(1 - validation, validation, 0)
        : SplitRule.fractions(1 - validation, validation, 0);
  }

  private static Split idx(String source, SplitRule rule, long seed) {
    try {
      return Idx.load(path(source), rule, seed);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--data %s: %s".formatted(source, e.getMessage()));
    }
  }

  /** All examples of a source, those of its own test part last. */
  static Dataset all(String source, Preprocessing preprocessing) {
    if (preprocessing != null) {
      return preprocessing.load(path(source));
    }
    Split parts = split(source, null, UNDIVIDED, 0);
    return parts.hasTest() ? joined(parts.train(), parts.test()) : parts.train();
  }

  /**
   * All examples of a folder with a single pair of IDX files, for a task whose training data are
   * known.
   *
   * @param flag for complaints
   * @param like the training data
   */
  static Dataset pair(String flag, String source, Dataset like, boolean stream) {
    Path folder = path(source);
    Split parts = stream ? Idx.stream(folder, UNDIVIDED, 0) : Idx.load(folder, UNDIVIDED, 0);
    if (parts.hasTest()) {
      throw new UsageException(
          "%s %s: expected a folder with one pair of IDX files, got both, train and test; move one of them elsewhere"
              .formatted(flag, source));
    }
    Dataset data = parts.train();
    boolean fits =
        Arrays.equals(data.featureShape(), like.featureShape())
            && data.numClasses() <= like.numClasses();
    if (!fits) {
      throw new UsageException(
          "%s %s: expected examples of shape %s in at most %d classes as in the training data, got %s; give files of the same task"
              .formatted(
                  flag, source, Arrays.toString(like.featureShape()), like.numClasses(), data));
    }
    return data.withNumClasses(like.numClasses());
  }

  /** Both data sets, which have classes, as one. */
  private static Dataset joined(Dataset first, Dataset second) {
    int cut = first.size() * first.featureCount();
    float[] features = Arrays.copyOf(first.features(), cut + second.size() * first.featureCount());
    System.arraycopy(second.features(), 0, features, cut, features.length - cut);
    int[] labels = Arrays.copyOf(first.labels(), first.size() + second.size());
    System.arraycopy(second.labels(), 0, labels, first.size(), second.size());
    return Dataset.classification(
        first.name(), features, first.featureShape(), labels, first.numClasses());
  }

  private static Path path(String source) {
    return Path.of(source.substring(source.indexOf(':') + 1));
  }
}
