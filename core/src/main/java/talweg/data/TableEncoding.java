package talweg.data;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
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

  /** How a table is read, as far as encoding it goes. */
  record Form(
      CsvLayout.Heading heading,
      char delimiter,
      long maxBytes,
      CsvOptions.Missing missing,
      CsvOptions.Unknown unknown) {}

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
    return Optional.ofNullable(features);
  }

  /** How the targets of a regression are standardized, for {@link Standardizer#restore}. */
  public Optional<Standardizer> targets() {
    return Optional.ofNullable(targets);
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
    CsvHeading found = CsvHeading.of(file, form, names(), target.name(), true);
    CsvSource source = found.source(file, form);
    int n = requireExamples(source);
    return standardized(encode(source, n, found, sink.apply(source.name(), n)));
  }

  @Override
  public Inputs inputs(Path file) {
    return HeapLimit.reading(file, () -> wholeInputs(file));
  }

  private Inputs wholeInputs(Path file) {
    CsvHeading found = CsvHeading.of(file, form, names(), target.name(), false);
    CsvSource source = found.source(file, form);
    int n = requireExamples(source);
    int width = width();
    float[] x = new float[HostMemory.floats(source.name(), n, width)];
    List<String> lines = new ArrayList<>(n);
    source.forEach(
        n,
        (row, i) -> {
          encode(source.name(), row, found.features(), x, i * width);
          if (features != null) {
            Standardizer.scale(x, i * width, features.mean(), features.std());
          }
          lines.add("line " + row.line());
        });
    return new Inputs(lines, new int[] {width}, x);
  }

  /** Reads the examples, not standardized, into a sink. */
  Dataset encode(CsvSource source, int n, CsvHeading at, FeatureSink sink) {
    boolean classify = target.isClassification();
    int[] labels = new int[classify ? n : 0];
    float[] numbers = new float[classify ? 0 : n];
    float[] encoded = new float[width()];
    Features rows;
    try (sink) {
      source.forEach(
          n,
          (row, i) -> {
            encode(source.name(), row, at.features(), encoded, 0);
            sink.add(encoded);
            if (classify) {
              labels[i] = target.label(source.name(), row, at.target());
            } else {
              numbers[i] = target.number(source.name(), row, at.target());
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

  private void encode(String file, CsvRow row, int[] positions, float[] into, int at) {
    boolean mayMiss = form.missing != CsvOptions.Missing.REFUSE;
    int next = at;
    for (int c = 0; c < positions.length; c++) {
      CsvFeature column = columns.get(c);
      column.encode(file, row, positions[c], form.unknown, mayMiss, into, next);
      next += column.width();
    }
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

  /**
   * Where a file has the known columns.
   *
   * @param features the file's column of each column of features
   * @param target the column of the target, or -1
   * @param columns number of columns
   * @param skipFirst whether the first row is not an example
   */
  record CsvHeading(int[] features, int target, int columns, boolean skipFirst) {
    CsvSource source(Path file, Form form) {
      boolean drop = form.missing == CsvOptions.Missing.DROP;
      return new CsvSource(file, form.delimiter, form.maxBytes, columns, skipFirst, drop);
    }

    /** Finds the columns by name where the training data had a header, else by position. */
    static CsvHeading of(
        Path file, Form form, List<String> names, String target, boolean targetNeeded) {
      String place = file.toString();
      CsvRow first;
      CsvRow second;
      try (CsvReader reader = CsvSource.open(file, form.delimiter, form.maxBytes)) {
        first = reader.next();
        second = first == null ? null : reader.next();
      }
      if (first == null) {
        throw Malformed.at(place, "line 1", "rows of cells", "an empty file", "check the path");
      }
      if (form.heading == CsvLayout.Heading.NAMES) {
        return named(place, first, names, target, targetNeeded);
      }
      boolean counts =
          form.heading == CsvLayout.Heading.COUNTS
              && second != null
              && CountsLine.parse(first).isPresent();
      int width = (counts ? second : first).size();
      return positioned(place, counts, width, names, target, targetNeeded);
    }

    private static CsvHeading named(
        String file, CsvRow header, List<String> names, String target, boolean targetNeeded) {
      List<String> found =
          IntStream.range(0, header.size())
              .mapToObj(c -> {
                String cell = header.cells().get(c);
                return cell.isEmpty() ? CsvLayout.number(c) : cell;
              })
              .toList();
      int targetAt = found.indexOf(target);
      List<String> others = new ArrayList<>(found);
      if (targetAt >= 0) {
        others.remove(targetAt);
      }
      boolean sameOrder = others.equals(names);
      if (targetNeeded && targetAt < 0) {
        throw differs(file, names, target, "no column " + Malformed.quote(target));
      }
      for (String name : names) {
        if (!others.contains(name)) {
          throw differs(file, names, target, "no column " + Malformed.quote(name));
        }
      }
      if (others.size() != names.size()) {
        others.removeAll(names);
        throw differs(
            file,
            names,
            target,
            others.isEmpty() ? "a name twice" : "also " + CsvTarget.some(others));
      }
      int[] inOrder = IntStream.range(0, found.size()).filter(c -> c != targetAt).toArray();
      int[] byName = names.stream().mapToInt(found::indexOf).toArray();
      return new CsvHeading(sameOrder ? inOrder : byName, targetAt, header.size(), true);
    }

    /** Without names, the target is where it was in training, or left out. */
    private static CsvHeading positioned(
        String file, boolean skip, int width, List<String> names, String target, boolean needed) {
      int targetAt = Integer.parseInt(target.substring(target.lastIndexOf(' ') + 1)) - 1;
      if (!needed && width == names.size()) {
        return new CsvHeading(IntStream.range(0, width).toArray(), -1, width, skip);
      }
      if (width != names.size() + 1) {
        throw differs(file, names, target, Malformed.count(width, "column"));
      }
      int[] others = IntStream.range(0, width).filter(c -> c != targetAt).toArray();
      return new CsvHeading(others, targetAt, width, skip);
    }

    private static DataFormatException differs(
        String file, List<String> names, String target, String got) {
      return Malformed.at(
          file,
          "line 1",
          "the columns of the training data, %s and the target %s"
              .formatted(CsvTarget.some(names), Malformed.quote(target)),
          got,
          "give the file the same columns");
    }
  }
}
