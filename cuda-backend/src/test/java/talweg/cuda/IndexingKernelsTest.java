package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.cuda.TwinBackends.Twin;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.error.ShapeException;
import talweg.spi.View;
import talweg.tensor.DType;

@ExtendWith(SimulatedCuda.class)
class IndexingKernelsTest {
  private TwinBackends twins;

  @BeforeEach
  void open(SimulatedGpu gpu) {
    twins = new TwinBackends(gpu);
  }

  @AfterEach
  void close() {
    twins.close();
  }

  private DType indexType() {
    return twins.random.nextBoolean() ? DType.I32 : DType.I64;
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void gather(DType dtype) {
    for (int turn = 0; turn < 6; turn++) {
      int[] source = {4, 7, 5};
      int[] selected = {3, 6, 5};
      int axis = turn % 3;
      selected[axis] = 1 + twins.random.nextInt(9);
      Twin in = twins.operand(dtype, source);
      Twin index = twins.operand(indexType(), selected);
      Twin out = twins.strided(dtype, selected);
      twins.fill(index, i -> twins.random.nextInt(source[axis]));
      twins.run((backend, side) -> backend.gather(axis, side.of(in), side.of(index), side.of(out)));
      twins.assertSame(out, "gather along " + axis);
      twins.clear();
    }
  }

  /** Bits, not only values: additions happen in the order of the index. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"})
  void scatterAdd(DType dtype) {
    for (int turn = 0; turn < 6; turn++) {
      int[] target = {4, 7, 5};
      int[] selected = {3, 6, 5};
      int axis = turn % 3;
      selected[axis] = 40;
      Twin in = twins.operand(dtype, selected);
      Twin index = twins.operand(indexType(), selected);
      Twin out = twins.strided(dtype, target);
      twins.fill(in, i -> twins.random.nextGaussian());
      twins.fill(out, i -> twins.random.nextGaussian());
      twins.fill(index, i -> twins.random.nextInt(target[axis]));
      twins.run(
          (backend, side) -> backend.scatterAdd(axis, side.of(in), side.of(index), side.of(out)));
      twins.assertSame(out, "scatterAdd along " + axis);
      twins.clear();
    }
  }

  /** Rows of a table, as an embedding and its gradient. */
  @Test
  void rowsOfATable() {
    Twin table = twins.dense(DType.F32, 0, 50, 33);
    Twin rows = twins.dense(DType.F32, 1, 70, 33);
    Twin column = twins.dense(DType.I64, 0, 70, 1);
    twins.fill(table, i -> twins.random.nextGaussian());
    twins.fill(column, i -> twins.random.nextInt(50));
    twins.run((backend, side) ->
        backend.gather(
            0, side.of(table), side.of(column).expand(side.of(rows).shape()), side.of(rows)));
    twins.assertSame(rows, "gather");
    twins.run((backend, side) ->
        backend.scatterAdd(
            0, side.of(rows), side.of(column).expand(side.of(rows).shape()), side.of(table)));
    twins.assertSame(table, "scatterAdd");
  }

  /** Rows that are moved by words of 16 bytes: examples of a data set, in any shape. */
  @ParameterizedTest
  @EnumSource(DType.class)
  void rowsOfADataSet(DType dtype) {
    Twin data = twins.dense(dtype, 16, 50, 4, 12);
    Twin batch = twins.dense(dtype, 0, 70, 4, 12);
    Twin order = twins.strided(indexType(), 70, 1, 1);
    twins.fill(data, i -> twins.random.nextInt(200));
    twins.fill(order, i -> twins.random.nextInt(50));
    twins.run((backend, side) ->
        backend.gather(
            0, side.of(data), side.of(order).expand(side.of(batch).shape()), side.of(batch)));
    twins.assertSame(batch, "gather");
    twins.fill(order, i -> 50);
    View index = order.cuda().expand(batch.cuda().shape());
    twins.cuda().gather(0, data.cuda(), index, batch.cuda());
    assertThrows(ShapeException.class, () -> twins.cuda().synchronize());
  }

  @Test
  void anIndexOutOfRangeIsRaisedWhenTheHostWaits() {
    for (double wrong : new double[] {-1, 5, 1L << 40}) {
      Twin in = twins.dense(DType.F32, 0, 5, 2);
      Twin index = twins.dense(DType.I64, 0, 3, 2);
      Twin out = twins.dense(DType.F32, 0, 3, 2);
      twins.fill(index, i -> i == 4 ? wrong : 1);
      twins.cuda().gather(0, in.cuda(), index.cuda(), out.cuda());
      ShapeException error = assertThrows(ShapeException.class, () -> twins.cuda().synchronize());
      assertEquals(
          "gather: index %d is out of range for an axis of extent 5: expected 0 <= index < 5"
              .formatted((long) wrong),
          error.getMessage());
      twins.cuda().synchronize();
      twins.cuda().scatterAdd(0, out.cuda(), index.cuda(), in.cuda());
      assertThrows(ShapeException.class, () -> twins.assertSame(out, "scatterAdd"));
      twins.cuda().synchronize();
    }
  }
}
