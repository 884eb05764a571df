package talweg.check;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/** Settings with what they must refuse, and values at the edge of what they must take. */
public record BadValues(String setting, DoubleFunction<Object> make, double[] bad, double[] good) {
  private static final double[] NOT_FINITE = {Double.NaN, Double.POSITIVE_INFINITY};

  /** Finite and not negative. */
  public static BadValues notNegative(String setting, DoubleFunction<Object> make) {
    return of(setting, make, new double[] {-1e-9, -1}, 0, 1e9);
  }

  /** Finite and positive. */
  public static BadValues positive(String setting, DoubleFunction<Object> make) {
    return of(setting, make, new double[] {-1, 0}, Double.MIN_VALUE, 1e9);
  }

  /** From 0 to 1. */
  public static BadValues fraction(String setting, DoubleFunction<Object> make) {
    return of(setting, make, new double[] {-1e-9, Math.nextUp(1.0)}, 0, 1);
  }

  /** From 0 to below 1. */
  public static BadValues decay(String setting, DoubleFunction<Object> make) {
    return of(setting, make, new double[] {-1e-9, 1, 1.2}, 0, Math.nextDown(1.0));
  }

  /** Positive, infinity included. */
  public static BadValues bound(String setting, DoubleFunction<Object> make) {
    return new BadValues(
        setting,
        make,
        new double[] {-1, 0, Double.NaN},
        new double[] {1e-300, Double.POSITIVE_INFINITY});
  }

  /** A whole number from {@code least} on. */
  public static BadValues atLeast(String setting, int least, DoubleFunction<Object> make) {
    return new BadValues(
        setting, make, new double[] {least - 1, Integer.MIN_VALUE}, new double[] {least});
  }

  private static BadValues of(
      String setting, DoubleFunction<Object> make, double[] bad, double... good) {
    double[] all = Stream.of(bad, NOT_FINITE).flatMapToDouble(java.util.Arrays::stream).toArray();
    return new BadValues(setting, make, all, good);
  }

  /** The error names the setting and the value; what is in range passes. */
  public void check(Class<? extends Throwable> error) {
    for (double value : bad) {
      Throwable e = assertThrows(error, () -> make.apply(value), () -> setting + " " + value);
      String given = value == Math.rint(value) ? Long.toString((long) value) : "" + value;
      assertTrue(e.getMessage().contains(setting), e::getMessage);
      assertTrue(
          e.getMessage().contains("" + value) || e.getMessage().contains(given), e::getMessage);
    }
    for (double value : good) {
      assertDoesNotThrow(() -> make.apply(value), () -> setting + " " + value);
    }
  }

  @Override
  public String toString() {
    return setting;
  }
}
