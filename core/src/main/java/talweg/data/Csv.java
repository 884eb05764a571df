package talweg.data;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import talweg.check.HeapLimit;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

/**
 * Reads a table of comma-separated values (RFC 4180, UTF-8, gzip or plain) as a {@link Dataset}.
 *
 * <p><b>First row.</b> Unless told, it is taken for a header if more of its cells are words in
 * columns of numbers than are numbers there; if no column holds numbers, if none of its cells
 * occurs again in its column. A line of counts and class names, as in scikit-learn's copies of the
 * UCI data ({@code 150,4,setosa,versicolor,virginica}), is recognised and gives the class names.
 * Without a header, columns are called {@code column 1}, {@code column 2}, ...
 *
 * <p><b>Features.</b> A column of numbers is one feature. A column of mostly other text becomes one
 * indicator for each of its values, in sorted order, called {@code column=value}. A few words among
 * numbers are an error, and so are numbers that are not plain, unless {@link CsvOptions#numbers()}
 * says how they are written. {@code NA}, {@code ?}, {@code nan} and empty cells are missing values.
 * Columns have different names.
 *
 * <p><b>Target.</b> Text is classes, in sorted order; so are integers if there are at most 20
 * different ones and 5 examples of each on average; other numbers are regression targets. Where
 * 32-bit floats are too coarse for the differences of a column's numbers, as for seconds since
 * 1970, {@link #split} shifts and scales them in double before they become floats.
 *
 * <p>Nothing is learned from validation or test rows: {@link #split} takes categories, what stands
 * in for missing values, and the standardization from the training rows alone.
 *
 * <p>The file is read three times (four, for parts that are stratified), and besides the result
 * only the distinct values of a column are held.
 */
public final class Csv {
  private final Path file;
  private final CsvOptions options;
  private final CsvLayout layout;
  private final CsvSource source;
  private final int examples;

  /** The first pass over a file. */
  private Csv(Path file, CsvOptions options) {
    this.file = file;
    this.options = options;
    layout = HeapLimit.reading(file, () -> scan(file, options));
    source = layout.source(file);
    examples = HeapLimit.reading(file, () -> layout.examples(source));
  }

  private static CsvLayout scan(Path file, CsvOptions options) {
    String name = file.toString();
    try (CsvReader reader = CsvSource.open(file, options.delimiter(), options.maxBytes())) {
      return new CsvLayout(name, CsvScan.of(name, reader, options), options);
    }
  }

  /** Loads a table with {@link CsvOptions#defaults()}. */
  public static Dataset load(Path file) {
    return load(file, CsvOptions.defaults());
  }

  /**
   * Loads a table whose rows are all training rows, without standardizing it.
   *
   * @return examples of shape {@code [features]} in file order, named after the file
   * @throws InputNotFoundException if there is no such file
   * @throws DataFormatException if it is not a table as described, naming line and column
   */
  public static Dataset load(Path file, CsvOptions options) {
    Csv csv = new Csv(file, options);
    return HeapLimit.reading(
        file, () -> csv.encode(csv.fit(Partition.whole(csv.examples)).unshifted(), csv::inMemory));
  }

  /**
   * Loads a table in three parts: splits it as {@link Dataset#split(SplitRule, long)} does, and
   * encodes and standardizes all parts with the figures of the training part.
   *
   * @throws InputNotFoundException if there is no such file
   * @throws DataFormatException if it is not a table as described, naming line and column, or the
   *     training part would be empty
   */
  public static CsvSplit split(Path file, CsvOptions options, SplitRule rule, long seed) {
    Csv csv = new Csv(file, options);
    return csv.split(csv.partition(rule, seed), csv::inMemory);
  }

  /**
   * The same in two parts, for training and testing, as {@link Dataset#split(double, long)} splits.
   */
  public static CsvSplit split(Path file, CsvOptions options, double trainFraction, long seed) {
    Csv csv = new Csv(file, options);
    return csv.split(csv.partition(trainFraction, seed), csv::inMemory);
  }

  /**
   * The same as {@link #split(Path, CsvOptions, SplitRule, long)} for a table that may be larger
   * than memory: the encoded rows go to a temporary file, from which batches are read. Targets are
   * held, 4 bytes each.
   *
   * @param scratch the folder for that file, with room for 4 bytes a feature
   * @return streamed data sets; see {@link Dataset#isStreamed()}
   */
  public static CsvSplit stream(
      Path file, CsvOptions options, SplitRule rule, long seed, Path scratch) {
    Csv csv = new Csv(file, options);
    return csv.split(csv.partition(rule, seed), csv.inFile(scratch));
  }

  /** The same in two parts, as {@link Dataset#split(double, long)} splits. */
  public static CsvSplit stream(
      Path file, CsvOptions options, double trainFraction, long seed, Path scratch) {
    Csv csv = new Csv(file, options);
    return csv.split(csv.partition(trainFraction, seed), csv.inFile(scratch));
  }

  private Partition partition(double trainFraction, long seed) {
    return Partition.random(source.title(), examples, trainFraction, seed);
  }

  private Partition partition(SplitRule rule, long seed) {
    int[] labels = rule.stratified() ? labels() : new int[0];
    return Partition.of(source.title(), examples, rule, labels, seed);
  }

  /** The class of each row; empty for numbers. */
  private int[] labels() {
    CsvTarget target = layout.target();
    if (!target.isClassification()) {
      return new int[0];
    }
    int[] labels = new int[examples];
    source.forEach(
        labels.length,
        (row, i) -> labels[i] = target.label(source.name(), row, layout.targetColumn()));
    return labels;
  }

  private CsvSplit split(Partition partition, IntFunction<FeatureSink> sink) {
    return HeapLimit.reading(file, () -> encodedParts(partition, sink));
  }

  private CsvSplit encodedParts(Partition partition, IntFunction<FeatureSink> sink) {
    TableEncoding raw = fit(partition);
    Split parts = encode(raw, sink).split(partition);
    Dataset train = parts.train();
    Standardizer features = Standardizer.fit(train);
    Standardizer targets = train.isClassification() ? null : Standardizer.fitTargets(train);
    TableEncoding encoding = raw.standardized(features, targets);
    return new CsvSplit(parts.map(encoding::standardized), encoding);
  }

  /** The second pass: what the training rows hold. */
  private TableEncoding fit(Partition partition) {
    List<CsvColumn> seen = CsvScan.columns(source.columns(), options);
    BitSet training = partition.training();
    source.forEach(
        examples,
        (row, i) -> {
          if (training.get(i)) {
            for (int c = 0; c < row.size(); c++) {
              seen.get(c).add(row.cells().get(c), row.line());
            }
          }
        });
    TableEncoding.Form form =
        new TableEncoding.Form(
            layout.heading(),
            options.delimiter(),
            options.maxBytes(),
            options.missing(),
            options.unknown(),
            CellReading.of(options),
            layout.ignored());
    return new TableEncoding(form, layout.fit(seen), layout.target(seen), null, null);
  }

  /** The third pass: all rows, encoded. */
  private Dataset encode(TableEncoding encoding, IntFunction<FeatureSink> sink) {
    TableHeading at =
        new TableHeading(
            layout.featureColumns(), layout.targetColumn(), source.columns(), source.skipFirst());
    return encoding.encode(source, examples, at, sink.apply(encoding.width()));
  }

  private IntFunction<FeatureSink> inFile(Path scratch) {
    return width -> new FeatureSink.InFile(scratch, examples, width);
  }

  /** Split and standardized parts are copies, which are there beside what they were made from. */
  private FeatureSink inMemory(int width) {
    long values = HostMemory.floats(file.toString(), examples, width);
    HeapLimit.require(
        file.toString(),
        String.format(Locale.ROOT, "%d examples of %d values and their parts", examples, width),
        2 * Float.BYTES * values,
        "leave the examples in the file (Csv.stream)");
    return new FeatureSink.InMemory(file.toString(), examples, width);
  }
}
