package talweg.tensorboard;

import java.util.Arrays;

/**
 * How values are distributed: TensorFlow's bucket limits, which grow by a tenth from 1e-12 to 1e20
 * on both sides of 0.
 */
final class Histogram {
  private static final double SMALLEST = 1e-12;
  private static final double LARGEST = 1e20;
  private static final double GROWTH = 1.1;

  private final double[] limits;
  private final double[] counts;
  private final double min;
  private final double max;
  private final double number;
  private final double sum;
  private final double sumOfSquares;

  /** The distribution of the finite ones among the values. */
  Histogram(double[] values) {
    double[] all = limits();
    double[] full = new double[all.length];
    double least = Double.POSITIVE_INFINITY;
    double most = Double.NEGATIVE_INFINITY;
    double n = 0;
    double total = 0;
    double squares = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        full[bucket(all, value)]++;
        least = Math.min(least, value);
        most = Math.max(most, value);
        n++;
        total += value;
        squares += value * value;
      }
    }
    min = n == 0 ? 0 : least;
    max = n == 0 ? 0 : most;
    number = n;
    sum = total;
    sumOfSquares = squares;
    // Empty buckets at both ends are left out, but for one below: it tells where the first begins.
    int first = 0;
    int last = full.length - 1;
    while (first < last && full[first] == 0) {
      first++;
    }
    while (last > first && full[last] == 0) {
      last--;
    }
    limits = Arrays.copyOfRange(all, Math.max(0, first - 1), last + 1);
    counts = Arrays.copyOfRange(full, Math.max(0, first - 1), last + 1);
  }

  /** The message {@code HistogramProto}. */
  ProtoWriter proto() {
    return new ProtoWriter()
        .fixed(1, min)
        .fixed(2, max)
        .fixed(3, number)
        .fixed(4, sum)
        .fixed(5, sumOfSquares)
        .packed(6, limits)
        .packed(7, counts);
  }

  /**
   * Bucket {@code i} holds values from {@code limits[i - 1]} up to but without {@code limits[i]}.
   */
  private static int bucket(double[] limits, double value) {
    int found = Arrays.binarySearch(limits, value);
    return Math.min(found >= 0 ? found + 1 : -found - 1, limits.length - 1);
  }

  private static double[] limits() {
    double[] positive = new double[1024];
    int n = 0;
    for (double limit = SMALLEST; limit < LARGEST; limit *= GROWTH) {
      positive[n++] = limit;
    }
    double[] all = new double[2 * n + 3];
    for (int i = 0; i < n; i++) {
      all[n - i] = -positive[i];
      all[n + 2 + i] = positive[i];
    }
    all[0] = -Double.MAX_VALUE;
    all[n + 1] = 0;
    all[2 * n + 2] = Double.MAX_VALUE;
    return all;
  }
}
