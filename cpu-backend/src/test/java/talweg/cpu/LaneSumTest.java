package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LaneSumTest {
  /** Long enough for the code to be compiled meanwhile. */
  private static final int CALLS = 200_000;

  @Test
  void theOrderIsThatOfHalvesInterpretedAndCompiled() {
    double[] wide = {1e16, 1, -1e16, 3, 1, 1e16, 7, -1e16};
    float[] narrow = {1e8f, 1, -1e8f, 3, 1, 1e8f, 7, -1e8f, 2, 5, 1e8f, 1, 1, -1e8f, 9, 4};
    var doubles = DoubleVector.SPECIES_PREFERRED;
    var floats = FloatVector.SPECIES_PREFERRED;
    double expected = halves(wide, doubles.length());
    float first = LaneSum.of(FloatVector.fromArray(floats, narrow, 0));
    for (int i = 0; i < CALLS; i++) {
      assertEquals(expected, LaneSum.of(DoubleVector.fromArray(doubles, wide, 0)));
      assertEquals(first, LaneSum.of(FloatVector.fromArray(floats, narrow, 0)));
    }
  }

  private static double halves(double[] values, int n) {
    double[] lanes = values.clone();
    for (int half = n / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        lanes[i] += lanes[i + half];
      }
    }
    return lanes[0];
  }

  /** The interpreter sums norms in the order of compiled code. */
  @Test
  void sumsAreTheSameInterpretedAndCompiled() {
    float[] x = new float[1000];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i * 0.7) * (i % 7 == 0 ? 1e4f : 1e-3f);
    }
    VectorFloatUpdates updates = new VectorFloatUpdates();
    double squares = updates.sumOfSquares(x, 0, x.length);
    VectorFloatKernels kernels = new VectorFloatKernels();
    double[] sum = new double[1];
    kernels.sum(x, 0, x.length, sum, new double[1], 0);
    double first = sum[0];
    for (int i = 0; i < CALLS / 10; i++) {
      assertEquals(squares, updates.sumOfSquares(x, 0, x.length));
      sum[0] = 0;
      kernels.sum(x, 0, x.length, sum, new double[1], 0);
      assertEquals(first, sum[0]);
    }
  }

  @Test
  void nothingElseLeavesTheOrderOpen() throws IOException {
    try (var files = Files.walk(Path.of("src/main/java"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String text = Files.readString(file);
        boolean open = text.contains("reduceLanes(VectorOperators.ADD");
        assertFalse(open, file + ": reduceLanes leaves the order of additions open; use LaneSum");
      }
    }
  }
}
