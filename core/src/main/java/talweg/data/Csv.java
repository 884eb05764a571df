package talweg.data;

import java.nio.file.Path;
import java.util.List;
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
 * numbers are an error. {@code NA}, {@code ?}, {@code nan} and empty cells are missing values.
 *
 * <p><b>Target.</b> Text is classes, in sorted order; so are integers if there are at most 20
 * different ones and 5 examples of each on average; other numbers are regression targets.
 *
 * <p>The file is read twice, and besides the result only the distinct values of a column are held.
 */
public final class Csv {
  private Csv() {}

  /** Loads a table with {@link CsvOptions#defaults()}. */
  public static Dataset load(Path file) {
    return load(file, CsvOptions.defaults());
  }

  /**
   * Loads a table.
   *
   * @return examples of shape {@code [features]} in file order, named after the file
   * @throws InputNotFoundException if there is no such file
   * @throws DataFormatException if it is not a table as described, naming line and column
   */
  public static Dataset load(Path file, CsvOptions options) {
    String name = file.toString();
    CsvSchema schema;
    try (CsvReader reader = open(file, options)) {
      schema = CsvSchema.of(name, CsvScan.of(name, reader, options), options);
    }
    List<String> names = schema.featureNames();
    float[] features = new float[HostMemory.floats(name, schema.rows(), names.size())];
    try (CsvReader reader = open(file, options)) {
      return encode(name, schema, reader, features, title(file)).withFeatureNames(names);
    }
  }

  private static CsvReader open(Path file, CsvOptions options) {
    return new CsvReader(ByteSource.open(file, options.maxBytes()), options.delimiter());
  }

  private static Dataset encode(
      String file, CsvSchema schema, CsvReader reader, float[] features, String title) {
    CsvTarget target = schema.target();
    boolean classes = target.isClassification();
    int n = (int) schema.rows();
    int width = features.length / n;
    int[] labels = new int[classes ? n : 0];
    float[] numbers = new float[classes ? 0 : n];
    CsvRow row = reader.next();
    if (schema.skipFirst() && row != null) {
      row = reader.next();
    }
    int done = 0;
    for (; row != null && row.size() == schema.columns() && done < n; row = reader.next(), done++) {
      int at = done * width;
      for (CsvFeature feature : schema.features()) {
        feature.encode(file, row, features, at);
        at += feature.width();
      }
      if (classes) {
        labels[done] = target.label(file, row);
      } else {
        numbers[done] = target.number(file, row);
      }
    }
    if (row != null || done < n) {
      throw new DataFormatException(
          file + ": changed while it was read: expected the same rows twice; load it again");
    }
    int[] shape = {width};
    List<String> outputs = classes ? target.classNames() : List.of(target.name());
    return classes
        ? Dataset.ownedClassification(title, features, shape, labels, outputs.size())
            .withClassNames(outputs)
        : Dataset.ownedRegression(title, features, shape, numbers, outputs);
  }

  /** The file's name without its endings, such as {@code iris} for {@code data/iris.csv.gz}. */
  private static String title(Path file) {
    String name = String.valueOf(file.getFileName());
    String bare =
        name.replaceFirst("(?i)\\.gz$", "").replaceFirst("(?i)\\.(csv|tsv|txt|data)$", "");
    return bare.isEmpty() ? name : bare;
  }
}
