package talweg.solve;

/**
 * A symmetric matrix A, factored as {@code P A P' = L D L'} with blocks of one and two in D, by the
 * pivoting of Bunch and Parlett (Golub and Van Loan, <i>Matrix Computations</i>, 4th ed., section
 * 4.4.4). The signs of the eigenvalues can be read from D. For dense matrices of a few hundred
 * rows.
 */
final class LinearSystem {
  /** Balances the growth of one pivot against that of two. */
  private static final double ALPHA = (1 + Math.sqrt(17)) / 8;

  /** Of the scaled matrix, whose elements are at most about 1. */
  private static final double NEGLIGIBLE = 1e-15;

  private static final int SCALINGS = 3;

  private final double[][] matrix;
  private final int n;
  private final double[] scale;

  /** The factors: L below the diagonal, D on it and, for blocks of two, beside it. */
  private final double[][] a;

  private final int[] order;
  private final boolean[] block;
  private int positive;
  private int negative;

  /**
   * Factors a matrix.
   *
   * @param matrix symmetric; not changed, and not to be changed while this is in use
   */
  LinearSystem(double[][] matrix) {
    this.matrix = matrix;
    this.n = matrix.length;
    this.scale = new double[n];
    this.a = new double[n][];
    this.order = new int[n];
    this.block = new boolean[n];
    for (int i = 0; i < n; i++) {
      a[i] = matrix[i].clone();
      scale[i] = 1;
      order[i] = i;
    }
    equilibrate();
    factor();
  }

  /** The number of positive eigenvalues. */
  int positive() {
    return positive;
  }

  /** The number of negative eigenvalues. */
  int negative() {
    return negative;
  }

  /** Whether there is an eigenvalue 0, within the precision. */
  boolean isSingular() {
    return positive + negative < n;
  }

  /** The x with A x = b; only of a matrix that is not singular. */
  double[] solve(double[] b) {
    double[] x = substitute(b);
    // One step of refinement makes up for pivots of very different size.
    double[] residual = new double[n];
    for (int i = 0; i < n; i++) {
      residual[i] = b[i] - Vectors.dot(matrix[i], x);
    }
    return Vectors.plus(x, 1, substitute(residual));
  }

  /** Scales rows and columns alike towards a largest element of 1 (Ruiz 2001). */
  private void equilibrate() {
    for (int pass = 0; pass < SCALINGS; pass++) {
      double[] factor = new double[n];
      for (int i = 0; i < n; i++) {
        double largest = Vectors.largest(a[i]);
        factor[i] = largest > 0 ? 1 / Math.sqrt(largest) : 1;
        scale[i] *= factor[i];
      }
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          a[i][j] *= factor[i] * factor[j];
        }
      }
    }
  }

  private void factor() {
    for (int k = 0; k < n; ) {
      int diagonal = k;
      int row = k;
      int column = k;
      double off = 0;
      for (int i = k; i < n; i++) {
        diagonal = Math.abs(a[i][i]) > Math.abs(a[diagonal][diagonal]) ? i : diagonal;
        for (int j = k; j < i; j++) {
          if (Math.abs(a[i][j]) > off) {
            off = Math.abs(a[i][j]);
            row = j;
            column = i;
          }
        }
      }
      double largest = Math.abs(a[diagonal][diagonal]);
      if (!(Math.max(largest, off) > NEGLIGIBLE)) {
        return;
      }
      if (largest >= ALPHA * off) {
        swap(k, diagonal);
        eliminateOne(k);
        k++;
      } else {
        swap(k, row);
        swap(k + 1, column);
        eliminateTwo(k);
        k += 2;
      }
    }
  }

  private void eliminateOne(int k) {
    double pivot = a[k][k];
    if (pivot > 0) {
      positive++;
    } else {
      negative++;
    }
    for (int i = k + 1; i < n; i++) {
      double factor = a[i][k] / pivot;
      for (int j = k + 1; j <= i; j++) {
        a[i][j] -= factor * a[j][k];
        a[j][i] = a[i][j];
      }
    }
    for (int i = k + 1; i < n; i++) {
      a[i][k] /= pivot;
    }
  }

  /** A block of two that is chosen as a pivot has one eigenvalue of each sign. */
  private void eliminateTwo(int k) {
    block[k] = true;
    positive++;
    negative++;
    for (int i = k + 2; i < n; i++) {
      double[] factor = solveBlock(k, a[i][k], a[i][k + 1]);
      for (int j = k + 2; j <= i; j++) {
        a[i][j] -= factor[0] * a[j][k] + factor[1] * a[j][k + 1];
        a[j][i] = a[i][j];
      }
    }
    for (int i = k + 2; i < n; i++) {
      double[] factor = solveBlock(k, a[i][k], a[i][k + 1]);
      a[i][k] = factor[0];
      a[i][k + 1] = factor[1];
    }
  }

  private double[] solveBlock(int k, double first, double second) {
    double p = a[k][k];
    double q = a[k + 1][k];
    double r = a[k + 1][k + 1];
    double determinant = p * r - q * q;
    return new double[] {
      (r * first - q * second) / determinant, (p * second - q * first) / determinant
    };
  }

  private void swap(int i, int j) {
    if (i == j) {
      return;
    }
    double[] row = a[i];
    a[i] = a[j];
    a[j] = row;
    for (double[] each : a) {
      double element = each[i];
      each[i] = each[j];
      each[j] = element;
    }
    int index = order[i];
    order[i] = order[j];
    order[j] = index;
  }

  private double[] substitute(double[] b) {
    double[] y = new double[n];
    for (int i = 0; i < n; i++) {
      y[i] = scale[order[i]] * b[order[i]];
    }
    for (int k = 0; k < n; k += block[k] ? 2 : 1) {
      for (int i = k + (block[k] ? 2 : 1); i < n; i++) {
        y[i] -= a[i][k] * y[k] + (block[k] ? a[i][k + 1] * y[k + 1] : 0);
      }
    }
    for (int k = 0; k < n; k++) {
      if (block[k]) {
        double[] solved = solveBlock(k, y[k], y[k + 1]);
        y[k] = solved[0];
        y[++k] = solved[1];
      } else {
        y[k] /= a[k][k];
      }
    }
    for (int k = n - 1; k >= 0; k--) {
      // The first column of a block has no factor in the block's second row.
      for (int i = k + (block[k] ? 2 : 1); i < n; i++) {
        y[k] -= a[i][k] * y[i];
      }
    }
    double[] x = new double[n];
    for (int i = 0; i < n; i++) {
      x[order[i]] = scale[order[i]] * y[i];
    }
    return x;
  }
}
