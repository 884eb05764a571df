package talweg.data;

/** Refuses columns of numbers that would be taken for something else without a word. */
final class CsvKinds {
  private CsvKinds() {}

  /**
   * Refuses numbers that are not written as plain ones, and numbers among which stand texts that
   * look like marks of missing values: they would become categories.
   *
   * @param orElse what else the column can be declared, with the option for it
   */
  static void requireNumbers(String file, int column, String name, CsvColumn seen, String orElse) {
    if (seen.isDecorated()) {
      CsvColumn.Spot spot = seen.decoration().first();
      throw Malformed.at(
          file,
          "line " + spot.line() + ", " + CsvLayout.place(column, name),
          "plain numbers such as 1234.5",
          "%s, a number with %s, in %s of the column"
              .formatted(
                  Malformed.quote(spot.text()),
                  seen.decoration().what(),
                  Malformed.count(seen.decoration().count(), "cell")),
          "have them read by %s, write them plainly, or declare them %s"
              .formatted(seen.decoration().ways(), orElse));
    }
    if (!seen.marks().isEmpty()) {
      throw Malformed.at(
          file,
          "line " + seen.firstWord().line() + ", " + CsvLayout.place(column, name),
          "a number as in the column's other cells",
          "%s, which looks like a missing value, in %s of the column"
              .formatted(
                  Malformed.quote(seen.firstWord().text()), Malformed.count(seen.words(), "cell")),
          "say what stands for missing values (CsvOptions.missingTexts(\"%s\")), or declare the column %s"
              .formatted(String.join(",", seen.marks()), orElse));
    }
  }

  /** Refuses numbers with different units or currencies. */
  static void requireOneMark(String file, int column, String name, CsvColumn seen) {
    CsvColumn.Spot other = seen.mark().isEmpty() ? null : seen.decoration().otherMark();
    if (other != null) {
      throw Malformed.at(
          file,
          "line " + other.line() + ", " + CsvLayout.place(column, name),
          "one unit or currency, %s as before".formatted(Malformed.quote(seen.mark())),
          Malformed.quote(other.text()),
          "give all numbers of the column in one unit");
    }
  }
}
