package talweg.data;

import java.util.Locale;
import java.util.Set;

/**
 * How {@link Csv} reads a table. Start from {@link #defaults()} and change what differs.
 *
 * @param target the column to predict: its name in the header, or its number counted from 1, or
 *     from the end as -1, -2, ...
 * @param task classes or numbers
 * @param header whether the first row names the columns
 * @param missing what to do about cells without a value
 * @param unknown what to do about a category that the training rows do not have
 * @param delimiter the character between two cells
 * @param categorical names or numbers of columns that hold categories although they look numeric
 * @param ignored names or numbers of columns that are left out
 * @param missingTexts texts that stand for a missing value, besides empty cells, {@code NA}, {@code
 *     ?} and {@code nan}
 * @param numbers how numbers are written
 * @param maxCategories most distinct values of a column of categories
 * @param maxBytes most bytes to read, after unpacking
 */
public record CsvOptions(
    String target,
    Task task,
    Header header,
    Missing missing,
    Unknown unknown,
    char delimiter,
    Set<String> categorical,
    Set<String> ignored,
    Set<String> missingTexts,
    Numbers numbers,
    int maxCategories,
    long maxBytes) {
  /** Whether the first row names the columns. */
  public enum Header {
    /** Decided from the values, see {@link Csv}. */
    DETECT,
    /** It does. */
    PRESENT,
    /** It is an example like the others. */
    ABSENT
  }

  /**
   * What to do about cells without a value. A missing target is an error, unless rows are dropped.
   */
  public enum Missing {
    /** An error that names the cell. */
    REFUSE,
    /** The mean over the training rows; for categories, the share of each. */
    MEAN,
    /** The most frequent value of the training rows; of several, the first in order. */
    MODE,
    /** Rows with such a cell are left out. */
    DROP
  }

  /**
   * How numbers are written. Columns of numbers that are written otherwise are refused, as they
   * would be taken for categories.
   */
  public enum Numbers {
    /** As in {@code 1234.5}, and with nothing around them. */
    PLAIN,
    /** Also as in {@code $1,234.50}: thousands may be grouped, and a currency or unit be there. */
    POINT,
    /** Also as in {@code 1.234,50 EUR}: the same with a comma before the fraction. */
    COMMA
  }

  /** What to do about a category that the training rows do not have. */
  public enum Unknown {
    /** An error that names the cell. */
    REFUSE,
    /** None of the column's indicators is set. */
    ZEROS
  }

  /**
   * Copies the collection.
   *
   * @throws IllegalArgumentException if a limit is not positive, or the delimiter cannot be one
   */
  public CsvOptions {
    categorical = Set.copyOf(categorical);
    ignored = Set.copyOf(ignored);
    missingTexts = Set.copyOf(missingTexts);
    if (maxCategories < 1 || maxBytes < 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "csv options: limits must be positive, got maxCategories %d and maxBytes %d",
              maxCategories,
              maxBytes));
    }
    if (!isDelimiter(delimiter)) {
      throw new IllegalArgumentException(
          "csv options: the delimiter must be an ASCII character such as , or ; or a tab, got "
              + Malformed.quote(String.valueOf(delimiter)));
    }
  }

  static boolean isDelimiter(char c) {
    return c < 0x80 && "\"\r\n\0 ".indexOf(c) < 0;
  }

  /**
   * Last column, everything decided from the values, nothing missing, unknown or ignored, plain
   * numbers, commas, at most 100 categories and 2 GiB.
   */
  public static CsvOptions defaults() {
    return new CsvOptions(
        "-1",
        Task.AUTO,
        Header.DETECT,
        Missing.REFUSE,
        Unknown.REFUSE,
        ',',
        Set.of(),
        Set.of(),
        Set.of(),
        Numbers.PLAIN,
        100,
        2L << 30);
  }

  /** The same, predicting another column: its name, or its number from 1 or from the end. */
  public CsvOptions target(String column) {
    return new CsvOptions(
        column,
        task,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with another task. */
  public CsvOptions task(Task value) {
    return new CsvOptions(
        target,
        value,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with another treatment of the first row. */
  public CsvOptions header(Header value) {
    return new CsvOptions(
        target,
        task,
        value,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with another treatment of cells without a value. */
  public CsvOptions missing(Missing value) {
    return new CsvOptions(
        target,
        task,
        header,
        value,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with another treatment of categories that the training rows do not have. */
  public CsvOptions unknown(Unknown value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        value,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with another character between two cells. */
  public CsvOptions delimiter(char value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        value,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with these columns, by name or number, taken for categories. */
  public CsvOptions categorical(Set<String> columns) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        delimiter,
        columns,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same without these columns, by name or number: nothing is learned from them. */
  public CsvOptions ignored(Set<String> columns) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        columns,
        missingTexts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with further texts that stand for a missing value, such as {@code N/A}. */
  public CsvOptions missingTexts(Set<String> texts) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        texts,
        numbers,
        maxCategories,
        maxBytes);
  }

  /** The same with numbers that are written otherwise. */
  public CsvOptions numbers(Numbers value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        value,
        maxCategories,
        maxBytes);
  }

  /** The same with another limit on the distinct values of a column of categories. */
  public CsvOptions maxCategories(int value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        value,
        maxBytes);
  }

  /** The same with another limit on the bytes to read, after unpacking. */
  public CsvOptions maxBytes(long value) {
    return new CsvOptions(
        target,
        task,
        header,
        missing,
        unknown,
        delimiter,
        categorical,
        ignored,
        missingTexts,
        numbers,
        maxCategories,
        value);
  }
}
