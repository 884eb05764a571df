package talweg.data;

import java.util.OptionalDouble;

/**
 * How examples are split into a training, a validation and a test part. Early stopping, plateau
 * schedules and the choice of the best epoch look at the validation part; the test part is measured
 * once, at the end.
 *
 * <p>Which examples make which part depends on their number, the seed and, if stratified, their
 * labels only.
 *
 * @param train fraction of the training part: of all examples or, without {@code test}, of those
 *     that the test part leaves
 * @param validation fraction of the validation part, of the same examples; 0 for none
 * @param test fraction of the test part, of all examples; 0 for none. Empty for the usual test
 *     part: that of the source if it has one, else a fifth of the examples at random (of a single
 *     pair of IDX files the last tenth)
 * @param stratified whether the parts that have a fraction here have each class in the same
 *     proportion, up to rounding; examples without classes are split at random
 */
public record SplitRule(double train, double validation, OptionalDouble test, boolean stratified) {
  private static final double ROUNDING = 1e-9;

  /**
   * Checks the fractions.
   *
   * @throws IllegalArgumentException unless {@code train} is positive, none is negative, and they
   *     add up to 1
   */
  public SplitRule {
    double sum = train + validation + test.orElse(0);
    boolean valid = train > 0 && validation >= 0 && test.orElse(0) >= 0;
    if (!valid || !(Math.abs(sum - 1) <= ROUNDING)) {
      throw new IllegalArgumentException(
          "split: expected a positive training fraction and others of at least 0 that add up to 1,"
              + " got %s, %s and %s"
                  .formatted(
                      train, validation, test.isPresent() ? test.getAsDouble() : "the usual test"));
    }
  }

  /** The usual test part and, of the rest, a tenth for validation, stratified. */
  public static SplitRule standard() {
    return new SplitRule(0.9, 0.1, OptionalDouble.empty(), true);
  }

  /** The usual test part, and all the rest for training. */
  public static SplitRule withoutValidation() {
    return new SplitRule(1, 0, OptionalDouble.empty(), false);
  }

  /**
   * Parts of the given fractions of all examples, at random.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public static SplitRule fractions(double train, double validation, double test) {
    return new SplitRule(train, validation, OptionalDouble.of(test), false);
  }

  /**
   * As {@link #fractions}, with each class in the same proportion in every part, up to rounding.
   *
   * @throws IllegalArgumentException as the constructor
   */
  public static SplitRule stratified(double train, double validation, double test) {
    return new SplitRule(train, validation, OptionalDouble.of(test), true);
  }

  /**
   * For a source that has a test part of its own.
   *
   * @throws IllegalArgumentException if the rule has a fraction for another one
   */
  void requireUsualTest(String source) {
    if (test.orElse(0) > 0) {
      throw new IllegalArgumentException(
          "%s: has a test part of its own: expected a test fraction of 0, got %s; split the rest only"
              .formatted(source, this));
    }
  }

  /** Number of examples that the test part leaves of {@code size}. */
  int rest(int size) {
    return floor(size, 1 - test.getAsDouble());
  }

  /** Number of training examples among those that the test part leaves. */
  int training(int rest) {
    return floor(rest, train / (train + validation));
  }

  /** Without the allowance, 0.29 of 100 would be 28: the product is 28.999999999999996. */
  static int floor(int size, double fraction) {
    return (int) Math.floor(size * fraction + ROUNDING);
  }

  /** For messages, such as {@code 70/15/15 %}. */
  @Override
  public String toString() {
    String parts = "%s/%s".formatted(percent(train), percent(validation));
    return (test.isPresent()
            ? parts + "/" + percent(test.getAsDouble()) + " %"
            : parts + " % of what the usual test part leaves")
        + (stratified ? ", stratified" : "");
  }

  private static String percent(double fraction) {
    return String.valueOf(Math.round(fraction * 1e6) / 1e4).replaceFirst("\\.0$", "");
  }
}
