package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Kernels compiled by nvcc give what Java computes, in whatever order their threads run. */
class InterpreterTest {
  private final Probe probe = Probe.load();
  private final Random random = new Random(1);

  @ParameterizedTest
  @EnumSource
  void shuffles(Schedule order) {
    probe.schedule = order;
    int[] a = random.ints(32).toArray();
    long o = probe.upload(new int[224]);
    probe.launch("shuffles", 32, probe.upload(a), o);
    int[] out = probe.ints(o, 224);
    for (int i = 0; i < 32; i++) {
      assertEquals(a[i + 3 < 32 ? i + 3 : i], out[i]);
      assertEquals(a[i >= 5 ? i - 5 : i], out[32 + i]);
      assertEquals(a[i ^ 9], out[64 + i]);
      assertEquals(a[i * 7 & 31], out[96 + i]);
      assertEquals(a[i % 8 + 2 < 8 ? i + 2 : i], out[128 + i]);
      assertEquals(a[i ^ 1], out[160 + i]);
      assertEquals(i % 2 != 0 ? 0 : a[i + 2 < 32 ? i + 2 : i], out[192 + i]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void votesAndMatches(Schedule order) {
    probe.schedule = order;
    int[] a = random.ints(64, -100, 100).toArray();
    a[40] = 7;
    long o = probe.upload(new int[384]);
    probe.launch("votes", 64, probe.upload(a), o);
    int[] out = probe.ints(o, 384);
    for (int i = 0; i < 64; i++) {
      int first = i / 32 * 32;
      int ballot = 0;
      int equal = 0;
      int sum = 0;
      for (int k = 0; k < 32; k++) {
        ballot |= a[first + k] > 0 ? 1 << k : 0;
        equal |= (a[first + k] & 3) == (a[i] & 3) ? 1 << k : 0;
        sum += a[first + k];
      }
      assertEquals(ballot, out[i]);
      assertEquals((ballot != 0 ? 1 : 0) + (ballot == -1 ? 2 : 0), out[64 + i]);
      assertEquals(Arrays.stream(a).filter(x -> x > 0).count(), out[128 + i]);
      assertEquals(1, out[192 + i]);
      assertEquals(equal, out[256 + i]);
      assertEquals(sum, out[320 + i]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void atomics(Schedule order) {
    probe.schedule = order;
    long o = probe.upload(new int[8]);
    probe.launch("atomics", 64, o);
    int winner = order == Schedule.BACKWARD ? 64 : 1;
    assertArrayEquals(
        new int[] {128, 63, -63, -1, 64 - 41, winner, winner, 63 * 32}, probe.ints(o, 8));
  }

  @ParameterizedTest
  @EnumSource
  void branchesThatPartAndMeet(Schedule order) {
    probe.schedule = order;
    int[] a = IntStream.rangeClosed(1, 70).toArray();
    long o = probe.upload(new int[70]);
    probe.launch("collatz", 70, probe.upload(a), o);
    int[] steps = Arrays.stream(a).map(InterpreterTest::collatz).toArray();
    assertArrayEquals(steps, probe.ints(o, 70));
  }

  private static int collatz(int start) {
    int k = 0;
    for (long n = start; n != 1; k++) {
      n = n % 2 != 0 ? 3 * n + 1 : n / 2;
    }
    return k;
  }

  @ParameterizedTest
  @EnumSource
  void singlePrecision(Schedule order) {
    probe.schedule = order;
    float[] x = new float[45];
    for (int i = 0; i < x.length; i++) {
      x[i] = i < 40 ? (i - 19.5f) / 3 : 500_000f * (i - 42.5f);
    }
    long o = probe.upload(new float[x.length * 12]);
    probe.launch("singles", 64, probe.upload(x), o, x.length);
    float[] out = probe.floats(o, x.length * 12);
    for (int i = 0; i < x.length; i++) {
      double[] expected = functions(x[i]);
      for (int k = 0; k < 12; k++) {
        double actual = out[i * 12 + k];
        float rounded = (float) expected[k];
        double tolerance = 8 * Math.ulp(rounded) + (k == 3 || k == 4 ? 1e-7 : 0);
        assertTrue(
            actual == rounded || Math.abs(actual - expected[k]) <= tolerance,
            "function " + k + " of " + x[i] + ": " + actual + ", expected " + expected[k]);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void doublePrecision(Schedule order) {
    probe.schedule = order;
    double[] x = new double[45];
    for (int i = 0; i < x.length; i++) {
      x[i] = i < 40 ? (i - 19.5) / 3 : 3e12 * (i - 42.5);
    }
    long o = probe.upload(new double[x.length * 12]);
    probe.launch("doubles", 64, probe.upload(x), o, x.length);
    double[] out = probe.doubles(o, x.length * 12);
    for (int i = 0; i < x.length; i++) {
      double[] expected = functions(x[i]);
      for (int k = 0; k < 12; k++) {
        double actual = out[i * 12 + k];
        // The error function of this test is good to fewer digits.
        double tolerance = k == 6 ? 2e-7 : 8 * Math.ulp(expected[k]) + 1e-16;
        assertTrue(
            actual == expected[k] || Math.abs(actual - expected[k]) <= tolerance,
            "function " + k + " of " + x[i] + ": " + actual + ", expected " + expected[k]);
      }
    }
  }

  private static double[] functions(double x) {
    double positive = Math.abs(x);
    return new double[] {
      Math.exp(x),
      Math.log(positive),
      Math.pow(positive, 1.7),
      Math.sin(x),
      Math.cos(x),
      Math.tanh(x),
      erf(x),
      Math.sqrt(positive),
      1 / Math.sqrt(positive),
      Math.log1p(positive),
      1 / x,
      Math.floor(x)
    };
  }

  /** By Simpson's rule on the integral of exp(-t^2). */
  private static double erf(double x) {
    double end = Math.min(Math.abs(x), 7);
    int n = 2000;
    double h = end / n;
    double sum = 1 + Math.exp(-end * end);
    for (int i = 1; i < n; i++) {
      double t = i * h;
      sum += (i % 2 == 0 ? 2 : 4) * Math.exp(-t * t);
    }
    return Math.signum(x) * sum * h / 3 * 2 / Math.sqrt(Math.PI);
  }

  @ParameterizedTest
  @EnumSource
  void integers(Schedule order) {
    probe.schedule = order;
    long[][] pairs = {
      {0x1234_5678_9abc_def0L, 0x0fed_cba9_8765_4321L},
      {-1_000_000_007L, 37},
      {0x8000_0000_8000_0000L, -3},
      {1, -1}
    };
    for (long[] pair : pairs) {
      long x = pair[0];
      long y = pair[1];
      int u = (int) x;
      int v = (int) y;
      long o = probe.upload(new long[20]);
      probe.launch("integers", 1, probe.upload(x, y), o);
      long[] expected = {
        x / y,
        x % y,
        Long.divideUnsigned(x, y),
        (int) ((long) u * v >> 32),
        (u & 0xffffffffL) * (v & 0xffffffffL) >>> 32,
        Math.unsignedMultiplyHigh(x, y),
        Math.multiplyHigh(x, y),
        Long.bitCount(x),
        Integer.numberOfLeadingZeros(u),
        x == 0 ? 0 : Long.numberOfTrailingZeros(x) + 1,
        Integer.reverse(u),
        permuted(u, v, 0x2743),
        (int) ((long) v << 7 | u >>> 25),
        u >> 3,
        u >>> 3,
        x << (v & 63),
        Math.min(u, v),
        Integer.compareUnsigned(u, v) > 0 ? u & 0xffffffffL : v & 0xffffffffL,
        (byte) u,
        u & 0xffff
      };
      assertArrayEquals(expected, probe.longs(o, 20), Arrays.toString(pair));
    }
  }

  private static int permuted(int low, int high, int selector) {
    long bytes = (long) high << 32 | low & 0xffffffffL;
    int result = 0;
    for (int i = 0; i < 4; i++) {
      result |= (int) (bytes >>> 8 * (selector >> 4 * i & 7) & 0xff) << 8 * i;
    }
    return result;
  }

  @ParameterizedTest
  @EnumSource
  void halfPrecision(Schedule order) {
    probe.schedule = order;
    float[] a = {1, -2.5f, 0.1f, 3.14159f, 65_504, 1e-5f, 1.00390625f, 1.01171875f, -0f};
    int n = a.length;
    long b = probe.upload(new int[n]);
    long h = probe.upload(new int[n]);
    long o = probe.upload(new float[3 * n]);
    probe.launch("halves", 32, probe.upload(a), b, h, o, n);
    float[] out = probe.floats(o, 3 * n);
    for (int i = 0; i < n; i++) {
      int bits = Float.floatToRawIntBits(a[i]);
      int even = bits + 0x7fff + (bits >> 16 & 1) & 0xffff0000;
      assertEquals(Float.intBitsToFloat(even), out[i]);
      float half = Float.float16ToFloat(Float.floatToFloat16(a[i]));
      assertEquals(half, out[n + i]);
      float fused = Float.float16ToFloat(Float.floatToFloat16(Math.fma(half, half, half)));
      assertEquals(fused, out[2 * n + i]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void localMemoryVariablesAndStructures(Schedule order) {
    probe.schedule = order;
    int[] index = random.ints(32, 0, 100).toArray();
    long o = probe.upload(new float[32]);
    probe.launch("locals", 32, probe.upload(index), o);
    float[] out = probe.floats(o, 32);
    for (int i = 0; i < 32; i++) {
      assertEquals((index[i] & 15) * index[0], out[i]);
    }
    long v = probe.upload(new int[6]);
    probe.launch("variables", 5, v);
    probe.launch("variables", 5, v);
    assertArrayEquals(new int[] {2, 3, 5, 7, 11, 42}, probe.ints(v, 6));
    ByteBuffer numbers = ByteBuffer.allocate(40).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putInt(0, 1000).putLong(8, 5).putLong(16, 6).putLong(24, 7).putLong(32, 8);
    long s = probe.upload(new long[1]);
    for (int i = 0; i < 4; i++) {
      probe.launch("structures", 1, numbers.array(), i, s);
      assertEquals(1005 + i, probe.longs(s, 1)[0]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void gridsAndDynamicSharedMemory(Schedule order) {
    probe.schedule = order;
    long o = probe.upload(new double[24 * 40]);
    probe.launch("grids", new Grid(2, 3, 4, 40, 1, 1, 320), o);
    double[] out = probe.doubles(o, 24 * 40);
    for (int i = 0; i < out.length; i++) {
      assertEquals(i / 40 * 100 + 39 - i % 40, out[i]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void copiesArriveWhenTheyAreAwaited(Schedule order) {
    probe.schedule = order;
    float[] a = new float[32];
    for (int i = 0; i < a.length; i++) {
      a[i] = i;
    }
    long from = probe.upload(a);
    long o = probe.upload(new float[32]);
    probe.launch("copies", 32, from, o, 1);
    assertEquals(31, probe.floats(o, 32)[0]);
    assertEquals(0, probe.floats(o, 32)[31]);
    probe.launch("copies", 32, from, o, 0);
    assertTrue(Float.isNaN(probe.floats(o, 32)[0]));
  }

  @ParameterizedTest
  @EnumSource
  void matrixProducts(Schedule order) {
    probe.schedule = order;
    matrixProduct("product_bf16", 16, 1);
    matrixProduct("product_tf32", 8, 0);
  }

  private void matrixProduct(String kernel, int depth, double start) {
    int[] a = random.ints(16 * depth, -8, 9).toArray();
    int[] b = random.ints(8 * depth, -8, 9).toArray();
    boolean bf16 = depth == 16;
    long o = probe.upload(new float[128]);
    probe.launch(kernel, 32, bf16 ? pairs(a) : singles(a), bf16 ? pairs(b) : singles(b), o);
    float[] d = probe.floats(o, 128);
    for (int row = 0; row < 16; row++) {
      for (int column = 0; column < 8; column++) {
        double sum = start;
        for (int k = 0; k < depth; k++) {
          sum += a[row * depth + k] * b[column * depth + k];
        }
        assertEquals(sum, d[row * 8 + column], kernel + " " + row + ", " + column);
      }
    }
  }

  private long singles(int[] values) {
    return probe.upload(Arrays.stream(values).map(i -> Float.floatToRawIntBits(i)).toArray());
  }

  private long pairs(int[] values) {
    int[] packed = new int[values.length / 2];
    Arrays.setAll(
        packed,
        i ->
            Float.floatToRawIntBits(values[2 * i]) >>> 16
                | Float.floatToRawIntBits(values[2 * i + 1]) & 0xffff0000);
    return probe.upload(packed);
  }
}
