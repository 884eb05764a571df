package talweg.solve;

/** Arithmetic of small vectors on the host. */
final class Vectors {
  private Vectors() {}

  static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /** The 2-norm. */
  static double norm(double[] a) {
    return Math.sqrt(dot(a, a));
  }

  /** The largest magnitude; 0 of an empty vector, NaN if there is one. */
  static double largest(double[] a) {
    double largest = 0;
    for (double x : a) {
      largest = Math.max(largest, Math.abs(x));
    }
    return largest;
  }

  static boolean isFinite(double[] a) {
    for (double x : a) {
      if (!Double.isFinite(x)) {
        return false;
      }
    }
    return true;
  }

  /** a + factor * b. */
  static double[] plus(double[] a, double factor, double[] b) {
    double[] out = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      out[i] = a[i] + factor * b[i];
    }
    return out;
  }

  static double[] minus(double[] a, double[] b) {
    return plus(a, -1, b);
  }

  static double[] times(double factor, double[] a) {
    double[] out = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      out[i] = factor * a[i];
    }
    return out;
  }
}
