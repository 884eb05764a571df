package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearSystemTest {
  /** V' D V with random V has as many eigenvalues of each sign as D (Sylvester's law). */
  @ParameterizedTest
  @ValueSource(longs = {0, 1})
  void solvesAndCountsSigns(long round) {
    long seed = round == 0 ? 42 : System.nanoTime();
    System.out.println("LinearSystemTest.solvesAndCountsSigns: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      int n = 1 + random.nextInt(12);
      int positive = random.nextInt(n + 1);
      double[][] a = new double[n][n];
      for (int k = 0; k < n; k++) {
        double[] v = gaussian(random, n);
        // Far from the other rows, so that the matrix is far from singular.
        v[k] += 4 * n;
        addSquare(a, v, k < positive ? 1 : -1);
      }
      double[] x = gaussian(random, n);
      LinearSystem system = new LinearSystem(a);
      assertEquals(positive, system.positive());
      assertEquals(n - positive, system.negative());
      assertArrayEquals(x, system.solve(times(a, x)), 1e-9);
    }
  }

  @Test
  void aZeroDiagonalTakesBlocksOfTwo() {
    double[][] saddle = {{0, 0, 1, 2}, {0, 0, 3, 4}, {1, 3, 0, 0}, {2, 4, 0, 0}};
    LinearSystem system = new LinearSystem(saddle);
    assertEquals(2, system.positive());
    assertEquals(2, system.negative());
    double[] x = {1, -2, 3, 5};
    assertArrayEquals(x, system.solve(times(saddle, x)), 1e-14);
  }

  @Test
  void scalesOfVeryDifferentSizeAreNoSingularity() {
    double[][] a = {{1e14, 1, 0}, {1, 1e-12, 1e-9}, {0, 1e-9, -1e3}};
    LinearSystem system = new LinearSystem(a);
    assertFalse(system.isSingular());
    double[] x = {1e-2, 1e12, 1};
    double[] solved = system.solve(times(a, x));
    for (int i = 0; i < x.length; i++) {
      assertEquals(x[i], solved[i], 1e-8 * Math.abs(x[i]));
    }
  }

  @Test
  void dependentRowsAreSingular() {
    assertTrue(new LinearSystem(new double[][] {{1, 2, 3}, {2, 4, 6}, {3, 6, 9}}).isSingular());
    assertTrue(new LinearSystem(new double[3][3]).isSingular());
    assertTrue(new LinearSystem(new double[][] {{Double.NaN}}).isSingular());
  }

  private static void addSquare(double[][] a, double[] v, int sign) {
    for (int i = 0; i < v.length; i++) {
      for (int j = 0; j < v.length; j++) {
        a[i][j] += sign * v[i] * v[j];
      }
    }
  }

  private static double[] times(double[][] a, double[] x) {
    double[] out = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      out[i] = Vectors.dot(a[i], x);
    }
    return out;
  }

  private static double[] gaussian(Random random, int n) {
    return random.doubles(n, -1, 1).toArray();
  }
}
