package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.backend.Prerequisite;
import talweg.op.UnaryKind;

class VectorFloatKernelsTest {
  /** Floats from one to the next that is tested: a prime number of them. */
  private static final int STRIDE = 4_993;

  private static final int BLOCK = 1 << 14;

  @BeforeEach
  void needsTheVectorApi() {
    Prerequisite.require(
        VectorLookup.obstacle().isEmpty(),
        Prerequisite.isLinuxOnAmd64(),
        VectorLookup.obstacle().orElse("nothing"));
  }

  @Test
  void doWhatTheScalarKernelsDo() {
    FloatKernelPairs.check();
  }

  /** The species are constants of the JVM, so another width needs another JVM. */
  @ParameterizedTest
  @ValueSource(ints = {128, 256})
  void doTheSameAtAnotherWidth(int bits) throws IOException, InterruptedException {
    Prerequisite.require(
        Lanes.preferredBits() > bits, false, "vectors of more than %d bits".formatted(bits));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-D" + Lanes.BITS_PROPERTY + "=" + bits,
                "-cp",
                System.getProperty("java.class.path"),
                FloatKernelPairs.class.getName())
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());
    assertEquals(0, process.waitFor(), output);
    assertTrue(output.contains("bits " + bits), output);
  }

  /** Bounds in units in the last place of a normal result. */
  static Stream<Arguments> bounds() {
    return Stream.of(
        Arguments.of(UnaryKind.EXP, 1),
        Arguments.of(UnaryKind.LOG, 1),
        Arguments.of(UnaryKind.RSQRT, 1.5),
        Arguments.of(UnaryKind.ERF, 2),
        Arguments.of(UnaryKind.TANH, 3),
        Arguments.of(UnaryKind.SIGMOID, 3),
        Arguments.of(UnaryKind.SILU, 50),
        Arguments.of(UnaryKind.GELU, 6),
        Arguments.of(UnaryKind.GELU_TANH, 11),
        Arguments.of(UnaryKind.SOFTPLUS, 4),
        Arguments.of(UnaryKind.ELU, 2));
  }

  /** A sample of all floats, normal or not, of both signs, infinite and NaN. */
  @ParameterizedTest
  @MethodSource("bounds")
  void functionsAreExactToAFewUlp(UnaryKind kind, double bound) {
    double p = 0.7f;
    Kernels<float[]> kernels = new VectorFloatKernels();
    float[] x = new float[BLOCK];
    float[] out = new float[BLOCK];
    for (long start = Integer.MIN_VALUE; start <= Integer.MAX_VALUE; start += BLOCK * STRIDE) {
      for (int i = 0; i < BLOCK; i++) {
        x[i] = Float.intBitsToFloat((int) (start + (long) i * STRIDE));
      }
      kernels.unary(kind, p, 20, x, 0, out, 0, BLOCK);
      for (int i = 0; i < BLOCK; i++) {
        double expected = Functions.apply(kind, p, 20, x[i]);
        int at = i;
        assertTrue(
            error(expected, out[i]) <= bound,
            () -> "%s(%s): expected %s, got %s".formatted(kind, x[at], expected, out[at]));
      }
    }
  }

  private static double error(double expected, float actual) {
    float rounded = (float) expected;
    if (Float.isNaN(rounded) || Float.isNaN(actual)) {
      return Float.isNaN(rounded) && Float.isNaN(actual) ? 0 : Double.POSITIVE_INFINITY;
    }
    if (rounded == actual) {
      return 0;
    }
    double unit = Math.abs(rounded) < Float.MIN_NORMAL ? 60.0 * Float.MIN_VALUE : Math.ulp(rounded);
    return Math.abs(expected - actual) / unit;
  }
}
