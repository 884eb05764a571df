package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LaneSumTest {
  /** Long enough for the code to be compiled meanwhile. */
  private static final int CALLS = 200_000;

  @Test
  void lanesAreAddedFromTheFirstToTheLast() {
    assertEquals((1e16 + 1) - 1e16 + 3, LaneSum.of(new double[] {1e16, 1, -1e16, 3}));
    assertEquals((1e8f + 1) - 1e8f + 3, LaneSum.of(new float[] {1e8f, 1, -1e8f, 3}));
  }

  /** The interpreter sums norms in the order of compiled code. */
  @Test
  void sumsAreTheSameInterpretedAndCompiled() {
    float[] x = new float[1000];
    Random random = new Random(2);
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
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
