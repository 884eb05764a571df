package talweg.conformance;

import java.util.Locale;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Measures the results of one case against the stored float64 values and remembers the quantity
 * that is worst relative to its tolerance. The measures are those that the vectors' own description
 * defines.
 */
final class Comparison {
  private final DType dtype;
  private final double tolerance;
  private double worst = Double.NaN;
  private double worstTolerance = Double.NaN;
  private String detail = "nothing was compared";
  private boolean passed;
  private int checks;

  /** A comparison of a run in one precision with the tolerance that the case asks for there. */
  Comparison(DType dtype, double tolerance) {
    this.dtype = dtype;
    this.tolerance = tolerance;
    this.passed = true;
  }

  /** The tolerance of a precision in a case's {@code tolerance} object. */
  static double tolerance(Field tolerances, DType dtype) {
    Field tolerance = tolerances.get(key(dtype));
    // Minimisation has one for each quantity.
    return tolerance.has("derivative_scaled")
        ? tolerance.get("derivative_scaled").number()
        : tolerance.number();
  }

  static String key(DType dtype) {
    return dtype == DType.F64 ? "float64" : "float32";
  }

  /** A tensor against {@code {"shape", "float64"}}, by shape and scaled error. */
  void tensor(String quantity, Tensor actual, Field expected) {
    if (actual == null) {
      fail(quantity, "there is no such result");
      return;
    }
    Shape shape = expected.shape();
    if (!actual.shape().equals(shape)) {
      fail(quantity, "expected shape " + shape + ", got " + actual.shape());
      return;
    }
    scaled(quantity, actual.toDoubles(), expected.reference());
  }

  /**
   * The largest deviation relative to the largest reference value, over the finite reference
   * values.
   */
  void scaled(String quantity, double[] actual, double[] reference) {
    scaled(quantity, actual, reference, tolerance);
  }

  void scaled(String quantity, double[] actual, double[] stored, double limit) {
    if (!sameLength(quantity, actual, stored)) {
      return;
    }
    double[] reference = limit == 0 && dtype == DType.F32 ? rounded(stored) : stored;
    double scale = 0;
    for (double value : reference) {
      scale = Double.isFinite(value) ? Math.max(scale, Math.abs(value)) : scale;
    }
    double largest = 0;
    int at = 0;
    for (int i = 0; i < reference.length; i++) {
      double deviation = deviation(actual[i], reference[i]);
      if (deviation > largest) {
        largest = deviation;
        at = i;
      }
    }
    record(quantity, scale == 0 ? largest : largest / scale, limit, at, actual, reference);
  }

  /**
   * Each deviation relative to its own reference value, where that is not below {@code
   * ignoreBelow}.
   */
  void pointwise(
      String quantity, double[] actual, double[] reference, double limit, double ignoreBelow) {
    if (!sameLength(quantity, actual, reference)) {
      return;
    }
    double largest = 0;
    int at = 0;
    for (int i = 0; i < reference.length; i++) {
      if (Math.abs(reference[i]) >= ignoreBelow && Double.isFinite(reference[i])) {
        double deviation = deviation(actual[i], reference[i]) / Math.abs(reference[i]);
        if (deviation > largest) {
          largest = deviation;
          at = i;
        }
      }
    }
    record(quantity + " (pointwise)", largest, limit, at, actual, reference);
  }

  /** The plain difference of two numbers. */
  void absolute(String quantity, double actual, double reference, double limit) {
    absolute(quantity, new double[] {actual}, new double[] {reference}, limit);
  }

  /** The largest plain difference. */
  void absolute(String quantity, double[] actual, double[] reference, double limit) {
    if (!sameLength(quantity, actual, reference)) {
      return;
    }
    double largest = 0;
    int at = 0;
    for (int i = 0; i < reference.length; i++) {
      double deviation = deviation(actual[i], reference[i]);
      if (deviation > largest) {
        largest = deviation;
        at = i;
      }
    }
    record(quantity, largest, limit, at, actual, reference);
  }

  /** Equal integers, such as positions and counts. */
  void exact(String quantity, int[] actual, int[] reference) {
    scaled(quantity, widen(actual), widen(reference), 0);
  }

  /** Notes something that is wrong whatever the tolerance. */
  void fail(String quantity, String reason) {
    checks++;
    passed = false;
    worst = Double.POSITIVE_INFINITY;
    worstTolerance = tolerance;
    detail = quantity + ": " + reason;
  }

  CaseResult result(GoldenCase golden, Session session) {
    CaseResult.Status status =
        passed && checks > 0 ? CaseResult.Status.PASSED : CaseResult.Status.FAILED;
    String backend = session.backend().name();
    return new CaseResult(
        golden.area(), golden.name(), backend, dtype, status, worst, worstTolerance, detail);
  }

  static double relative(double error, double tolerance) {
    // 0 / 0 would be NaN, but an exact result meets every tolerance.
    return error == 0 ? 0 : error / tolerance;
  }

  private void record(
      String quantity, double error, double limit, int at, double[] actual, double[] reference) {
    checks++;
    passed &= error <= limit;
    if (checks > 1 && !(relative(error, limit) > relative(worst, worstTolerance))) {
      return;
    }
    worst = error;
    worstTolerance = limit;
    detail =
        reference.length == 0
            ? quantity
            : String.format(
                Locale.ROOT,
                "%s: error %.2e, tolerance %.0e; element %d is %s, expected %s",
                quantity,
                error,
                limit,
                at,
                actual[at],
                reference[at]);
  }

  /** Infinite unless NaN meets NaN, and an infinity the same infinity. */
  private static double deviation(double actual, double reference) {
    if (Double.isFinite(reference) && Double.isFinite(actual)) {
      return Math.abs(actual - reference);
    }
    return Double.compare(actual, reference) == 0 ? 0 : Double.POSITIVE_INFINITY;
  }

  private boolean sameLength(String quantity, double[] actual, double[] reference) {
    if (actual.length == reference.length) {
      return true;
    }
    fail(quantity, "expected " + reference.length + " elements, got " + actual.length);
    return false;
  }

  /** What equality means in F32: the stored value need not have an exact counterpart there. */
  private static double[] rounded(double[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) values[i];
    }
    return out;
  }

  private static double[] widen(int[] values) {
    double[] out = new double[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i];
    }
    return out;
  }
}
