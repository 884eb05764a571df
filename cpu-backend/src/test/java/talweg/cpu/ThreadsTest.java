package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.op.Window2d;
import talweg.spi.Backend;
import talweg.spi.DeviceSpec;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;

/**
 * One, two and five threads give the same bits; and the same as each other backend test expects.
 */
class ThreadsTest {
  private static final List<DType> ARITHMETIC = List.of(DType.F32, DType.F64);

  /** Long, tall, wide, and one that splits along no axis evenly. */
  private static final List<Shape> SHAPES =
      List.of(
          Shape.of(150_001),
          Shape.of(30_000, 5),
          Shape.of(7, 20_011),
          Shape.of(53, 3, 1_009),
          Shape.of(300, 701));

  private final List<Backend> backends =
      Stream.of(1, 2, 5).<Backend>map(n -> new CpuBackend(new DeviceSpec(0, n))).toList();

  @AfterEach
  void close() {
    backends.forEach(Backend::close);
  }

  /** An operand on each backend: its buffer's content, and how the view lies on it. */
  private record Operand(DType dtype, byte[] content, long offset, Shape shape, long[] strides) {
    View on(Backend backend) {
      long length = content.length / dtype.bytes();
      View whole = View.contiguous(backend.allocate(dtype, length), 0, Shape.of((int) length));
      backend.upload(MemorySegment.ofArray(content), whole);
      return new View(whole.buffer(), offset, shape, strides);
    }
  }

  @FunctionalInterface
  private interface Call {
    void on(Backend backend, View... views);
  }

  /** Compares all operands after the call, whichever it writes. */
  private void check(String what, Call call, Operand... operands) {
    byte[][] expected = null;
    for (Backend backend : backends) {
      View[] views = Stream.of(operands).map(o -> o.on(backend)).toArray(View[]::new);
      call.on(backend, views);
      byte[][] actual = Stream.of(views).map(view -> content(backend, view)).toArray(byte[][]::new);
      expected = expected == null ? actual : expected;
      for (int i = 0; i < views.length; i++) {
        assertArrayEquals(expected[i], actual[i], what + ", operand " + i);
      }
    }
  }

  private static byte[] content(Backend backend, View view) {
    int length = (int) view.buffer().length();
    View whole = View.contiguous(view.buffer(), 0, Shape.of(length));
    byte[] out = new byte[length * view.dtype().bytes()];
    backend.download(whole, MemorySegment.ofArray(out));
    return out;
  }

  private static Operand operand(DType dtype, Shape shape, boolean transposed) {
    int rank = shape.rank();
    long[] strides = new long[rank];
    long stride = 1;
    for (int i = 0; i < rank; i++) {
      int axis = transposed ? i : rank - 1 - i;
      strides[axis] = stride;
      stride *= shape.dim(axis);
    }
    return new Operand(dtype, numbers(dtype, (int) stride + 3), 3, shape, strides);
  }

  private static byte[] numbers(DType dtype, int length) {
    Random random = new Random(length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate((long) length * dtype.bytes(), 8);
      for (int i = 0; i < length; i++) {
        double x = random.nextInt(50) == 0 ? 0 : 5 * random.nextGaussian();
        switch (dtype) {
          case F32 -> bytes.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) x);
          case F64 -> bytes.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x);
          case BF16 -> bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, Bfloat16.round((float) x));
          case I32 -> bytes.setAtIndex(ValueLayout.JAVA_INT, i, (int) (x * 100));
          case I64 -> bytes.setAtIndex(ValueLayout.JAVA_LONG, i, (long) (x * 100));
          case U8 -> bytes.setAtIndex(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt(3));
        }
      }
      return bytes.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Contiguous and transposed outputs and operands. */
  private static List<boolean[]> layouts() {
    List<boolean[]> layouts = new ArrayList<>();
    for (int bits = 0; bits < 4; bits++) {
      layouts.add(new boolean[] {(bits & 1) == 1, (bits & 2) == 2});
    }
    return layouts;
  }

  @ParameterizedTest
  @EnumSource(UnaryKind.class)
  void unary(UnaryKind kind) {
    for (DType dtype : ARITHMETIC) {
      check(
          kind + " " + dtype,
          (backend, v) -> backend.unary(kind, 0.3, 0.9, v[1], v[0]),
          operand(dtype, SHAPES.get(0), false),
          operand(dtype, SHAPES.get(0), false));
      check(
          kind + " transposed " + dtype,
          (backend, v) -> backend.unary(kind, 0.3, 0.9, v[1], v[0]),
          operand(dtype, SHAPES.get(4), false),
          operand(dtype, SHAPES.get(4), true));
    }
  }

  @ParameterizedTest
  @EnumSource(BinaryKind.class)
  void binary(BinaryKind kind) {
    for (DType dtype : ARITHMETIC) {
      for (boolean[] layout : layouts()) {
        Shape shape = SHAPES.get(3);
        check(
            kind + " " + dtype,
            (backend, v) -> backend.binary(kind, v[1], v[2], v[0]),
            operand(kind.isComparison() ? DType.U8 : dtype, shape, layout[0]),
            operand(dtype, shape, layout[1]),
            operand(dtype, shape, false));
      }
    }
  }

  @Test
  void affineAndWhere() {
    for (Shape shape : SHAPES) {
      for (boolean[] layout : layouts()) {
        check(
            "affine " + shape,
            (backend, v) -> backend.affine(0.3, -1.7, v[1], v[0]),
            operand(DType.F32, shape, layout[0]),
            operand(DType.F32, shape, layout[1]));
        check(
            "where " + shape,
            (backend, v) -> backend.where(v[1], v[2], v[3], v[0]),
            operand(DType.F64, shape, layout[0]),
            operand(DType.U8, shape, layout[1]),
            operand(DType.F64, shape, false),
            operand(DType.F64, shape, true));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void copyAndFill(DType dtype) {
    for (Shape shape : SHAPES) {
      for (boolean[] layout : layouts()) {
        Operand in = operand(dtype, shape, layout[1]);
        for (DType target : List.of(dtype, DType.F32, DType.I64)) {
          check(
              "copy %s to %s".formatted(dtype, target),
              (backend, v) -> backend.copy(v[1], v[0]),
              operand(target, shape, layout[0]),
              in);
        }
        check(
            "fill " + dtype,
            (backend, v) -> backend.fill(v[0], 1.5),
            operand(dtype, shape, layout[0]));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(RandomKind.class)
  void random(RandomKind kind) {
    for (DType dtype : ARITHMETIC) {
      check(
          kind + " " + dtype,
          (backend, v) -> backend.random(kind, 7, 3, v[1], v[0]),
          operand(dtype, SHAPES.get(0), false),
          operand(DType.F64, Shape.of(StepState.LENGTH), false));
    }
  }

  @ParameterizedTest
  @EnumSource(ReduceKind.class)
  void reduce(ReduceKind kind) {
    for (DType dtype : ARITHMETIC) {
      for (Shape shape : SHAPES) {
        for (int bits = 1; bits < 1 << shape.rank(); bits++) {
          reduce(kind, dtype, shape, bits);
        }
      }
    }
  }

  private void reduce(ReduceKind kind, DType dtype, Shape shape, int bits) {
    if (kind.isIndex() && Integer.bitCount(bits) != 1) {
      return;
    }
    int[] dims = shape.dims().clone();
    for (int i = 0; i < dims.length; i++) {
      dims[i] = (bits >> i & 1) == 1 ? 1 : dims[i];
    }
    int axis = Integer.bitCount(bits) == 1 ? Integer.numberOfTrailingZeros(bits) : -1;
    for (boolean[] layout : layouts()) {
      check(
          "%s of %s %s to %s".formatted(kind, dtype, shape, Shape.of(dims)),
          (backend, v) -> backend.reduce(kind, axis, v[1], v[0]),
          operand(kind.isIndex() ? DType.I32 : dtype, Shape.of(dims), layout[0]),
          operand(dtype, shape, layout[1]));
    }
  }

  /** A long segment, many short ones, and one without a gradient. */
  private static Operand segments(int count, int longest, int length) {
    long[] table = new long[count * FusedCall.Segment.COLUMNS];
    long offset = 0;
    for (int s = 0; s < count; s++) {
      long size = s == 2 ? longest : length;
      int row = s * FusedCall.Segment.COLUMNS;
      table[row] = offset;
      table[row + 1] = size;
      table[row + 3] = s == 5 ? 0 : 1;
      offset += size + 3;
    }
    return constants(DType.I64, MemorySegment.ofArray(table), count, FusedCall.Segment.COLUMNS);
  }

  private static Operand constants(DType dtype, MemorySegment values, int... dims) {
    Shape shape = Shape.of(dims);
    byte[] content = values.toArray(ValueLayout.JAVA_BYTE);
    return new Operand(dtype, content, 0, shape, View.rowMajorStrides(shape));
  }

  private static Operand doubles(double[] values, int... dims) {
    return constants(DType.F64, MemorySegment.ofArray(values), dims);
  }

  @Test
  void fusedUpdates() {
    int count = 700;
    double[] state = new double[StepState.LENGTH];
    state[StepState.GRAD_SCALE] = 0.5;
    state[StepState.WRITE] = 1;
    double[] adam = {0.9, 0.99, 1e-8, 0.01, 0.1, 2};
    double[] sgd = {0.9, 0, 1, 0.01, 2};
    double[] rmsProp = {0.9, 1e-8, 0.9, 0.01, 2};
    double[] adagrad = {1e-8, 0.1, 0.01, 2};
    double[] lamb = {0.9, 0.99, 1e-6, 0, 0.1, 0.1, 1, 1, 0, 10, 2};
    Shape flat = Shape.of(170_000);
    for (DType dtype : ARITHMETIC) {
      Operand[] operands = {
        operand(dtype, flat, false),
        operand(dtype, flat, false),
        segments(count, 90_001, 100),
        doubles(new double[count], count),
        doubles(new double[] {0.01}, 1, 1),
        doubles(state, state.length),
        operand(dtype, flat, false),
        operand(dtype, flat, false),
        doubles(adam, 1, adam.length),
        doubles(sgd, 1, sgd.length),
        doubles(rmsProp, 1, rmsProp.length),
        doubles(adagrad, 1, adagrad.length),
        doubles(lamb, 1, lamb.length),
        doubles(new double[count], count)
      };
      check(
          "adam " + dtype,
          (backend, v) -> {
            backend.affine(0, 1, v[7], v[7]);
            backend.run(new FusedCall.AdamStep(update(v), v[8], v[6], v[7], null));
          },
          operands);
      check(
          "sgd " + dtype,
          (backend, v) -> backend.run(new FusedCall.SgdStep(update(v), v[9], v[6])),
          operands);
      check(
          "rmsprop " + dtype,
          (backend, v) -> {
            backend.affine(0, 1, v[7], v[7]);
            backend.run(new FusedCall.RmsPropStep(update(v), v[10], v[7], null, v[6]));
          },
          operands);
      check(
          "adagrad " + dtype,
          (backend, v) -> {
            backend.affine(0, 1, v[7], v[7]);
            backend.run(new FusedCall.AdagradStep(update(v), v[11], v[7]));
          },
          operands);
      check(
          "lamb " + dtype,
          (backend, v) -> {
            backend.affine(0, 1, v[7], v[7]);
            backend.run(new FusedCall.LambStep(update(v), v[12], v[6], v[7], v[13]));
          },
          operands);
    }
  }

  @Test
  void lossesAndNorms() {
    int rows = 3_000;
    int width = 67;
    int[] classes = new int[rows];
    Arrays.setAll(classes, i -> i % width);
    for (DType dtype : ARITHMETIC) {
      Operand matrix = operand(dtype, Shape.of(rows, width), false);
      Operand row = operand(dtype, Shape.of(width), false);
      Operand losses = operand(dtype, Shape.of(rows), false);
      Operand targets = constants(DType.I32, MemorySegment.ofArray(classes), rows);
      check(
          "cross entropy " + dtype,
          (backend, v) -> {
            backend.run(new FusedCall.SoftmaxCrossEntropy(v[0], v[1], 0.1, v[2]));
            backend.run(new FusedCall.SoftmaxCrossEntropyBackward(v[0], v[1], 0.1, v[2], v[3]));
          },
          matrix,
          targets,
          losses,
          matrix);
      check(
          "its mean " + dtype,
          (backend, v) -> {
            backend.run(new FusedCall.SoftmaxCrossEntropy(v[0], v[1], 0.1, v[2]));
            backend.run(new FusedCall.SoftmaxCrossEntropyBackward(v[0], v[1], 0.1, v[2], v[3]));
          },
          matrix,
          targets,
          operand(dtype, Shape.SCALAR, false),
          matrix);
      check(
          "layer norm " + dtype,
          (backend, v) -> {
            backend.run(new FusedCall.LayerNorm(v[0], v[1], v[2], 1e-5, v[3]));
            backend.run(new FusedCall.LayerNormBackward(v[0], v[1], 1e-5, v[3], v[4], v[5], v[6]));
          },
          matrix,
          row,
          row,
          matrix,
          matrix,
          row,
          row);
      Operand images = operand(dtype, Shape.of(300, width, 10), false);
      check(
          "batch norm " + dtype,
          (backend, v) -> {
            backend.run(new FusedCall.BatchNorm(v[0], v[1], v[2], 1e-5, v[7], v[3]));
            backend.run(
                new FusedCall.BatchNormBackward(v[0], v[1], 1e-5, v[7], v[3], v[4], v[5], v[6]));
          },
          images,
          row,
          row,
          images,
          images,
          row,
          row,
          operand(DType.F64, Shape.of(2, width), false));
    }
  }

  /** Many small images; two that are cut into rows of positions. */
  @ParameterizedTest
  @CsvSource({"37, 12, 14", "2, 70, 90"})
  void convolutionAndPooling(int batch, int height, int width) {
    Size2d one = Size2d.of(1);
    Size2d two = Size2d.of(2);
    Window2d window = new Window2d(Size2d.of(3), one, one);
    Window2d pool = new Window2d(two, two, one);
    for (DType dtype : ARITHMETIC) {
      Operand images = operand(dtype, Shape.of(batch, 6, height, width), false);
      Operand results = operand(dtype, Shape.of(batch, 8, height, width), false);
      Operand weight = operand(dtype, Shape.of(8, 3, 3, 3), false);
      Operand bias = operand(dtype, Shape.of(8), false);
      Operand pooled = operand(dtype, Shape.of(batch, 8, height / 2, width / 2), false);
      check(
          "convolution " + dtype,
          (backend, v) -> {
            backend.run(
                new FusedCall.Convolution(
                    v[0], v[1], v[2], window, one, 2, FusedActivation.RELU, v[3]));
            backend.run(new FusedCall.MaxPool(v[3], pool, Size2d.of(0), v[7]));
            backend.run(new FusedCall.MaxPoolBackward(v[3], v[7], v[7], pool, Size2d.of(0), v[8]));
            backend.run(
                new FusedCall.ConvolutionBackward(
                    v[0],
                    v[1],
                    window,
                    one,
                    2,
                    FusedActivation.RELU,
                    v[3],
                    v[8],
                    v[4],
                    v[5],
                    1,
                    v[6],
                    1));
          },
          images,
          weight,
          bias,
          results,
          images,
          weight,
          bias,
          pooled,
          results);
    }
  }

  private static FusedCall.Update update(View... v) {
    return new FusedCall.Update(v[0], v[1], v[2], v[3], v[4], v[5]);
  }
}
