package talweg.solve;

import java.util.Random;
import java.util.stream.LongStream;

/** Problems from seeds that the names of the tests show. */
final class RandomProblems {
  private RandomProblems() {}

  /** Some fixed seeds, and a new one each time. */
  static LongStream seeds() {
    return LongStream.of(1, 2, 3, 4, 5, System.nanoTime());
  }

  static double[] vector(Random random, int n) {
    return random.doubles(n, -1, 1).toArray();
  }

  static double[][] matrix(Random random, int rows, int columns) {
    double[][] a = new double[rows][];
    for (int i = 0; i < rows; i++) {
      a[i] = vector(random, columns);
    }
    return a;
  }

  /** B^T B + I: positive definite. */
  static double[][] positiveDefinite(Random random, int n) {
    double[][] b = matrix(random, n, n);
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i][i] = 1;
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          a[i][j] += b[k][i] * b[k][j];
        }
      }
    }
    return a;
  }

  static double[] product(double[][] a, double[] x) {
    double[] y = new double[a.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Vectors.dot(a[i], x);
    }
    return y;
  }

  static double[] transposedProduct(double[][] a, double[] x) {
    double[] y = new double[a[0].length];
    for (int i = 0; i < a.length; i++) {
      y = Vectors.plus(y, x[i], a[i]);
    }
    return y;
  }

  static double[] flat(double[][] a) {
    double[] out = new double[a.length * a[0].length];
    for (int i = 0; i < a.length; i++) {
      System.arraycopy(a[i], 0, out, i * a[0].length, a[0].length);
    }
    return out;
  }
}
