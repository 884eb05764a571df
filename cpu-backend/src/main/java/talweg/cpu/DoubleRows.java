package talweg.cpu;

import java.util.Arrays;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Runs of elements as double, for losses and norms: their rows are short, and one loop then serves
 * both element types. An instance belongs to one thread.
 */
final class DoubleRows {
  private static final int SLOTS = 4;

  private final Scratch scratch = new Scratch(SLOTS);
  private final Casts casts = new Casts();

  /** One for each worker. */
  static DoubleRows[] of(Workers workers) {
    DoubleRows[] rows = new DoubleRows[workers.count()];
    Arrays.setAll(rows, i -> new DoubleRows());
    return rows;
  }

  /** Rows of {@code width} elements that make a chunk of work; depends on the width only. */
  static int rowsOfChunk(int chunk, int width) {
    return Math.max(1, chunk / Math.max(1, width));
  }

  /**
   * Working memory of at least {@code length} elements, valid until its slot is asked for again.
   */
  double[] array(int slot, int length) {
    return (double[]) scratch.array(DType.F64, slot, length);
  }

  /** Reads n elements from element {@code from} of a dense view on. */
  double[] load(int slot, View view, int from, int n) {
    double[] row = array(slot, n);
    int at = CpuBuffer.offset(view) + from;
    casts.convert(view.dtype(), CpuBuffer.array(view), at, DType.F64, row, 0, n);
    return row;
  }

  /** Reads an element of a vector of any stride. */
  double load(View vector, int i) {
    double[] one = array(SLOTS - 1, 1);
    int at = (int) (vector.offset() + i * vector.strides()[0]);
    casts.convert(vector.dtype(), CpuBuffer.array(vector), at, DType.F64, one, 0, 1);
    return one[0];
  }

  /** Writes n elements to element {@code to} of a dense view on. */
  void store(double[] row, int from, View view, int to, int n) {
    int at = CpuBuffer.offset(view) + to;
    casts.convert(DType.F64, row, from, view.dtype(), CpuBuffer.array(view), at, n);
  }
}
