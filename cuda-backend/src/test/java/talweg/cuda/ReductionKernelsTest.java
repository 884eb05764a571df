package talweg.cuda;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.ReduceKind;
import talweg.tensor.DType;

@ExtendWith(SimulatedCuda.class)
class ReductionKernelsTest {
  private TwinBackends twins;

  @BeforeEach
  void open(SimulatedGpu gpu) {
    twins = new TwinBackends(gpu);
  }

  @AfterEach
  void close() {
    twins.close();
  }

  @ParameterizedTest
  @EnumSource(ReduceKind.class)
  void anyAxes(ReduceKind kind) {
    int[][] shapes = {{5}, {3, 17}, {17, 3}, {4, 1, 6}, {3, 5, 2, 4}, {2, 3, 2, 3, 2}};
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      for (int turn = 0; turn < 12; turn++) {
        int[] shape = shapes[turn % shapes.length];
        int axis = twins.random.nextInt(shape.length);
        int[] reduced = shape.clone();
        for (int i = 0; i < shape.length; i++) {
          if (i == axis || (!kind.isIndex() && twins.random.nextBoolean())) {
            reduced[i] = 1;
          }
        }
        Twin in = turn < 6 ? twins.dense(dtype, turn % 2, shape) : twins.operand(dtype, shape);
        if (kind.isSum()) {
          // No terms that cancel to the last bit: only the reference's sums are compensated in F32.
          twins.fill(in, i -> twins.random.nextGaussian());
        }
        check(kind, axis, in, reduced);
        twins.clear();
      }
    }
  }

  /** Whole tensors, rows and columns, so large that several blocks share each result. */
  @ParameterizedTest
  @EnumSource(ReduceKind.class)
  void splitAmongBlocks(ReduceKind kind) {
    int[][] shapes = {{30001}, {2, 9001}, {4099, 3}, {700, 70}};
    for (int[] shape : shapes) {
      DType dtype = twins.random.nextBoolean() ? DType.F32 : DType.F64;
      int axis = shape[0] > shape[shape.length - 1] ? 0 : shape.length - 1;
      int[] reduced = shape.clone();
      reduced[axis] = 1;
      Twin in = twins.dense(dtype, 1, shape);
      // Ties, so that the first place matters, and one NaN now and then.
      twins.fill(in, i -> twins.random.nextInt(40000) == 0 ? Double.NaN : twins.random.nextInt(50));
      check(kind, axis, in, reduced);
      twins.clear();
    }
  }

  private void check(ReduceKind kind, int axis, Twin in, int[] reduced) {
    Twin out = twins.strided(kind.isIndex() ? DType.I32 : in.dtype(), reduced);
    twins.run((backend, side) -> backend.reduce(kind, axis, side.of(in), side.of(out)));
    twins.assertClose(out, kind.isSum() ? 1 : 0, 0, kind + " of " + in.reference());
  }

  /** The reference's sums are compensated: more exact than any pairwise summation. */
  @Test
  void sumsAreExactToOneBit() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      Twin in = twins.dense(dtype, 0, 60000);
      double large = dtype == DType.F32 ? 1e4 : 1e8;
      twins.fill(in, i -> i % 2 == 0 ? large + twins.random.nextDouble() : -large);
      check(ReduceKind.SUM, 0, in, new int[] {1});
      Twin columns = twins.dense(dtype, 0, 12000, 5);
      twins.fill(columns, i -> 0.1 * (i % 7));
      check(ReduceKind.SUM, 0, columns, new int[] {1, 5});
    }
  }

  @Test
  void sumOfNothingIsZeroAndItsMeanNan() {
    for (ReduceKind kind : new ReduceKind[] {ReduceKind.SUM, ReduceKind.MEAN}) {
      check(kind, 0, twins.dense(DType.F32, 0, 0, 4), new int[] {1, 4});
      check(kind, 0, twins.dense(DType.F64, 0, 3, 0), new int[] {1, 1});
    }
  }

  @Test
  void infinitiesAddUp() {
    for (double[] values :
        new double[][] {
          {1, Double.POSITIVE_INFINITY},
          {Double.NEGATIVE_INFINITY, 2},
          {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY},
          {Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY}
        }) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        Twin in = twins.dense(dtype, 0, 700);
        twins.fill(in, i -> i == 13 ? values[0] : i == 600 ? values[1] : 1);
        check(ReduceKind.SUM, 0, in, new int[] {1});
      }
    }
  }

  @Test
  void onlyNaNsAndOnlyInfinitiesHaveAFirst() {
    for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY}) {
      Twin in = twins.dense(DType.F32, 0, 3, 40);
      twins.fill(in, i -> value);
      for (ReduceKind kind : ReduceKind.values()) {
        if (!kind.isSum()) {
          check(kind, 1, in, new int[] {3, 1});
          check(kind, 0, in, new int[] {1, 40});
        }
      }
    }
  }

  /** As max pooling does: windows that overlap, reduced over both of their axes. */
  @Test
  void manyAxesThatDoNotMerge() {
    int[] shape = {2, 2, 3, 2, 2, 2, 2, 2};
    int[] reduced = shape.clone();
    Arrays.fill(reduced, 3, 6, 1);
    for (int turn = 0; turn < 4; turn++) {
      check(ReduceKind.MAX, 0, twins.strided(DType.F64, shape), reduced);
    }
  }
}
