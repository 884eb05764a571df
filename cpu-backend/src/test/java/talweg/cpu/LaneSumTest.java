package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LaneSumTest {
  /** Long enough for the code to be compiled meanwhile. */
  private static final int CALLS = 200_000;

  @Test
  void lanesAreAddedFromTheFirstToTheLast() {
    Random random = new Random(1);
    var doubles = DoubleVector.SPECIES_PREFERRED;
    var floats = FloatVector.SPECIES_PREFERRED;
    double[] wide = random.doubles(doubles.length(), -1, 1).toArray();
    float[] narrow = new float[floats.length()];
    float narrowSum = 0;
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) random.nextGaussian();
      narrowSum += narrow[i];
    }
    double wideSum = 0;
    for (double value : wide) {
      wideSum += value;
    }
    for (int i = 0; i < CALLS; i++) {
      assertEquals(wideSum, LaneSum.of(DoubleVector.fromArray(doubles, wide, 0)));
      assertEquals(narrowSum, LaneSum.of(FloatVector.fromArray(floats, narrow, 0)));
    }
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
