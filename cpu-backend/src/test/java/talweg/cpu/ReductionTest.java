package talweg.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.op.ReduceKind;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class ReductionTest {
  static Stream<Arguments> cases() {
    return Stream.of(ReduceKind.values())
        .flatMap(kind -> Stream.of(Form.values()).map(form -> Arguments.of(kind, form)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everySubsetOfAxes(ReduceKind kind, Form form) {
    Twins twins = new Twins(kind.ordinal() * 10L + form.ordinal());
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      for (Shape shape : shapes(twins)) {
        for (int[] axes : subsets(shape.rank())) {
          if (!kind.isIndex() || axes.length == 1) {
            check(twins, kind, dtype, shape, form, axes);
          }
        }
      }
    }
  }

  private static void check(
      Twins twins, ReduceKind kind, DType dtype, Shape shape, Form form, int... axes) {
    boolean sum = kind.isSum();
    Twin in = sum ? twins.normal(dtype, shape, form) : twins.special(dtype, shape, form);
    Shape reduced = shape.reduced(axes, true);
    Twin out = twins.normal(kind.isIndex() ? DType.I32 : dtype, reduced, twins.writable());
    int axis = axes.length == 1 ? axes[0] : -1;
    twins.run((backend, v) -> backend.reduce(kind, axis, v[0], v[1]), in, out);
    double terms = (double) shape.size() / reduced.size();
    twins.assertClose(out, sum ? Twins.tolerance(dtype) : 0, Math.sqrt(terms));
  }

  private static List<Shape> shapes(Twins twins) {
    List<Shape> shapes = new ArrayList<>(List.of(Shape.of(7), Shape.of(2, 1500), Shape.of(700, 3)));
    for (int rank = 2; rank <= 4; rank++) {
      shapes.add(twins.shape(rank, 400));
      shapes.add(twins.shape(rank, 400));
    }
    return shapes;
  }

  private static List<int[]> subsets(int rank) {
    List<int[]> subsets = new ArrayList<>();
    for (int bits = 0; bits < 1 << rank; bits++) {
      int mask = bits;
      subsets.add(IntStream.range(0, rank).filter(i -> (mask >> i & 1) == 1).toArray());
    }
    return subsets;
  }

  @Test
  void sumsOfNothingAreZeroAndMeansNan() {
    Twins twins = new Twins(0);
    Twin in = twins.normal(DType.F32, Shape.of(3, 0, 4), Form.CONTIGUOUS);
    for (Shape shape : List.of(Shape.of(3, 1, 4), Shape.of(1, 1, 1), Shape.of(3, 0, 1))) {
      Twin out = twins.normal(DType.F32, shape, Form.CONTIGUOUS);
      for (ReduceKind kind : List.of(ReduceKind.SUM, ReduceKind.MEAN)) {
        twins.run((backend, v) -> backend.reduce(kind, -1, v[0], v[1]), in, out);
        twins.assertSame(out);
      }
    }
  }

  @Test
  void scalarsReduceToThemselves() {
    Twins twins = new Twins(0);
    for (ReduceKind kind :
        List.of(ReduceKind.SUM, ReduceKind.MEAN, ReduceKind.MAX, ReduceKind.MIN)) {
      Twin in = twins.normal(DType.F64, Shape.SCALAR, Form.CONTIGUOUS);
      Twin out = twins.normal(DType.F64, Shape.SCALAR, Form.CONTIGUOUS);
      twins.run((backend, v) -> backend.reduce(kind, -1, v[0], v[1]), in, out);
      twins.assertSame(out);
    }
  }

  /** A large term hides the small ones from naive summation, along rows and along columns. */
  @Test
  void sumsAreAtLeastAsExactAsPairwise() {
    Twins twins = new Twins(1);
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      double large = dtype == DType.F32 ? 1e8 : 1e17;
      for (Form form : List.of(Form.CONTIGUOUS, Form.TRANSPOSED)) {
        int[] next = {0};
        Twin in = twins.of(dtype, Shape.of(3000, 5), form, () -> next[0]++ < 5 ? large : 1.25);
        for (Shape shape : List.of(Shape.of(1, 5), Shape.of(3000, 1), Shape.of(1, 1))) {
          Twin out = twins.normal(dtype, shape, Form.CONTIGUOUS);
          twins.run((backend, v) -> backend.reduce(ReduceKind.SUM, -1, v[0], v[1]), in, out);
          twins.assertClose(out, dtype == DType.F32 ? 6e-8 : 2e-16, 0);
        }
      }
    }
  }

  @Test
  void infinitiesAndNansSumAsTheyShould() {
    Twins twins = new Twins(2);
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Twin in = twins.special(dtype, Shape.of(60, 4), Form.CONTIGUOUS);
      for (Shape shape : List.of(Shape.of(1, 4), Shape.of(60, 1), Shape.of(1, 1))) {
        Twin out = twins.normal(dtype, shape, Form.CONTIGUOUS);
        twins.run((backend, v) -> backend.reduce(ReduceKind.SUM, -1, v[0], v[1]), in, out);
        twins.assertClose(out, Twins.tolerance(dtype), 1e31);
      }
    }
  }
}
