package talweg.data;

import java.util.List;
import java.util.Set;

/**
 * How {@link Csv} reads a table. Start from {@link #defaults()} and change what differs.
 *
 * @param target the column to predict: its name in the header, or its number counted from 1, or
 *     from the end as -1, -2, ...
 * @param task classes or numbers
 * @param header whether the first row names the columns
 * @param missing what to do about cells without a value
 * @param delimiter the character between two cells
 * @param categorical names or numbers of columns that hold categories although they look numeric
 * @param maxCategories most distinct values of a column of categories
 * @param maxBytes most bytes to read, after unpacking
 * @param featureNames the {@link Dataset#featureNames()} that the result must have; empty for those
 *     that the file suggests
 * @param classNames the {@link Dataset#classNames()} that the result must have; empty for those
 *     that the file suggests
 */
public record CsvOptions(
    String target,
    Task task,
    Header header,
    Missing missing,
    char delimiter,
    Set<String> categorical,
    int maxCategories,
    long maxBytes,
    List<String> featureNames,
    List<String> classNames) {
  /** Whether the first row names the columns. */
  public enum Header {
    /** Decided from the values, see {@link Csv}. */
    DETECT,
    /** It does. */
    PRESENT,
    /** It is an example like the others. */
    ABSENT
  }

  /** What to do about feature cells without a value; the target's must not miss. */
  public enum Missing {
    /** An error that names the cell. */
    REFUSE,
    /**
     * The mean over the file's other rows; for categories, the share of each. Test rows of the same
     * file take part in that mean.
     */
    MEAN
  }

  /**
   * Copies the collections.
   *
   * @throws IllegalArgumentException if a limit is not positive, or the delimiter cannot be one
   */
  public CsvOptions {
    categorical = Set.copyOf(categorical);
    featureNames = List.copyOf(featureNames);
    classNames = List.copyOf(classNames);
    if (maxCategories < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          "csv options: limits must be positive, got maxCategories %d and maxBytes %d"
              .formatted(maxCategories, maxBytes));
    }
    if (delimiter >= 0x80 || "\"\r\n\0 ".indexOf(delimiter) >= 0) {
      throw new IllegalArgumentException(
          "csv options: the delimiter must be an ASCII character such as , or ; or a tab, got "
              + Malformed.quote(String.valueOf(delimiter)));
    }
  }

  /** Last column, everything decided from the values, nothing missing, commas, 100, 2 GiB. */
  public static CsvOptions defaults() {
    return new CsvOptions(
        "-1",
        Task.AUTO,
        Header.DETECT,
        Missing.REFUSE,
        ',',
        Set.of(),
        100,
        2L << 30,
        List.of(),
        List.of());
  }

  /** The same, predicting another column: its name, or its number from 1 or from the end. */
  public CsvOptions target(String column) {
    return new CsvOptions(
        column,
        task,
        header,
        missing,
        delimiter,
        categorical,
        maxCategories,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with another task. */
  public CsvOptions task(Task value) {
    return new CsvOptions(
        target,
        value,
        header,
        missing,
        delimiter,
        categorical,
        maxCategories,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with another treatment of the first row. */
  public CsvOptions header(Header value) {
    return new CsvOptions(
        target,
        task,
        value,
        missing,
        delimiter,
        categorical,
        maxCategories,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with another treatment of cells without a value. */
  public CsvOptions missing(Missing value) {
    return new CsvOptions(
        target,
        task,
        header,
        value,
        delimiter,
        categorical,
        maxCategories,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with another character between two cells. */
  public CsvOptions delimiter(char value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        value,
        categorical,
        maxCategories,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with these columns, by name or number, taken for categories. */
  public CsvOptions categorical(Set<String> columns) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        delimiter,
        columns,
        maxCategories,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with another limit on the distinct values of a column of categories. */
  public CsvOptions maxCategories(int value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        delimiter,
        categorical,
        value,
        maxBytes,
        featureNames,
        classNames);
  }

  /** The same with another limit on the bytes to read, after unpacking. */
  public CsvOptions maxBytes(long value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        delimiter,
        categorical,
        maxCategories,
        value,
        featureNames,
        classNames);
  }

  /**
   * Encodes a file exactly as an earlier one: the same feature columns and categories, the same
   * classes in the same order, for measuring a model on new data.
   *
   * @param features the earlier data set's {@link Dataset#featureNames()}
   * @param classes its {@link Dataset#classNames()}; empty for regression
   */
  public CsvOptions like(List<String> features, List<String> classes) {
    Task sameTask = classes.isEmpty() ? Task.REGRESS : Task.CLASSIFY;
    return new CsvOptions(
        target,
        sameTask,
        header,
        missing,
        delimiter,
        categorical,
        maxCategories,
        maxBytes,
        features,
        classes);
  }
}
