package talweg.data;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Locale;
import java.util.stream.IntStream;
import talweg.error.DataFormatException;

/**
 * Which of a data set's examples are for training, for validation and for the test.
 *
 * @param validation empty without such a part
 * @param test empty without such a part
 */
record Partition(int[] train, int[] validation, int[] test) {
  /** The usual training fraction where a source has no test part of its own. */
  static final double USUAL_TRAIN_FRACTION = 0.8;

  /** Two parts at random, which depend on the number of examples and the seed only. */
  static Partition random(String name, int size, double trainFraction, long seed) {
    int train = trainSize(name, size, trainFraction);
    return cut(Permutation.of(size, seed, Permutation.SPLIT), train);
  }

  /** Two parts, the first examples for training. */
  static Partition inOrder(String name, int size, double trainFraction) {
    int train = trainSize(name, size, trainFraction);
    return cut(IntStream.range(0, size).toArray(), train);
  }

  /** All examples for training. */
  static Partition whole(int size) {
    return cut(IntStream.range(0, size).toArray(), size);
  }

  /**
   * The parts of a source without a test part of its own.
   *
   * @param labels class of each example, or empty if they have none
   */
  static Partition of(String name, int size, SplitRule rule, int[] labels, long seed) {
    Partition tested =
        rule.test().isEmpty()
            ? random(name, size, USUAL_TRAIN_FRACTION, seed)
            : tested(name, size, rule, labels, seed);
    return tested.validated(name, rule, labels, seed);
  }

  /** As many examples for the test as a rule says. */
  private static Partition tested(String name, int size, SplitRule rule, int[] labels, long seed) {
    int rest = rule.rest(size);
    if (rest == size) {
      return whole(size);
    }
    int[] order = Permutation.of(size, seed, Permutation.SPLIT);
    requireTraining(name, size, rest, rule);
    BitSet test = last(order, size - rest, rule.stratified() ? labels : new int[0]);
    return new Partition(without(order, test), new int[0], within(order, test));
  }

  /**
   * The same test part, with the training part split by the fractions of a rule. Which examples are
   * for validation depends on the training part, the seed and, if stratified, the labels.
   *
   * @param labels class of each example of the data set, or empty if they have none
   */
  Partition validated(String name, SplitRule rule, int[] labels, long seed) {
    if (rule.validation() == 0) {
      return this;
    }
    int training = rule.training(train.length);
    requireTraining(name, train.length + test.length, training, rule);
    int[] shuffled =
        Arrays.stream(Permutation.of(train.length, seed, Permutation.VALIDATION))
            .map(i -> train[i])
            .toArray();
    BitSet chosen =
        last(shuffled, train.length - training, rule.stratified() ? labels : new int[0]);
    return new Partition(without(train, chosen), within(train, chosen), test);
  }

  /** The same parts, each in ascending order. */
  Partition sorted() {
    return new Partition(sorted(train), sorted(validation), sorted(test));
  }

  /** The examples for training. */
  BitSet training() {
    BitSet training = new BitSet();
    for (int row : train) {
      training.set(row);
    }
    return training;
  }

  private static Partition cut(int[] order, int train) {
    return new Partition(
        Arrays.copyOf(order, train), new int[0], Arrays.copyOfRange(order, train, order.length));
  }

  /**
   * The last of the rows: {@code count} in all and, with labels, of each class its {@link #quotas}.
   */
  private static BitSet last(int[] rows, int count, int[] labels) {
    boolean classes = labels.length > 0;
    int[] left = classes ? quotas(rows, count, labels) : new int[] {count};
    BitSet chosen = new BitSet();
    for (int i = rows.length - 1; i >= 0; i--) {
      if (left[classes ? labels[rows[i]] : 0]-- > 0) {
        chosen.set(rows[i]);
      }
    }
    return chosen;
  }

  /**
   * How many of {@code count} rows each class gets: in proportion to its rows, rounded down, and
   * one more for those that lose most by that (method of the largest remainder), of equal ones the
   * first classes.
   */
  static int[] quotas(int[] rows, int count, int[] labels) {
    int[] sizes = new int[Arrays.stream(labels).max().orElse(0) + 1];
    for (int row : rows) {
      sizes[labels[row]]++;
    }
    int[] quotas = new int[sizes.length];
    long[] remainders = new long[sizes.length];
    int given = 0;
    for (int c = 0; c < sizes.length; c++) {
      long product = (long) count * sizes[c];
      quotas[c] = (int) (product / rows.length);
      remainders[c] = product % rows.length;
      given += quotas[c];
    }
    IntStream.range(0, sizes.length)
        .boxed()
        .sorted(Comparator.comparingLong(c -> -remainders[c]))
        .limit(count - given)
        .forEach(c -> quotas[c]++);
    return quotas;
  }

  private static int[] within(int[] rows, BitSet chosen) {
    return Arrays.stream(rows).filter(chosen::get).toArray();
  }

  private static int[] without(int[] rows, BitSet chosen) {
    return Arrays.stream(rows).filter(row -> !chosen.get(row)).toArray();
  }

  private static int[] sorted(int[] rows) {
    return Arrays.stream(rows).sorted().toArray();
  }

  private static void requireTraining(String name, int size, int training, SplitRule rule) {
    if (training == 0) {
      throw new DataFormatException(
          "%s: cannot split %s into %s: expected at least one for training, got none; use more data or larger fractions for training"
              .formatted(name, Malformed.count(size, "example"), rule));
    }
  }

  private static int trainSize(String name, int size, double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "data set \"%s\": the training fraction must lie between 0 and 1, got %s"
              .formatted(name, fraction));
    }
    int train = SplitRule.floor(size, fraction);
    if (train == 0 || train == size) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: %s cannot be split: a fraction of %s would leave %s;"
                  + " use more data or another fraction",
              name,
              Malformed.count(size, "example"),
              fraction,
              train == 0 ? "none to train on" : "none to test on"));
    }
    return train;
  }
}
