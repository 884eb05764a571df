package talweg.cpu;

import talweg.op.FusedCall.Segment;
import talweg.op.FusedCall.Update;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;

/** Reads the small tables of a fused update. */
final class Tables {
  private Tables() {}

  static boolean isSkipped(Update update) {
    return value(update.state(), StepState.WRITE) == 0;
  }

  /** Moves the counters of the step state. */
  static void endStep(Update update) {
    double[] state = (double[]) CpuBuffer.array(update.state());
    for (int i = 0; i < StepState.COUNTERS; i++) {
      state[at(update.state(), i)] += value(update.state(), StepState.INCREMENTS + i);
    }
  }

  static double rate(Update update, int group) {
    long applied = (long) value(update.state(), StepState.APPLIED);
    return value(update.rates(), group, (int) (applied % update.rates().dims()[1]));
  }

  static double gradScale(Update update) {
    return value(update.state(), StepState.GRAD_SCALE);
  }

  /** Number of segments. */
  static int segments(View table) {
    assert table.dtype() == DType.I64 && table.dims()[1] == Segment.COLUMNS : table;
    return table.dims()[0];
  }

  static boolean hasGradient(View table, int segment) {
    return column(table, segment, Segment.HAS_GRADIENT) != 0;
  }

  static int column(View table, int segment, Segment column) {
    return Math.toIntExact(((long[]) CpuBuffer.array(table))[at(table, segment, column.ordinal())]);
  }

  static double value(View vector, int i) {
    return ((double[]) CpuBuffer.array(vector))[at(vector, i)];
  }

  /** A group's constant. */
  static double value(View table, int group, Enum<?> column) {
    return value(table, group, column.ordinal());
  }

  static double value(View table, int i, int j) {
    return ((double[]) CpuBuffer.array(table))[at(table, i, j)];
  }

  static int at(View view, int i) {
    return (int) (view.offset() + i * view.strides()[0]);
  }

  private static int at(View view, int i, int j) {
    return (int) (view.offset() + i * view.strides()[0] + j * view.strides()[1]);
  }
}
