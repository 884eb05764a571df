package talweg.data;

/** Where the numbers of a column lie, taken in one by one (B. P. Welford, 1962). */
final class Spread {
  /**
   * Rounding to a float shifts a number by up to 2^-24 of it: harmless up to so many deviations.
   */
  private static final double FAR = 256;

  private long count;
  private double mean;
  private double squares;
  private double largest;
  private boolean inexact;

  void add(double value) {
    count++;
    double distance = value - mean;
    mean += distance / count;
    squares += distance * (value - mean);
    largest = Math.max(largest, Math.abs(value));
    inexact |= (float) value != value;
  }

  double mean() {
    return mean;
  }

  /** The standard deviation, with divisor {@code n}. */
  double deviation() {
    return Math.sqrt(squares / count);
  }

  /** Whether the differences of the numbers would suffer if they were rounded to floats. */
  boolean isTooFine() {
    double deviation = deviation();
    return inexact
        && deviation > 0
        && (largest > FAR * deviation || deviation < FAR * Float.MIN_NORMAL);
  }
}
