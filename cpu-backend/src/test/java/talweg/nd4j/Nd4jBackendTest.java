package talweg.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.backend.Prerequisite;
import talweg.cpu.Form;
import talweg.cpu.Twin;
import talweg.cpu.Twins;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.error.OutOfMemoryException;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.session.Backends;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Every method of ND4J's backend beside the reference. */
class Nd4jBackendTest {
  @BeforeAll
  static void onlyWhereThereIsNd4j() {
    Optional<String> missing = new Nd4jProvider().unavailableReason();
    Prerequisite.require(
        missing.isEmpty(), Prerequisite.isLinuxOnAmd64(), missing.orElse("nothing"));
  }

  private static final List<DType> ARITHMETIC = List.of(DType.F32, DType.F64);

  /**
   * ND4J computes tanh, sigmoid and erfc so that tiny results keep the precision of results around
   * 1 only, or become 0, and with them what is built on them; all others must be exact relative to
   * themselves.
   */
  private static final Set<UnaryKind> TINY_RESULTS_DIFFER =
      EnumSet.of(
          UnaryKind.TANH, UnaryKind.SIGMOID, UnaryKind.SILU, UnaryKind.GELU, UnaryKind.GELU_TANH);

  private final Backend nd4j = new Nd4jProvider().open(DeviceSpec.DEFAULT);

  private Twins twins(long seed) {
    return new Twins(seed, nd4j);
  }

  private static List<Shape> shapes(Twins twins) {
    List<Shape> shapes =
        new ArrayList<>(List.of(Shape.SCALAR, Shape.of(1, 1), Shape.of(3, 0, 2), Shape.of(2, 700)));
    for (int rank = 1; rank <= 4; rank++) {
      shapes.add(twins.shape(rank, 200));
    }
    return shapes;
  }

  @ParameterizedTest
  @EnumSource(UnaryKind.class)
  void unary(UnaryKind kind) {
    Twins twins = twins(kind.ordinal());
    double scale = TINY_RESULTS_DIFFER.contains(kind) ? 1 : 1e-37;
    for (DType dtype : ARITHMETIC) {
      for (Shape shape : shapes(twins)) {
        for (Form form : Form.values()) {
          Twin in = twins.special(dtype, shape, form);
          Twin out = twins.normal(dtype, shape, twins.writable());
          twins.run((b, v) -> b.unary(kind, 0.75, 1.5, v[0], v[1]), in, out);
          twins.assertClose(out, Twins.tolerance(dtype), scale);
        }
        Twin same = twins.special(dtype, shape, twins.writable());
        twins.run((b, v) -> b.unary(kind, 0.75, 1.5, v[0], v[0]), same);
        twins.assertClose(same, Twins.tolerance(dtype), scale);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(BinaryKind.class)
  void binary(BinaryKind kind) {
    Twins twins = twins(kind.ordinal());
    List<DType> types =
        kind.isComparison() ? List.of(DType.F32, DType.F64, DType.I32, DType.I64) : ARITHMETIC;
    for (DType dtype : types) {
      for (Shape shape : shapes(twins)) {
        Twin a = twins.special(dtype, shape, twins.form());
        Twin b = twins.special(dtype, shape, twins.form());
        DType result = kind.isComparison() ? DType.U8 : dtype;
        Twin out = twins.normal(result, shape, twins.writable());
        twins.run((back, v) -> back.binary(kind, v[0], v[1], v[2]), a, b, out);
        twins.assertClose(out, Twins.tolerance(dtype), 1e-37);
        if (!kind.isComparison()) {
          twins.run((back, v) -> back.binary(kind, v[0], v[1], v[1]), a, out);
          twins.assertClose(out, Twins.tolerance(dtype), 1e-37);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void where(DType dtype) {
    Twins twins = twins(dtype.ordinal());
    for (Shape shape : shapes(twins)) {
      Twin condition = twins.of(DType.U8, shape, twins.form(), () -> twins.random.nextInt(3));
      Twin a = twins.special(dtype, shape, twins.form());
      Twin b = twins.special(dtype, shape, twins.form());
      Twin out = twins.normal(dtype, shape, twins.writable());
      twins.run((back, v) -> back.where(v[0], v[1], v[2], v[3]), condition, a, b, out);
      twins.assertSame(out);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void affineCopyAndFill(DType dtype) {
    Twins twins = twins(dtype.ordinal());
    for (Shape shape : shapes(twins)) {
      for (DType to : DType.values()) {
        Twin in = twins.special(dtype, shape, twins.form());
        Twin out = twins.normal(to, shape, twins.writable());
        twins.run((b, v) -> b.copy(v[0], v[1]), in, out);
        twins.assertSame(out);
      }
      for (double value : new double[] {0, -1, 2.5, 300, 1e10, 1.00390625, Double.NaN}) {
        Twin out = twins.normal(dtype, shape, twins.writable());
        twins.run((b, v) -> b.fill(v[0], value), out);
        twins.assertSame(out);
      }
      if (dtype.isArithmetic()) {
        Twin in = twins.special(dtype, shape, twins.form());
        Twin out = twins.normal(dtype, shape, twins.writable());
        twins.run((b, v) -> b.affine(0.1, -0.7, v[0], v[1]), in, out);
        twins.run((b, v) -> b.affine(-3, 0, v[0], v[0]), out);
        twins.assertClose(out, Twins.tolerance(dtype), 1);
      }
    }
  }

  @Test
  void readsBackwards() {
    Twins twins = twins(1);
    Twin line = twins.normal(DType.F32, Shape.of(40), Form.CONTIGUOUS);
    Twin in = new Twin(backwards(line.expected()), backwards(line.actual()));
    Twin out = twins.normal(DType.F32, Shape.of(3, 4), Form.TRANSPOSED);
    twins.run((b, v) -> b.copy(v[0], v[1]), in, out);
    twins.assertSame(out);
    twins.run((b, v) -> b.binary(BinaryKind.ADD, v[0], v[1], v[1]), in, out);
    twins.assertSame(out);
  }

  private static View backwards(View line) {
    return new View(line.buffer(), line.offset() + 30, Shape.of(3, 4), new long[] {1, -2});
  }

  @ParameterizedTest
  @EnumSource(ReduceKind.class)
  void reduce(ReduceKind kind) {
    Twins twins = twins(kind.ordinal());
    for (DType dtype : ARITHMETIC) {
      for (Shape shape :
          List.of(Shape.of(7), Shape.of(2, 700), Shape.of(300, 3), Shape.of(4, 5, 6))) {
        for (int bits = 0; bits < 1 << shape.rank(); bits++) {
          int mask = bits;
          int[] axes = IntStream.range(0, shape.rank()).filter(i -> (mask >> i & 1) == 1).toArray();
          if (!kind.isIndex() || axes.length == 1) {
            checkReduce(twins, kind, dtype, shape, axes);
          }
        }
      }
    }
  }

  private static void checkReduce(
      Twins twins, ReduceKind kind, DType dtype, Shape shape, int... axes) {
    boolean sum = kind.isSum();
    Shape reduced = shape.reduced(axes, true);
    int axis = axes.length == 1 ? axes[0] : -1;
    for (Form form : Form.values()) {
      for (boolean special : new boolean[] {false, true}) {
        Twin in = special ? twins.special(dtype, shape, form) : twins.normal(dtype, shape, form);
        Twin out = twins.normal(kind.isIndex() ? DType.I32 : dtype, reduced, twins.writable());
        twins.run((b, v) -> b.reduce(kind, axis, v[0], v[1]), in, out);
        // Huge terms that cancel leave what is rounded of them.
        double scale = special ? 1e32 : Math.sqrt((double) shape.size() / reduced.size());
        twins.assertClose(out, sum ? Twins.tolerance(dtype) : 0, sum ? scale : 0);
      }
    }
  }

  @Test
  void sumsAreAtLeastAsExactAsPairwise() {
    Twins twins = twins(1);
    for (DType dtype : ARITHMETIC) {
      double large = dtype == DType.F32 ? 1e8 : 1e17;
      int[] next = {0};
      Twin in =
          twins.of(dtype, Shape.of(30_000), Form.CONTIGUOUS, () -> next[0]++ < 1 ? large : 1.25);
      Twin out = twins.normal(dtype, Shape.of(1), Form.CONTIGUOUS);
      twins.run((b, v) -> b.reduce(ReduceKind.SUM, -1, v[0], v[1]), in, out);
      // log2(30000) = 15 roundings at most; one term after the other would lose them all.
      twins.assertClose(out, 15 * (dtype == DType.F32 ? 6e-8 : 1.2e-16), 0);
    }
  }

  @Test
  void sumsOfNothingAreZeroAndMeansNan() {
    Twins twins = twins(0);
    Twin in = twins.normal(DType.F32, Shape.of(3, 0, 4), Form.CONTIGUOUS);
    for (Shape shape : List.of(Shape.of(3, 1, 4), Shape.of(1, 1, 1), Shape.of(3, 0, 1))) {
      Twin out = twins.normal(DType.F32, shape, Form.CONTIGUOUS);
      for (ReduceKind kind : List.of(ReduceKind.SUM, ReduceKind.MEAN)) {
        twins.run((b, v) -> b.reduce(kind, -1, v[0], v[1]), in, out);
        twins.assertSame(out);
      }
    }
  }

  @Test
  void matmul() {
    Twins twins = twins(3);
    int[][] extents = {{1, 1, 1}, {33, 70, 1}, {1, 30, 17}, {9, 40, 70}, {0, 3, 4}, {3, 0, 4}};
    for (DType dtype : List.of(DType.F32, DType.F64, DType.BF16)) {
      for (int[] mkn : extents) {
        for (int[] batch : new int[][] {{}, {3}, {2, 3}}) {
          for (int trans = 0; trans < 4; trans++) {
            boolean transA = (trans & 1) == 1;
            boolean transB = (trans & 2) == 2;
            Twin a = matrix(twins, dtype, batch, mkn[0], mkn[1], transA);
            Twin b = matrix(twins, dtype, batch, mkn[1], mkn[2], transB);
            DType result = dtype == DType.F64 ? dtype : DType.F32;
            Shape shape = shape(batch, mkn[0], mkn[2]);
            Twin out = twins.normal(result, shape, twins.writable());
            for (double beta : new double[] {0, 0.75}) {
              twins.run(
                  (back, v) -> back.matmul(transA, transB, -0.5, beta, v[0], v[1], v[2]),
                  a,
                  b,
                  out);
              twins.assertClose(out, Twins.sumTolerance(result), 10);
            }
          }
        }
      }
    }
  }

  private static Twin matrix(
      Twins twins, DType dtype, int[] batch, int rows, int columns, boolean transposed) {
    Shape shape = transposed ? shape(batch, columns, rows) : shape(batch, rows, columns);
    return twins.normal(dtype, shape, twins.form());
  }

  private static Shape shape(int[] batch, int rows, int columns) {
    return Shape.of(IntStream.concat(IntStream.of(batch), IntStream.of(rows, columns)).toArray());
  }

  @Test
  void betaZeroDoesNotReadTheOutput() {
    Twins twins = twins(5);
    Twin a = twins.normal(DType.F32, Shape.of(3, 4), Form.CONTIGUOUS);
    Twin b = twins.normal(DType.F32, Shape.of(4, 5), Form.CONTIGUOUS);
    for (Form form : Form.WRITABLE) {
      Twin out = twins.of(DType.F32, Shape.of(3, 5), form, () -> Double.NaN);
      twins.run((back, v) -> back.matmul(false, false, 1, 0, v[0], v[1], v[2]), a, b, out);
      twins.assertClose(out, 1e-5, 1);
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void gatherAndScatterAdd(DType dtype) {
    Twins twins = twins(dtype.ordinal());
    for (int round = 0; round < 30; round++) {
      Shape whole = twins.shape(twins.random.nextInt(1, 5), 200);
      int axis = twins.random.nextInt(whole.rank());
      Shape selected = whole.with(axis, twins.random.nextInt(9));
      Twin index =
          twins.of(
              round % 2 == 0 ? DType.I32 : DType.I64,
              selected,
              twins.form(),
              () -> twins.random.nextInt(whole.dim(axis)));
      Twin in = twins.special(dtype, whole, twins.form());
      Twin out = twins.normal(dtype, selected, twins.writable());
      twins.run((b, v) -> b.gather(axis, v[0], v[1], v[2]), in, index, out);
      twins.assertSame(out);
      if (dtype.isArithmetic()) {
        Twin sum = twins.normal(dtype, whole, twins.writable());
        twins.run((b, v) -> b.scatterAdd(axis, v[0], v[1], v[2]), out, index, sum);
        twins.assertSame(sum);
      }
    }
  }

  @Test
  void anIndexOutOfRangeIsReportedAsByTheReference() {
    Twins twins = twins(3);
    Twin whole = twins.normal(DType.F32, Shape.of(5, 7), Form.CONTIGUOUS);
    Twin selected = twins.normal(DType.F32, Shape.of(5, 4), Form.TRANSPOSED);
    for (long bad : new long[] {-1, 7, Long.MAX_VALUE, Long.MIN_VALUE}) {
      int[] next = {0};
      Twin index =
          twins.of(DType.I64, Shape.of(5, 4), Form.CONTIGUOUS, () -> next[0]++ == 13 ? bad : 3);
      ShapeException expected =
          assertThrows(
              ShapeException.class,
              () ->
                  twins.reference.gather(
                      1, whole.expected(), index.expected(), selected.expected()));
      ShapeException actual =
          assertThrows(
              ShapeException.class,
              () -> nd4j.gather(1, whole.actual(), index.actual(), selected.actual()));
      assertEquals(expected.getMessage(), actual.getMessage());
      assertThrows(
          ShapeException.class,
          () -> nd4j.scatterAdd(1, selected.actual(), index.actual(), whole.actual()));
      twins.assertSame(whole);
    }
  }

  @ParameterizedTest
  @EnumSource(RandomKind.class)
  void randomNumbersAreThoseOfTheReference(RandomKind kind) {
    Twins twins = twins(7);
    for (DType dtype : ARITHMETIC) {
      Twin state = twins.of(DType.F64, Shape.of(StepState.LENGTH), Form.CONTIGUOUS, () -> 5);
      Twin out = twins.normal(dtype, Shape.of(1001), Form.CONTIGUOUS);
      twins.run((b, v) -> b.random(kind, 42, 3, v[0], v[1]), state, out);
      twins.assertSame(out);
    }
  }

  @Test
  void namesItselfAndIsOnlyUsedWhenAskedFor() {
    assertEquals("nd4j", nd4j.name());
    assertTrue(
        nd4j.device().matches(".+, \\d+ threads?, ND4J \\d+.+ with OPENBLAS"), nd4j.device());
    assertTrue(nd4j.memoryBytes() > 0 && nd4j.memoryBytes() < Long.MAX_VALUE);
    try (Backend auto = Backends.open("auto")) {
      assertEquals("cpu", auto.name());
    }
    try (Backend asked = Backends.open("nd4j")) {
      assertEquals("nd4j", asked.name());
    }
  }

  @Test
  void thereIsOneDeviceThatMultipliesInF32() {
    DeviceSpec second = new DeviceSpec(1, 0);
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> new Nd4jProvider().open(second));
    assertTrue(e.getMessage().contains("index 1"), e.getMessage());
  }

  @Test
  void memoryEndsWithAnErrorThatSaysHowMuchWasWanted() {
    BackendException e =
        assertThrows(OutOfMemoryException.class, () -> nd4j.allocate(DType.F32, 1L << 45));
    assertTrue(e.getMessage().contains((1L << 47) + " bytes"), e.getMessage());
  }

  @Test
  void useAfterReleaseIsFound() {
    Buffer buffer = nd4j.allocate(DType.F32, 4);
    View view = View.contiguous(buffer, 0, Shape.of(4));
    nd4j.fill(view, 1);
    nd4j.release(buffer);
    assertThrows(AssertionError.class, () -> nd4j.unary(UnaryKind.ABS, 0, 0, view, view));
    assertThrows(AssertionError.class, () -> nd4j.release(buffer));
  }

  @Test
  void brokenPromisesAreFound() {
    View a = View.contiguous(nd4j.allocate(DType.F32, 6), 0, Shape.of(2, 3));
    View b = View.contiguous(nd4j.allocate(DType.F32, 6), 0, Shape.of(3, 2));
    View repeated = new View(a.buffer(), 0, Shape.of(2, 3), new long[] {0, 1});
    assertThrows(AssertionError.class, () -> nd4j.copy(a, b));
    assertThrows(AssertionError.class, () -> nd4j.copy(a, repeated));
    assertThrows(AssertionError.class, () -> nd4j.matmul(false, false, 1, 0, a, a, a));
    assertThrows(AssertionError.class, () -> nd4j.upload(MemorySegment.ofArray(new float[5]), a));
  }

  /** Two of them in one process, one closed before the other. */
  @Test
  void closingOneLeavesTheOther() {
    Backend other = new Nd4jProvider().open(DeviceSpec.DEFAULT);
    View view = View.contiguous(nd4j.allocate(DType.F64, 3), 0, Shape.of(3));
    nd4j.fill(view, 2);
    other.close();
    double[] values = new double[3];
    nd4j.download(view, MemorySegment.ofArray(values));
    assertEquals(2, values[2]);
  }
}
