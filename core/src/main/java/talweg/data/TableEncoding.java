package talweg.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.LongSupplier;
import talweg.check.HeapLimit;
import talweg.error.DataFormatException;
import talweg.json.JsonFields;

/**
 * How the rows of a table become examples: columns, categories, what stands in for missing values,
 * classes, and the standardization, all learned from the training rows. Made by {@link Csv#split}.
 */
public final class TableEncoding implements Preprocessing {
  static final String KIND = "table";
  static final int MAX_COLUMNS = 1 << 18;

  /**
   * How a table is read, as far as encoding it goes.
   *
   * @param ignored the names of columns that are left out
   */
  record Form(
      CsvLayout.Heading heading,
      char delimiter,
      long maxBytes,
      CsvOptions.Missing missing,
      CsvOptions.Unknown unknown,
      CellReading reading,
      List<String> ignored) {}

  private final Form form;
  private final List<CsvFeature> columns;
  private final CsvTarget target;
  private final Standardizer features;
  private final Standardizer targets;

  /** Takes over what was learned; a standardizer is null where nothing is standardized. */
  TableEncoding(
      Form form,
      List<CsvFeature> columns,
      CsvTarget target,
      Standardizer features,
      Standardizer targets) {
    this.form = form;
    this.columns = List.copyOf(columns);
    this.target = target;
    this.features = features;
    this.targets = targets;
  }

  /** The same, with standardization. */
  TableEncoding standardized(Standardizer ofFeatures, Standardizer ofTargets) {
    return new TableEncoding(form, columns, target, ofFeatures, ofTargets);
  }

  /** The same, with features and targets that are the numbers themselves. */
  TableEncoding unshifted() {
    return new TableEncoding(
        form,
        columns.stream().map(CsvFeature::unshifted).toList(),
        target.withNumber(target.number().unshifted()),
        features,
        targets);
  }

  @Override
  public List<String> classNames() {
    return target.classNames();
  }

  /** Names of the features, {@code column=category} for an indicator. */
  public List<String> featureNames() {
    return columns.stream().flatMap(column -> column.names().stream()).toList();
  }

  /** Name of the column that is predicted. */
  public String targetName() {
    return target.name();
  }

  /** How the features are standardized, for {@link Standardizer#restore}. */
  public Optional<Standardizer> features() {
    List<CsvNumber> numbers = new ArrayList<>();
    for (CsvFeature column : columns) {
      numbers.addAll(Collections.nCopies(column.width(), column.number()));
    }
    return Optional.ofNullable(features).map(fitted -> inUnits(fitted, numbers));
  }

  /** How the targets of a regression are standardized, for {@link Standardizer#restore}. */
  public Optional<Standardizer> targets() {
    return Optional.ofNullable(targets).map(fitted -> inUnits(fitted, List.of(target.number())));
  }

  /** What was fitted on encoded numbers, in the units of the numbers themselves. */
  private static Standardizer inUnits(Standardizer fitted, List<CsvNumber> numbers) {
    double[] mean = fitted.mean();
    double[] std = fitted.std();
    for (int c = 0; c < mean.length; c++) {
      mean[c] = numbers.get(c).restore(mean[c]);
      std[c] *= numbers.get(c).scale();
    }
    return new Standardizer(mean, std);
  }

  /**
   * The rows of a table that {@link #load} or {@link #inputs} leave out, as they lack values: none,
   * unless rows with missing values are dropped.
   *
   * @param target whether rows without a value to predict are left out, too, as by {@link #load}
   * @throws talweg.error.InputNotFoundException if there is nothing there
   * @throws DataFormatException if the table does not fit, naming the place
   */
  public LeftOut leftOut(Path file, boolean target) {
    return TableHeading.of(file, form, names(), this.target.name(), target)
        .source(file, form)
        .leftOut();
  }

  @Override
  public Dataset load(Path file) {
    return load(file, (name, n) -> new FeatureSink.InMemory(name, n, width()));
  }

  @Override
  public Dataset stream(Path file, Path scratch) {
    return load(file, (_, n) -> new FeatureSink.InFile(scratch, n, width()));
  }

  private Dataset load(Path file, BiFunction<String, Integer, FeatureSink> sink) {
    return HeapLimit.reading(file, () -> loadWhole(file, sink));
  }

  private Dataset loadWhole(Path file, BiFunction<String, Integer, FeatureSink> sink) {
    TableHeading found = TableHeading.of(file, form, names(), target.name(), true);
    CsvSource source = found.source(file, form);
    int n = requireExamples(source);
    return standardized(encode(source, n, found, sink.apply(source.name(), n)));
  }

  @Override
  public Inputs inputs(Path file) {
    return HeapLimit.reading(file, () -> wholeInputs(file));
  }

  private Inputs wholeInputs(Path file) {
    TableHeading found = TableHeading.of(file, form, names(), target.name(), false);
    CsvSource source = found.source(file, form);
    int n = requireExamples(source);
    int width = width();
    float[] x = new float[HostMemory.floats(source.name(), n, width)];
    List<String> lines = new ArrayList<>(n);
    source.forEach(
        n,
        (row, i) -> {
          encode(source, row, found.features(), x, i * width);
          if (features != null) {
            Standardizer.scale(x, i * width, features.mean(), features.std());
          }
          lines.add("line " + row.line());
        });
    return new Inputs(lines, new int[] {width}, x);
  }

  /** Reads the examples, not standardized, into a sink. */
  Dataset encode(CsvSource source, int n, TableHeading at, FeatureSink sink) {
    boolean classify = target.isClassification();
    int[] labels = new int[classify ? n : 0];
    float[] numbers = new float[classify ? 0 : n];
    float[] encoded = new float[width()];
    Features rows;
    try (sink) {
      source.forEach(
          n,
          (row, i) -> {
            encode(source, row, at.features(), encoded, 0);
            sink.add(encoded);
            if (classify) {
              labels[i] = target.label(source.name(), row, at.target());
            } else {
              numbers[i] = target.number(source.name(), row, at.target(), form.reading());
            }
          });
      rows = sink.features();
    }
    int[] shape = {encoded.length};
    List<String> outputs = classify ? target.classNames() : List.of(target.name());
    Dataset data =
        classify
            ? Dataset.classification(source.title(), rows, shape, labels, outputs.size())
                .withClassNames(outputs)
            : Dataset.regression(source.title(), rows, shape, numbers, outputs);
    return data.withFeatureNames(featureNames());
  }

  /** The same examples, standardized as the training data. */
  Dataset standardized(Dataset data) {
    Dataset scaled = features == null ? data : features.apply(data);
    return targets == null ? scaled : targets.applyToTargets(scaled);
  }

  /** Number of features. */
  int width() {
    return HostMemory.floats("features", 1, columns.stream().mapToLong(CsvFeature::width).sum());
  }

  private void encode(CsvSource source, CsvRow row, int[] positions, float[] into, int at) {
    int next = at;
    for (int c = 0; c < positions.length; c++) {
      CsvFeature column = columns.get(c);
      LongSupplier unknown = () -> unknownCells(source, positions);
      column.encode(source.name(), row, positions[c], form, unknown, into, next);
      next += column.width();
    }
  }

  /** Number of cells with a category that the training rows do not have. */
  private long unknownCells(CsvSource source, int[] positions) {
    long[] cells = new long[1];
    int unused =
        source.forEach((row, _) -> {
          for (int c = 0; c < positions.length; c++) {
            String cell = row.cells().get(positions[c]);
            cells[0] += columns.get(c).isUnknown(cell, form.reading()) ? 1 : 0;
          }
        });
    return cells[0];
  }

  private List<String> names() {
    return columns.stream().map(CsvFeature::name).toList();
  }

  private static int requireExamples(CsvSource source) {
    int n = source.forEach((_, _) -> {});
    if (n == 0) {
      throw Malformed.at(
          source.name(), "all rows", "examples", "none that is complete", "add some");
    }
    return n;
  }

  @Override
  public String toJson() {
    return TableJson.write(form, columns, target, features, targets);
  }

  /** Reads the fields that {@link #toJson} wrote. */
  static TableEncoding of(JsonFields fields) {
    return TableJson.read(fields);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TableEncoding that && toJson().equals(that.toJson());
  }

  @Override
  public int hashCode() {
    return Objects.hash(form, target, features, targets);
  }

  /** For example {@code table: 4 columns, 4 features, predicts "species" (3 classes)}. */
  @Override
  public String toString() {
    return "table: %s, %s, predicts \"%s\"%s"
        .formatted(
            Malformed.count(columns.size(), "column"),
            Malformed.count(width(), "feature"),
            target.name(),
            target.isClassification() ? " (" + classNames().size() + " classes)" : "");
  }
}
