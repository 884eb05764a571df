package talweg.solve;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix by cyclic Jacobi rotations (Golub and Van
 * Loan, <i>Matrix Computations</i>, 4th ed., section 8.5).
 *
 * @param values in no particular order
 * @param vectors the unit vector of value i is row i
 */
record SymmetricEigen(double[] values, double[][] vectors) {
  private static final int MAX_SWEEPS = 50;

  static SymmetricEigen of(double[][] matrix) {
    int n = matrix.length;
    double[][] a = new double[n][];
    double[][] v = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i] = matrix[i].clone();
      v[i][i] = 1;
    }
    double enough = Math.ulp(1.0) * norm(a);
    for (int sweep = 0; sweep < MAX_SWEEPS && offDiagonal(a) > enough; sweep++) {
      for (int p = 0; p < n; p++) {
        for (int q = p + 1; q < n; q++) {
          rotate(a, v, p, q);
        }
      }
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = a[i][i];
    }
    return new SymmetricEigen(values, v);
  }

  /** The index of the smallest eigenvalue. */
  int smallest() {
    int smallest = 0;
    for (int i = 1; i < values.length; i++) {
      if (values[i] < values[smallest]) {
        smallest = i;
      }
    }
    return smallest;
  }

  /** Makes a[p][q] zero. */
  private static void rotate(double[][] a, double[][] v, int p, int q) {
    if (a[p][q] == 0) {
      return;
    }
    double tau = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, tau) / (Math.abs(tau) + Math.hypot(1, tau));
    double c = 1 / Math.hypot(1, t);
    double s = t * c;
    for (double[] row : a) {
      double x = row[p];
      row[p] = c * x - s * row[q];
      row[q] = s * x + c * row[q];
    }
    for (double[][] matrix : new double[][][] {a, v}) {
      for (int k = 0; k < a.length; k++) {
        double x = matrix[p][k];
        matrix[p][k] = c * x - s * matrix[q][k];
        matrix[q][k] = s * x + c * matrix[q][k];
      }
    }
  }

  private static double norm(double[][] a) {
    double sum = 0;
    for (double[] row : a) {
      sum += Vectors.dot(row, row);
    }
    return Math.sqrt(sum);
  }

  private static double offDiagonal(double[][] a) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < i; j++) {
        sum += 2 * a[i][j] * a[i][j];
      }
    }
    return Math.sqrt(sum);
  }
}
