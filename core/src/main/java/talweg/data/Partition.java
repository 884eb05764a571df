package talweg.data;

import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;
import talweg.error.DataFormatException;

/** Which of a data set's examples are to train on, and which to test on. */
record Partition(int[] train, int[] test) {
  /** A part at random, which depends on the number of examples and the seed only. */
  static Partition random(String name, int size, double trainFraction, long seed) {
    int train = trainSize(name, size, trainFraction);
    return cut(Permutation.of(size, seed, Permutation.SPLIT), train);
  }

  /** The first examples to train on. */
  static Partition inOrder(String name, int size, double trainFraction) {
    int train = trainSize(name, size, trainFraction);
    return cut(IntStream.range(0, size).toArray(), train);
  }

  /** All examples to train on. */
  static Partition whole(int size) {
    return cut(IntStream.range(0, size).toArray(), size);
  }

  /** The same parts, each in ascending order. */
  Partition sorted() {
    return new Partition(
        Arrays.stream(train).sorted().toArray(), Arrays.stream(test).sorted().toArray());
  }

  /** The examples to train on. */
  BitSet training() {
    BitSet training = new BitSet();
    for (int row : train) {
      training.set(row);
    }
    return training;
  }

  private static Partition cut(int[] order, int train) {
    return new Partition(
        Arrays.copyOf(order, train), Arrays.copyOfRange(order, train, order.length));
  }

  private static int trainSize(String name, int size, double fraction) {
    if (!(fraction > 0 && fraction < 1)) {
      throw new IllegalArgumentException(
          "data set \"%s\": the training fraction must lie between 0 and 1, got %s"
              .formatted(name, fraction));
    }
    // Without the allowance, 0.29 of 100 would be 28: the product is 28.999999999999996.
    int train = (int) Math.floor(size * fraction + 1e-9);
    if (train == 0 || train == size) {
      throw new DataFormatException(
          ("%s: %s cannot be split: a fraction of %s would leave %s;"
                  + " use more data or another fraction")
              .formatted(
                  name,
                  Malformed.count(size, "example"),
                  fraction,
                  train == 0 ? "none to train on" : "none to test on"));
    }
    return train;
  }
}
