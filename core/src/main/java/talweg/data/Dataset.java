package talweg.data;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import talweg.error.DataFormatException;
import talweg.error.ShapeException;

/**
 * Labelled examples in host memory: features, and for each example either a class label or numbers
 * to predict.
 *
 * <p>Immutable: the factories copy what they are given, the accessors what they return. Examples
 * are the rows; {@code n} is their number.
 */
public final class Dataset {
  private final String name;
  private final Features features;
  private final int[] featureShape;
  private final int featureCount;
  private final int[] labels;
  private final float[] targets;
  private final int outputs;
  private final List<String> outputNames;
  private final List<String> featureNames;

  /** Takes over what it is given; exactly one of {@code labels} and {@code targets} is null. */
  private Dataset(
      String name,
      Features features,
      int[] featureShape,
      int[] labels,
      float[] targets,
      int outputs,
      List<String> outputNames,
      List<String> featureNames) {
    this.name = name;
    this.features = features;
    this.featureShape = featureShape;
    this.featureCount = DatasetChecks.featureCount(name, featureShape);
    this.labels = labels;
    this.targets = targets;
    this.outputs = outputs;
    this.outputNames = outputNames;
    this.featureNames = featureNames;
  }

  /**
   * Examples with class labels.
   *
   * @param features row-major {@code [n, featureShape...]}, all finite
   * @param featureShape shape of one example, such as {@code {28, 28}}
   * @param labels {@code [n]}, each in {@code 0..numClasses-1}
   * @throws ShapeException if the lengths do not fit together, or there is no example
   * @throws DataFormatException if a label is out of range or a feature is not finite
   */
  public static Dataset classification(
      String name, float[] features, int[] featureShape, int[] labels, int numClasses) {
    return ownedClassification(
        name, features.clone(), featureShape.clone(), labels.clone(), numClasses);
  }

  /**
   * Examples with numbers to predict.
   *
   * @param features row-major {@code [n, featureShape...]}, all finite
   * @param featureShape shape of one example
   * @param targets row-major {@code [n, t]}, all finite
   * @param targetNames the {@code t} targets' names
   * @throws ShapeException if the lengths do not fit together, or there is no example
   * @throws DataFormatException if a feature or target is not finite
   */
  public static Dataset regression(
      String name,
      float[] features,
      int[] featureShape,
      float[] targets,
      List<String> targetNames) {
    return ownedRegression(
        name, features.clone(), featureShape.clone(), targets.clone(), targetNames);
  }

  /** {@link #classification} without the copies, for loaders that hand their arrays over. */
  static Dataset ownedClassification(
      String name, float[] features, int[] featureShape, int[] labels, int numClasses) {
    int width = DatasetChecks.featureCount(name, featureShape);
    DatasetChecks.lengths(name, features.length, labels.length, width);
    DatasetChecks.finite(name, "feature", features, width);
    return classification(
        name, new Features.Held(features, width), featureShape, labels, numClasses);
  }

  /** Examples whose features are a loader's, finite and as many as there are labels. */
  static Dataset classification(
      String name, Features features, int[] featureShape, int[] labels, int numClasses) {
    assert features.rows() == labels.length : features.rows() + " rows, " + labels.length;
    DatasetChecks.labels(name, labels, numClasses);
    return new Dataset(
        name, features, featureShape, labels, null, numClasses, List.of(), List.of());
  }

  /** {@link #regression} without the copies, for loaders that hand their arrays over. */
  static Dataset ownedRegression(
      String name,
      float[] features,
      int[] featureShape,
      float[] targets,
      List<String> targetNames) {
    int t = targetNames.size();
    if (t == 0 || targets.length % t != 0) {
      throw new ShapeException(
          "data set \"%s\": expected targets [n, t] with a name for each column, got %s and %s"
              .formatted(
                  name, Malformed.count(targets.length, "value"), Malformed.count(t, "name")));
    }
    int width = DatasetChecks.featureCount(name, featureShape);
    DatasetChecks.lengths(name, features.length, targets.length / t, width);
    DatasetChecks.finite(name, "feature", features, width);
    return regression(name, new Features.Held(features, width), featureShape, targets, targetNames);
  }

  /** Examples whose features are a loader's, finite and as many as there are rows of targets. */
  static Dataset regression(
      String name,
      Features features,
      int[] featureShape,
      float[] targets,
      List<String> targetNames) {
    int t = targetNames.size();
    assert features.rows() * t == targets.length : features.rows() + " rows, " + targets.length;
    DatasetChecks.finite(name, "target", targets, t);
    return new Dataset(
        name, features, featureShape, null, targets, t, List.copyOf(targetNames), List.of());
  }

  /**
   * The same examples with names for the classes.
   *
   * @throws ShapeException if there is not one name for each class, or a name occurs twice
   * @throws IllegalStateException if this is a regression data set
   */
  public Dataset withClassNames(List<String> names) {
    int classes = numClasses();
    if (names.size() != classes || new HashSet<>(names).size() != classes) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "data set \"%s\": expected %d different class names, got %s",
              name,
              classes,
              names));
    }
    return new Dataset(
        name, features, featureShape, labels, null, classes, List.copyOf(names), featureNames);
  }

  /**
   * The same examples in a task of more classes, of which these do not have all; then without
   * names.
   *
   * @throws IllegalArgumentException if there are fewer than there are now
   * @throws IllegalStateException if this is a regression data set
   */
  public Dataset withNumClasses(int classes) {
    if (classes < numClasses()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "data set \"%s\": expected at least %d classes, got %d",
              name,
              numClasses(),
              classes));
    }
    if (classes == outputs) {
      return this;
    }
    return new Dataset(
        name, features, featureShape, labels, null, classes, List.of(), featureNames);
  }

  /**
   * The same examples with names for the features, in row-major order.
   *
   * @throws ShapeException if there is not one name for each feature
   */
  public Dataset withFeatureNames(List<String> names) {
    if (names.size() != featureCount) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "data set \"%s\": expected %d feature names, got %d",
              name,
              featureCount,
              names.size()));
    }
    return new Dataset(
        name, features, featureShape, labels, targets, outputs, outputNames, List.copyOf(names));
  }

  /** The same examples with other values of the same width. */
  Dataset withFeatures(Features values) {
    assert values.rows() == size() && values.width() == featureCount;
    if (values instanceof Features.Held held) {
      DatasetChecks.finite(name, "feature", held.values(), featureCount);
    }
    return new Dataset(
        name, values, featureShape, labels, targets, outputs, outputNames, featureNames);
  }

  /** The same examples with other targets; the array is taken over. */
  Dataset withTargets(float[] values) {
    assert values.length == targets.length;
    DatasetChecks.finite(name, "target", values, outputs);
    return new Dataset(
        name, features, featureShape, null, values, outputs, outputNames, featureNames);
  }

  /** What the data are called in messages and reports. */
  public String name() {
    return name;
  }

  /** Number of examples, at least 1. */
  public int size() {
    return features.rows();
  }

  /**
   * Whether the features stay in a file, from which they are read whenever a batch is made. Such a
   * data set takes little memory, whatever its size.
   */
  public boolean isStreamed() {
    return features.streamed();
  }

  /**
   * A file that this data set is read from while it is used, and that is no longer what it was when
   * it was opened, going by size and time; empty if there is none. Examples are then no longer
   * those that they were.
   */
  public Optional<Path> changed() {
    return Optional.ofNullable(features.changed());
  }

  /** Whether the examples have class labels, rather than numbers to predict. */
  public boolean isClassification() {
    return labels != null;
  }

  /** Shape of one example, such as {@code {28, 28}}. */
  public int[] featureShape() {
    return featureShape.clone();
  }

  /** Number of features of one example: the product of {@link #featureShape()}. */
  public int featureCount() {
    return featureCount;
  }

  /** Names of the features in row-major order; empty if they have none. */
  public List<String> featureNames() {
    return featureNames;
  }

  /**
   * A copy of all features, row-major {@code [n, featureShape...]}. For large data, {@link Batches}
   * copies less at a time.
   *
   * @throws DataFormatException if this data set is streamed and does not fit into memory
   */
  public float[] features() {
    float[] all = new float[HostMemory.floats(name, size(), featureCount)];
    features.requireIntact();
    for (int row = 0; row < size(); row++) {
      features.copy(row, all, row * featureCount);
    }
    return all;
  }

  /** Where the features are, for going through them row by row. */
  Features source() {
    return features;
  }

  /** A copy of the features of one example, row-major {@code [featureShape...]}. */
  public float[] features(int row) {
    float[] values = new float[featureCount];
    Objects.checkIndex(row, size());
    features.requireIntact();
    features.copy(row, values, 0);
    return values;
  }

  /**
   * A copy of the class labels {@code [n]}.
   *
   * @throws IllegalStateException if this is a regression data set
   */
  public int[] labels() {
    require(true);
    return labels.clone();
  }

  /**
   * Number of classes, at least 2; not every class needs to occur.
   *
   * @throws IllegalStateException if this is a regression data set
   */
  public int numClasses() {
    require(true);
    return outputs;
  }

  /**
   * Names of the classes in label order; empty if they have none.
   *
   * @throws IllegalStateException if this is a regression data set
   */
  public List<String> classNames() {
    require(true);
    return outputNames;
  }

  /**
   * A copy of the targets, row-major {@code [n, t]}.
   *
   * @throws IllegalStateException if this is a classification data set
   */
  public float[] targets() {
    require(false);
    return targets.clone();
  }

  /**
   * Names of the {@code t} targets.
   *
   * @throws IllegalStateException if this is a classification data set
   */
  public List<String> targetNames() {
    require(false);
    return outputNames;
  }

  /** Width of a model's last layer: the number of classes, or of targets. */
  public int outputs() {
    return outputs;
  }

  /**
   * Splits at random into two parts: {@code floor(n * trainFraction)} examples to train on, the
   * others to test on. Which example goes where depends on the number of examples and the seed
   * only. Streamed examples stay in the order of the file, for reading it that way.
   *
   * @param seed the same seed gives the same split on every JVM
   * @throws IllegalArgumentException if the fraction does not lie strictly between 0 and 1
   * @throws DataFormatException if a part would be empty
   */
  public Split split(double trainFraction, long seed) {
    return split(Partition.random(name, size(), trainFraction, seed));
  }

  /**
   * Splits by a rule into training, validation and test part, such as {@link SplitRule#standard()}.
   * A part whose fraction is not 0 gets at least one example, and the training part is rounded
   * down. Streamed examples stay in the order of the file, for reading it that way.
   *
   * @param seed the same seed gives the same split on every JVM
   * @throws DataFormatException if the training part would be empty
   */
  public Split split(SplitRule rule, long seed) {
    return split(Partition.of(name, size(), rule, strata(), seed));
  }

  /** Splits as told; streamed examples stay in the order of the file. */
  Split split(Partition partition) {
    Partition parts = isStreamed() ? partition.sorted() : partition;
    Split split = Split.of(parts.train().length == size() ? this : subset(parts.train()));
    split =
        parts.validation().length == 0 ? split : split.withValidation(subset(parts.validation()));
    return parts.test().length == 0 ? split : split.withTest(subset(parts.test()));
  }

  /** Splits a training part, whose test part is elsewhere, into training and validation part. */
  Split splitTraining(SplitRule rule, long seed) {
    return split(Partition.whole(size()).validated(name, rule, strata(), seed));
  }

  /** The class of each example, not copied; empty for regression. */
  int[] strata() {
    return isClassification() ? labels : new int[0];
  }

  /**
   * Splits in file order into two parts: the first {@code floor(n * trainFraction)} examples to
   * train on, the others to test on.
   *
   * @throws IllegalArgumentException if the fraction does not lie strictly between 0 and 1
   * @throws DataFormatException if a part would be empty
   */
  public Split splitInOrder(double trainFraction) {
    return split(Partition.inOrder(name, size(), trainFraction));
  }

  /**
   * The examples with the given row numbers, in that order; a row may occur more than once.
   *
   * @throws ShapeException if there are no rows
   * @throws IndexOutOfBoundsException if a row does not exist
   */
  public Dataset subset(int[] rows) {
    if (rows.length == 0) {
      throw new ShapeException("data set \"" + name + "\": a subset needs at least one row");
    }
    Features chosen =
        isStreamed()
            ? Features.Selected.of(features, checked(rows))
            : new Features.Held(copyFeatures(checked(rows)), featureCount);
    return new Dataset(
        name,
        chosen,
        featureShape,
        isClassification() ? copyLabels(rows) : null,
        isClassification() ? null : copyTargets(rows),
        outputs,
        outputNames,
        featureNames);
  }

  /**
   * SHA-256 of shapes, features and labels or targets, in hexadecimal digits: equal for equal data
   * on every JVM, whatever their name. Of streamed features it takes in {@value
   * Fingerprint#SAMPLES} examples that are spread over the file.
   */
  public String fingerprint() {
    Fingerprint sum =
        new Fingerprint()
            .add(featureShape)
            .add(new int[] {size(), outputs, isClassification() ? 1 : 0})
            .add(isClassification() ? labels : new int[0])
            .add(isClassification() ? new float[0] : targets);
    int rows = isStreamed() ? Math.min(size(), Fingerprint.SAMPLES) : size();
    float[] example = new float[featureCount];
    for (int i = 0; i < rows; i++) {
      features.copy((int) ((long) i * size() / rows), example, 0);
      sum.add(example);
    }
    return sum.hex();
  }

  /** Copies the given rows out. */
  Batch batch(int[] rows) {
    return new Batch(rows, copyFeatures(checked(rows)), copyLabels(rows), copyTargets(rows));
  }

  private int[] checked(int[] rows) {
    for (int row : rows) {
      if (row < 0 || row >= size()) {
        throw new IndexOutOfBoundsException(
            String.format(Locale.ROOT, "data set \"%s\": no row %d of %d", name, row, size()));
      }
    }
    return rows;
  }

  private float[] copyFeatures(int[] rows) {
    float[] x = new float[HostMemory.floats(name, rows.length, featureCount)];
    features.requireIntact();
    for (int i = 0; i < rows.length; i++) {
      features.copy(rows[i], x, i * featureCount);
    }
    return x;
  }

  /** Empty for regression. */
  private int[] copyLabels(int[] rows) {
    return isClassification() ? Arrays.stream(rows).map(row -> labels[row]).toArray() : new int[0];
  }

  /** Empty for classification. */
  private float[] copyTargets(int[] rows) {
    float[] t = new float[isClassification() ? 0 : rows.length * outputs];
    for (int i = 0; i < t.length; i++) {
      t[i] = targets[rows[i / outputs] * outputs + i % outputs];
    }
    return t;
  }

  /** For example {@code digits: 1797 examples [8, 8], 10 classes}. */
  @Override
  public String toString() {
    return "%s: %s %s, %s"
        .formatted(
            name,
            Malformed.count(size(), "example"),
            Arrays.toString(featureShape),
            isClassification() ? outputs + " classes" : Malformed.count(outputs, "target"));
  }

  private void require(boolean classes) {
    if (classes != isClassification()) {
      throw new IllegalStateException(
          classes
              ? "data set \"" + name + "\" has regression targets, not class labels: use targets()"
              : "data set \"" + name + "\" has class labels, not regression targets: use labels()");
    }
  }
}
