package talweg.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import talweg.data.Csv;
import talweg.data.CsvOptions;
import talweg.data.CsvSplit;
import talweg.data.Dataset;
import talweg.data.Idx;
import talweg.data.ImageFolder;
import talweg.data.ImageOptions;
import talweg.data.ImageSplit;
import talweg.data.LeftOut;
import talweg.data.Preprocessing;
import talweg.data.Split;
import talweg.data.SplitRule;
import talweg.data.Standardizer;
import talweg.data.TableEncoding;
import talweg.data.Task;
import talweg.examples.EmbeddedDigits;
import talweg.train.DataParts;

/** The flags that choose the data. */
final class DataFlags {
  static final String IDX = "idx:";
  static final String CSV = "csv:";
  static final String IMAGES = "images:";

  @Option(
      names = "--data",
      paramLabel = "SOURCE",
      defaultValue = "digits",
      description = {
        "digits (embedded), idx:DIR (MNIST files), csv:FILE (a table) or images:DIR (PNG and JPEG,"
            + " a folder for each class). Default: ${DEFAULT-VALUE}."
      })
  private String source;

  @Option(
      names = "--stream",
      description =
          "Leave the examples on disk, for data larger than memory: maps IDX files (not packed),"
              + " encodes a CSV into a temporary file, decodes images as they are needed.")
  private boolean stream;

  @Mixin private SplitFlags splitting;

  @ArgGroup(exclusive = false, heading = "%nFor --data csv:%n", order = 100)
  private final TableFlags table = new TableFlags();

  @ArgGroup(exclusive = false, heading = "%nFor --data images:%n", order = 101)
  private final ImageFlags images = new ImageFlags();

  /** How a table is read. */
  static final class TableFlags {
    @Option(
        names = "--target",
        paramLabel = "COL",
        description =
            "Column to predict: its name, or its number from 1 or from the end (-1). Default: the"
                + " last.")
    private String target;

    @Option(
        names = "--task",
        paramLabel = "TASK",
        description = "auto, classify or regress. Default: auto, by the target's values.")
    private Task task;

    @Option(
        names = "--missing",
        paramLabel = "POLICY",
        description =
            "Cells without a value (empty, NA, ?, nan): refuse them, put the mean or the mode of"
                + " the training rows there, or drop their rows, which are counted. Default:"
                + " refuse.")
    private CsvOptions.Missing missing;

    @Option(
        names = "--unknown",
        paramLabel = "POLICY",
        description =
            "Categories that no training row has: refuse them, or zeros. Default: refuse.")
    private CsvOptions.Unknown unknown;

    @Option(
        names = "--categorical",
        paramLabel = "COL[,COL..]",
        hideParamSyntax = true,
        split = ",",
        description = "Columns of numbers that stand for categories.")
    private Set<String> categorical;

    @Option(
        names = "--ignore",
        paramLabel = "COL[,COL..]",
        hideParamSyntax = true,
        split = ",",
        description =
            "Columns to leave out, by name or number: keys, dates, what is not known beforehand."
                + " Later tables may have them or not.")
    private Set<String> ignored;

    @Option(
        names = "--missing-values",
        paramLabel = "TEXT[,TEXT..]",
        hideParamSyntax = true,
        split = ",",
        description = "Further texts that stand for a missing value, such as N/A,NULL,-.")
    private Set<String> missingTexts;

    @Option(
        names = "--numbers",
        paramLabel = "FORM",
        description =
            "How numbers are written: plain (1234.5), or with groups of thousands, a currency,"
                + " percent or unit and a point ($1,234.50) or comma (1.234,50 EUR) before the"
                + " fraction. Default: plain; others are refused.")
    private CsvOptions.Numbers numbers;

    @Option(
        names = "--max-categories",
        paramLabel = "N",
        description =
            "Most different values of a column of categories, each of which becomes a feature."
                + " Default: 100.")
    private Integer maxCategories;

    @Option(
        names = "--header",
        paramLabel = "H",
        description = "First row: detect, present or absent. Default: detect.")
    private CsvOptions.Header header;

    @Option(
        names = "--delimiter",
        paramLabel = "C",
        description = "Between two cells: a character, or tab. Default: a comma.")
    private String delimiter;

    private boolean used() {
      return target != null
          || task != null
          || missing != null
          || unknown != null
          || categorical != null
          || ignored != null
          || missingTexts != null
          || numbers != null
          || maxCategories != null
          || header != null
          || delimiter != null;
    }

    private CsvOptions options() {
      CsvOptions options = CsvOptions.defaults();
      options = target == null ? options : options.target(target);
      options = task == null ? options : options.task(task);
      options = missing == null ? options : options.missing(missing);
      options = unknown == null ? options : options.unknown(unknown);
      options = categorical == null ? options : options.categorical(categorical);
      options = ignored == null ? options : options.ignored(ignored);
      options = missingTexts == null ? options : options.missingTexts(missingTexts);
      options = numbers == null ? options : options.numbers(numbers);
      options = maxCategories == null ? options : options.maxCategories(mostCategories());
      options = header == null ? options : options.header(header);
      return delimiter == null ? options : delimited(options);
    }

    private int mostCategories() {
      if (maxCategories < 1) {
        throw new UsageException("--max-categories: expected at least 1, got " + maxCategories);
      }
      return maxCategories;
    }

    private CsvOptions delimited(CsvOptions options) {
      String character = delimiter.equals("tab") ? "\t" : delimiter;
      try {
        return options.delimiter(character.length() == 1 ? character.charAt(0) : '"');
      } catch (IllegalArgumentException e) {
        throw new UsageException(
            "--delimiter: expected one ASCII character such as ; or the word tab, got \"%s\""
                .formatted(delimiter));
      }
    }
  }

  /** How images are read. */
  static final class ImageFlags {
    @Option(
        names = "--image-size",
        paramLabel = "HxW",
        description =
            "Resample images to this height and width, such as 28x28. Default: as they are, which"
                + " must be all alike.")
    private String size;

    @Option(
        names = "--channels",
        paramLabel = "C",
        description = "auto, gray or colour. Default: auto, colour if any image has colours.")
    private ImageOptions.Channels channels;

    private boolean used() {
      return size != null || channels != null;
    }

    private ImageOptions options(boolean stream) {
      ImageOptions options = ImageOptions.defaults().stream(stream);
      options = channels == null ? options : options.channels(channels);
      if (size == null) {
        return options;
      }
      String expected = "--image-size: expected HEIGHTxWIDTH such as 28x28, got \"%s\"";
      if (!size.matches("[1-9][0-9]{0,4}x[1-9][0-9]{0,4}")) {
        throw new UsageException(expected.formatted(size));
      }
      List<String> parts = List.of(size.split("x"));
      try {
        return options.size(Integer.parseInt(parts.get(0)), Integer.parseInt(parts.get(1)));
      } catch (IllegalArgumentException e) {
        throw new UsageException("--image-size: " + e.getMessage());
      }
    }
  }

  /**
   * Data ready for training.
   *
   * @param name short name for reports
   * @param split the parts
   * @param parts how they were made
   * @param preprocessing what was learned from the training data and belongs to the model, or null
   * @param recipe the network that suits the data
   * @param leftOut rows that were left out, of each source that lost some
   */
  record Loaded(
      String name,
      Split split,
      DataParts parts,
      Preprocessing preprocessing,
      ModelFlags.Recipe recipe,
      Map<String, LeftOut> leftOut) {
    Dataset train() {
      return split.train();
    }

    /** How regression targets were standardised, or null. */
    Standardizer targets() {
      return DataFlags.targets(preprocessing);
    }

    /** For people: how many examples there are of each part. */
    String sizes() {
      if (split.hasTest() && split.hasValidation() && split.validation() == split.test()) {
        return "%,d training and %,d test examples, which are the validation part, too"
            .formatted(train().size(), testExamples());
      }
      return "%,d training, %,d validation and %,d test examples"
          .formatted(train().size(), validationExamples(), testExamples());
    }

    int validationExamples() {
      return split.hasValidation() ? split.validation().size() : 0;
    }

    int testExamples() {
      return split.hasTest() ? split.test().size() : 0;
    }
  }

  /** How features were standardised, or null. */
  static Standardizer features(Preprocessing preprocessing) {
    return preprocessing instanceof TableEncoding table ? table.features().orElse(null) : null;
  }

  /** How regression targets were standardised, or null. */
  static Standardizer targets(Preprocessing preprocessing) {
    return preprocessing instanceof TableEncoding table ? table.targets().orElse(null) : null;
  }

  /** How the examples are split into parts. */
  SplitFlags splitting() {
    return splitting;
  }

  Loaded load(long seed) {
    requireFitting();
    splitting.requireFitting(source);
    SplitRule rule = splitting.rule();
    if (source.equals("digits")) {
      Split digits = EmbeddedDigits.load().split(rule, seed);
      return loaded("digits", digits, null, ModelFlags.Recipe.DIGITS);
    }
    if (source.startsWith(IDX)) {
      Path folder = path(source);
      splitting.requireFitting(source, folder);
      Split idx = stream ? Idx.stream(folder, rule, seed) : Idx.load(folder, rule, seed);
      return loaded(source, idx, null, ModelFlags.Recipe.PLAIN);
    }
    if (source.startsWith(CSV)) {
      CsvOptions options = table.options();
      CsvSplit csv =
          stream
              ? Csv.stream(path(source), options, rule, seed, scratch())
              : Csv.split(path(source), options, rule, seed);
      return loaded(source, csv.split(), csv.encoding(), ModelFlags.Recipe.PLAIN);
    }
    if (source.startsWith(IMAGES)) {
      Path folder = path(source);
      splitting.requireFitting(source, folder);
      ImageSplit split = ImageFolder.split(folder, images.options(stream), rule, seed);
      return loaded(source, split.split(), split.encoding(), ModelFlags.Recipe.PLAIN);
    }
    throw new UsageException(
        "--data: expected digits, idx:DIR, csv:FILE or images:DIR, got \"%s\"".formatted(source));
  }

  /** The same with the parts that other flags bring. */
  private Loaded loaded(
      String name, Split split, Preprocessing preprocessing, ModelFlags.Recipe recipe) {
    Split whole = split;
    String validation = splitting.validationData();
    String test = splitting.testData();
    if (validation != null) {
      String flag = SplitFlags.VALIDATION_DATA;
      whole = whole.withValidation(part(flag, validation, split.train(), preprocessing));
    }
    if (test != null) {
      whole = whole.withTest(part(SplitFlags.TEST_DATA, test, split.train(), preprocessing));
    }
    if (splitting.hasTwoParts()) {
      whole = whole.withValidation(whole.test());
    }
    return new Loaded(
        name, whole, splitting.parts(), preprocessing, recipe, leftOut(preprocessing));
  }

  private Map<String, LeftOut> leftOut(Preprocessing preprocessing) {
    Map<String, LeftOut> rows = new LinkedHashMap<>();
    if (preprocessing instanceof TableEncoding encoding) {
      for (String from : new String[] {source, splitting.validationData(), splitting.testData()}) {
        LeftOut some = from == null ? null : encoding.leftOut(path(from), true);
        if (some != null && some.rows() > 0) {
          rows.put(from, some);
        }
      }
    }
    return rows;
  }

  /** All examples of a source, encoded as the training rows. */
  private Dataset part(String flag, String from, Dataset train, Preprocessing preprocessing) {
    if (preprocessing == null) {
      return SourceParts.pair(flag, from, train, stream);
    }
    return stream ? preprocessing.stream(path(from), scratch()) : preprocessing.load(path(from));
  }

  private static Path scratch() {
    return Path.of(System.getProperty("java.io.tmpdir"));
  }

  private static Path path(String source) {
    return Path.of(source.substring(source.indexOf(':') + 1));
  }

  private void requireFitting() {
    if (table.used() && !source.startsWith(CSV)) {
      throw new UsageException(
          "--data %s: flags for tables were given; they need --data csv:FILE".formatted(source));
    }
    if (images.used() && !source.startsWith(IMAGES)) {
      throw new UsageException(
          "--data %s: flags for images were given; they need --data images:DIR".formatted(source));
    }
    if (stream && source.equals("digits")) {
      throw new UsageException(
          "--stream: the embedded digits are in memory; it needs --data idx:, csv: or images:");
    }
  }
}
