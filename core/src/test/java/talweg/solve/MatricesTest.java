package talweg.solve;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MatricesTest {
  static LongStream seeds() {
    return RandomProblems.seeds();
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void choleskySolves(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(20);
    double[][] a = RandomProblems.positiveDefinite(random, n);
    double[] x = RandomProblems.vector(random, n);
    assertArrayEquals(x, Cholesky.of(a).solve(RandomProblems.product(a, x)), 1e-11);
  }

  @Test
  void choleskyTellsWhatIsNotPositiveDefinite() {
    double[][][] others = {
      {{0}},
      {{-1}},
      {{Double.NaN}},
      {{Double.POSITIVE_INFINITY}},
      {{1, 2}, {2, 1}},
      {{1, 1}, {1, 1}}
    };
    for (double[][] other : others) {
      assertNull(Cholesky.of(other), () -> Arrays.deepToString(other));
    }
  }

  /** A v = lambda v, unit vectors at right angles, and the sum of the values is the trace. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void eigenvectorsAreEigenvectors(long seed) {
    Random random = new Random(seed);
    int n = 1 + random.nextInt(20);
    double[][] a = RandomProblems.matrix(random, n, n);
    double trace = 0;
    for (int i = 0; i < n; i++) {
      trace += a[i][i];
      for (int j = 0; j < i; j++) {
        a[i][j] = a[j][i];
      }
    }
    SymmetricEigen eigen = SymmetricEigen.of(a);
    assertEquals(trace, Arrays.stream(eigen.values()).sum(), 1e-13);
    for (int i = 0; i < n; i++) {
      double[] v = eigen.vectors()[i];
      assertArrayEquals(
          Vectors.times(eigen.values()[i], v), RandomProblems.product(a, v), 1e-12, "value " + i);
      assertTrue(eigen.values()[eigen.smallest()] <= eigen.values()[i]);
      for (int j = 0; j <= i; j++) {
        assertEquals(i == j ? 1 : 0, Vectors.dot(v, eigen.vectors()[j]), 1e-13);
      }
    }
  }
}
