package talweg.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.op.BinaryKind;
import talweg.op.UnaryKind;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class ElementwiseTest {
  private static final List<DType> ARITHMETIC = List.of(DType.F32, DType.F64);

  /** Shapes with short rows, rows longer than a block, one element, none, and no axis. */
  static List<Shape> shapes(Twins twins) {
    List<Shape> shapes =
        new ArrayList<>(
            List.of(
                Shape.SCALAR,
                Shape.of(1, 1),
                Shape.of(3, 0, 2),
                Shape.of(2, 2500),
                Shape.of(400, 3)));
    for (int rank = 1; rank <= 4; rank++) {
      shapes.add(twins.shape(rank, 300));
    }
    return shapes;
  }

  static Stream<Arguments> unaryKinds() {
    return Stream.of(UnaryKind.values())
        .flatMap(kind -> Stream.of(Form.values()).map(form -> Arguments.of(kind, form)));
  }

  @ParameterizedTest
  @MethodSource("unaryKinds")
  void unary(UnaryKind kind, Form form) {
    Twins twins = new Twins(kind.ordinal() * 10L + form.ordinal());
    for (DType dtype : ARITHMETIC) {
      for (Shape shape : shapes(twins)) {
        Twin in = twins.special(dtype, shape, form);
        Twin out = twins.normal(dtype, shape, twins.writable());
        checkUnary(twins, kind, 0.75, 1.5, in, out);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(UnaryKind.class)
  void unaryInPlace(UnaryKind kind) {
    Twins twins = new Twins(kind.ordinal());
    for (Shape shape : shapes(twins)) {
      for (Form form : Form.WRITABLE) {
        Twin tensor = twins.special(DType.F32, shape, form);
        checkUnary(twins, kind, -0.3, 0.3, tensor, tensor);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-2, -1, -0.5, 0, 0.5, 1, 1.5, 2, 3, Double.NaN, 1e9})
  void power(double exponent) {
    Twins twins = new Twins(5);
    for (DType dtype : ARITHMETIC) {
      Twin in = twins.special(dtype, Shape.of(2000), Form.CONTIGUOUS);
      Twin out = twins.normal(dtype, Shape.of(2000), Form.CONTIGUOUS);
      checkUnary(twins, UnaryKind.POW, exponent, 0, in, out);
    }
  }

  private static void checkUnary(
      Twins twins, UnaryKind kind, double p, double q, Twin in, Twin out) {
    twins.run((backend, v) -> backend.unary(kind, p, q, v[0], v[1]), in, out);
    // Below the normal range of F32 a result need only be close to the smallest normal number.
    twins.assertClose(out, Twins.tolerance(out.actual().dtype()), 1e-37);
  }

  static Stream<Arguments> binaryKinds() {
    return Stream.of(BinaryKind.values())
        .flatMap(kind -> LongStream.range(0, 2).mapToObj(seed -> Arguments.of(kind, seed)));
  }

  @ParameterizedTest
  @MethodSource("binaryKinds")
  void binary(BinaryKind kind, long seed) {
    Twins twins = new Twins(seed);
    for (DType dtype : kind.isComparison() ? comparable() : ARITHMETIC) {
      for (Shape shape : shapes(twins)) {
        Twin a = twins.special(dtype, shape, twins.form());
        Twin b = twins.special(dtype, shape, twins.form());
        DType result = kind.isComparison() ? DType.U8 : dtype;
        Twin out = twins.normal(result, shape, twins.writable());
        twins.run((backend, v) -> backend.binary(kind, v[0], v[1], v[2]), a, b, out);
        twins.assertClose(out, Twins.tolerance(dtype), 0);
      }
    }
  }

  private static List<DType> comparable() {
    return List.of(DType.F32, DType.F64, DType.I32, DType.I64);
  }

  /** Bias, column, scalar on either side, both broadcast. */
  @ParameterizedTest
  @EnumSource(BinaryKind.class)
  void broadcast(BinaryKind kind) {
    Twins twins = new Twins(99);
    int[][] shapes = {{12, 70}, {70}, {12, 1}, {}, {1, 1}, {1, 70}};
    DType result = kind.isComparison() ? DType.U8 : DType.F32;
    Shape full = Shape.of(12, 70);
    for (int[] left : shapes) {
      for (int[] right : shapes) {
        Twin a = expanded(twins.normal(DType.F32, Shape.of(left), Form.CONTIGUOUS), full);
        Twin b = expanded(twins.positive(DType.F32, Shape.of(right), Form.CONTIGUOUS), full);
        Twin out = twins.normal(result, full, Form.CONTIGUOUS);
        twins.run((backend, v) -> backend.binary(kind, v[0], v[1], v[2]), a, b, out);
        twins.assertClose(out, Twins.tolerance(DType.F32), 0);
      }
    }
  }

  private static Twin expanded(Twin twin, Shape shape) {
    return new Twin(twin.expected().expand(shape), twin.actual().expand(shape));
  }

  @ParameterizedTest
  @EnumSource(BinaryKind.class)
  void binaryInPlace(BinaryKind kind) {
    if (kind.isComparison()) {
      return;
    }
    Twins twins = new Twins(kind.ordinal());
    for (Shape shape : shapes(twins)) {
      for (Form form : Form.WRITABLE) {
        Twin a = twins.normal(DType.F32, shape, form);
        Twin b = twins.positive(DType.F32, shape, twins.form());
        twins.run((backend, v) -> backend.binary(kind, v[0], v[1], v[0]), a, b);
        twins.run((backend, v) -> backend.binary(kind, v[0], v[0], v[0]), a);
        twins.assertClose(a, Twins.tolerance(DType.F32), 0);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void affine(long seed) {
    Twins twins = new Twins(seed);
    for (DType dtype : ARITHMETIC) {
      for (Shape shape : shapes(twins)) {
        Twin in = twins.special(dtype, shape, twins.form());
        Twin out = twins.normal(dtype, shape, twins.writable());
        twins.run((backend, v) -> backend.affine(0.1, -0.7, v[0], v[1]), in, out);
        twins.run((backend, v) -> backend.affine(-3, 0.3, v[0], v[0]), out);
        twins.assertClose(out, Twins.tolerance(dtype), 1);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void where(DType dtype) {
    Twins twins = new Twins(dtype.ordinal());
    for (Shape shape : shapes(twins)) {
      Twin condition = twins.of(DType.U8, shape, twins.form(), () -> twins.random.nextInt(3));
      Twin a = twins.special(dtype, shape, twins.form());
      Twin b = twins.special(dtype, shape, twins.form());
      Twin out = twins.normal(dtype, shape, twins.writable());
      twins.run((backend, v) -> backend.where(v[0], v[1], v[2], v[3]), condition, a, b, out);
      twins.assertSame(out);
    }
  }
}
