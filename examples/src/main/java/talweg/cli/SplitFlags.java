package talweg.cli;

import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;
import talweg.data.Idx;
import talweg.data.ImageFolder;
import talweg.data.SplitRule;
import talweg.train.DataParts;

/** The flags that say which examples are for training, which for validation, which for the test. */
final class SplitFlags {
  static final String SPLIT = "--split";
  static final String VALIDATION_DATA = "--validation-data";
  static final String TEST_DATA = "--test-data";

  private static final String DEFAULT = "default";
  private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
  private static final Pattern PERCENT = Pattern.compile("-?[0-9]{1,9}(\\.[0-9]{1,9})?");

  @Option(
      names = SPLIT,
      paramLabel = "TRAIN/VALIDATION/TEST",
      defaultValue = DEFAULT,
      description =
          "Percent of the examples for each part, such as 70/15/15, with each class in the same"
              + " proportion; 0 for a part that is not wanted or comes from elsewhere. Or default:"
              + " the test part that the data have, else 20 %% of them (of a single pair of IDX"
              + " files the last 10 %%), and 10 %% of the others for validation. Default:"
              + " ${DEFAULT-VALUE}.")
  private String split;

  @Option(
      names = VALIDATION_DATA,
      paramLabel = "SOURCE",
      description =
          "The validation part, of the kind of --data and encoded as its training rows; an IDX"
              + " folder with one pair of files.")
  private String validationData;

  @Option(
      names = TEST_DATA,
      paramLabel = "SOURCE",
      description = "The test part, likewise; then none of --data is kept for it.")
  private String testData;

  private boolean twoParts;

  /** The percentages as they were written. */
  private record Percentages(
      String text, BigDecimal train, BigDecimal validation, BigDecimal test) {
    static Percentages of(String text) {
      List<BigDecimal> parts = new ArrayList<>();
      for (String part : text.split("/", -1)) {
        if (!PERCENT.matcher(part.strip()).matches()) {
          throw wrong(
              text, "percent for TRAIN/VALIDATION/TEST such as 70/15/15", "\"" + text + "\"");
        }
        parts.add(new BigDecimal(part.strip()));
      }
      if (parts.size() != 3) {
        throw wrong(text, "three numbers such as 70/15/15", Integer.toString(parts.size()));
      }
      BigDecimal sum = parts.stream().reduce(BigDecimal.ZERO, BigDecimal::add);
      if (parts.stream().anyMatch(part -> part.signum() < 0)) {
        throw wrong(text, "percent of at least 0", text);
      }
      if (sum.compareTo(HUNDRED) != 0) {
        throw wrong(text, "numbers that add up to 100", sum.toPlainString());
      }
      if (parts.getFirst().signum() == 0) {
        throw wrong(text, "more than 0 % for training", "0");
      }
      return new Percentages(text, parts.get(0), parts.get(1), parts.get(2));
    }

    SplitRule rule() {
      return SplitRule.stratified(fraction(train), fraction(validation), fraction(test));
    }

    private static double fraction(BigDecimal percent) {
      return percent.divide(HUNDRED).doubleValue();
    }
  }

  private static UsageException wrong(String text, String expected, String got) {
    return new UsageException("%s %s: expected %s, got %s".formatted(SPLIT, text, expected, got));
  }

  /**
   * Keeps the two parts of a run whose flags do not have {@link #SPLIT}: 80 % for training, and the
   * test part for validation, too.
   */
  void keepTwoParts() {
    twoParts = true;
  }

  boolean hasTwoParts() {
    return twoParts;
  }

  /** The value of {@link #SPLIT}, to resume this run; null for a run with two parts. */
  String text() {
    return twoParts ? null : split;
  }

  /** Where the validation part is from, or null if it is from the data themselves. */
  String validationData() {
    return validationData;
  }

  /** Where the test part is from, or null if it is from the data themselves. */
  String testData() {
    return testData;
  }

  /** Reports what does not fit together before anything is read. */
  void requireFitting(String source) {
    rule();
    requireKind(VALIDATION_DATA, validationData, source);
    requireKind(TEST_DATA, testData, source);
    if (validationData != null && testData != null && same(validationData, testData)) {
      throw new UsageException(
          "%s %s: expected other examples than those of %s, by which the best epoch is chosen"
              .formatted(TEST_DATA, testData, VALIDATION_DATA));
    }
  }

  /** Reports what does not fit a source that has a validation or test part of its own. */
  void requireFitting(String source, Path folder) {
    boolean idx = source.startsWith(DataFlags.IDX);
    if (idx ? Idx.hasTestPart(folder) : ImageFolder.hasTestPart(folder)) {
      String files = idx ? "the t10k or test files" : "the folder test";
      boolean given = rule().test().orElse(0) > 0;
      requireUnused(source, "test", files, TEST_DATA, testData, given);
    }
    if (!idx && ImageFolder.hasValidationPart(folder)) {
      boolean given = !isDefault() && rule().validation() > 0;
      requireUnused(
          source, "validation", "a folder beside train", VALIDATION_DATA, validationData, given);
    }
  }

  private void requireUnused(
      String source, String part, String files, String flag, String data, boolean given) {
    if (data != null) {
      throw new UsageException(
          "%s: --data %s has a %s part of its own, %s; leave the flag out, or name data without one"
              .formatted(flag, source, part, files));
    }
    if (given) {
      Percentages percentages = Percentages.of(split);
      throw wrong(
          split,
          "0 %% for the %s part, as --data %s has its own, %s".formatted(part, source, files),
          (part.equals("test") ? percentages.test() : percentages.validation()).toPlainString());
    }
  }

  private boolean isDefault() {
    return twoParts || split.strip().toLowerCase(Locale.ROOT).equals(DEFAULT);
  }

  /** How the examples of {@code --data} are split. */
  SplitRule rule() {
    if (twoParts) {
      return SplitRule.withoutValidation();
    }
    if (!isDefault()) {
      Percentages percentages = Percentages.of(split);
      requireZero(percentages.validation(), validationData, VALIDATION_DATA);
      requireZero(percentages.test(), testData, TEST_DATA);
      return percentages.rule();
    }
    if (testData == null) {
      return validationData == null ? SplitRule.standard() : SplitRule.withoutValidation();
    }
    return validationData == null
        ? SplitRule.stratified(0.9, 0.1, 0)
        : SplitRule.stratified(1, 0, 0);
  }

  /** What a model's file says of its parts. */
  DataParts parts() {
    return new DataParts(
        rule(), validationData == null ? "" : validationData, testData == null ? "" : testData);
  }

  private void requireZero(BigDecimal percent, String given, String flag) {
    if (given != null && percent.signum() > 0) {
      throw wrong(
          split, "0 %% for the part that %s brings".formatted(flag), percent.toPlainString());
    }
  }

  private static void requireKind(String flag, String given, String source) {
    if (given == null) {
      return;
    }
    String kind = source.substring(0, source.indexOf(':') + 1);
    if (kind.isEmpty()) {
      throw new UsageException(
          "%s: --data %s is all there is of its kind; leave the flag out and use %s"
              .formatted(flag, source, SPLIT));
    }
    if (!given.startsWith(kind) || given.length() == kind.length()) {
      throw new UsageException(
          "%s: expected %s as in --data %s, got \"%s\""
              .formatted(flag, kind + "...", source, given));
    }
    if (same(given, source)) {
      throw new UsageException(
          "%s %s: expected other examples than those of --data; leave the flag out, or use %s"
              .formatted(flag, given, SPLIT));
    }
  }

  private static boolean same(String one, String other) {
    return path(one).equals(path(other));
  }

  private static Path path(String source) {
    return Path.of(source.substring(source.indexOf(':') + 1)).toAbsolutePath().normalize();
  }
}
