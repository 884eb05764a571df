package talweg.solve;

/** The factor L of a symmetric positive definite matrix A = L L^T, by rows. */
record Cholesky(double[][] factor) {
  /**
   * Factors a matrix, of which the lower triangle is read.
   *
   * @return null if it is not positive definite to rounding
   */
  static Cholesky of(double[][] a) {
    int n = a.length;
    double[][] factor = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= factor[i][k] * factor[j][k];
        }
        if (j < i) {
          factor[i][j] = sum / factor[j][j];
        } else if (sum > n * Math.ulp(a[i][i]) && sum < Double.POSITIVE_INFINITY) {
          factor[i][i] = Math.sqrt(sum);
        } else {
          return null;
        }
      }
    }
    return new Cholesky(factor);
  }

  /** The solution x of A x = b. */
  double[] solve(double[] b) {
    double[] x = b.clone();
    for (int i = 0; i < x.length; i++) {
      for (int k = 0; k < i; k++) {
        x[i] -= factor[i][k] * x[k];
      }
      x[i] /= factor[i][i];
    }
    for (int i = x.length - 1; i >= 0; i--) {
      for (int k = i + 1; k < x.length; k++) {
        x[i] -= factor[k][i] * x[k];
      }
      x[i] /= factor[i][i];
    }
    return x;
  }
}
