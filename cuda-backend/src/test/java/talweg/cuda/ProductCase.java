package talweg.cuda;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.op.UnaryKind;
import talweg.reference.ReferenceBackend;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Matrices of random numbers on the reference backend and on a device, and a comparison of all of
 * their memory afterwards, so that stray writes are found, too.
 */
final class ProductCase implements AutoCloseable {
  /** How a matrix lies in memory. */
  enum Form {
    ROWS,
    COLUMNS,
    /** Rows with a gap between them. */
    PADDED,
    /** Columns with a gap between them. */
    PADDED_COLUMNS,
    /** Neither rows nor columns are dense. */
    SPREAD,
    /** Rows, the same matrix for the whole batch. */
    REPEATED
  }

  private final Backend reference = new ReferenceBackend();
  private final Backend device;
  private final Random random;
  private final List<Pair> pairs = new ArrayList<>();

  /** The same matrices on both. */
  record Pair(View expected, View actual) {}

  ProductCase(Backend device, long seed) {
    this.device = device;
    this.random = new Random(seed);
  }

  /** Numbers from -1 to 1, rounded to the element type. */
  Pair random(DType dtype, Form form, int... dims) {
    int rank = dims.length;
    int rows = dims[rank - 2];
    int columns = dims[rank - 1];
    boolean byColumns = form == Form.COLUMNS || form == Form.PADDED_COLUMNS;
    int gap = form == Form.PADDED || form == Form.PADDED_COLUMNS ? 3 : 0;
    long[] strides = new long[rank];
    int step = form == Form.SPREAD ? 2 : 1;
    strides[rank - 2] = byColumns ? 1 : (columns + gap) * step;
    strides[rank - 1] = byColumns ? rows + gap : step;
    long size = byColumns ? (long) columns * (rows + gap) : (long) rows * strides[rank - 2];
    for (int axis = rank - 3; axis >= 0; axis--) {
      strides[axis] = form == Form.REPEATED ? 0 : size;
      size = form == Form.REPEATED ? size : size * dims[axis];
    }
    int offset = random.nextInt(4);
    int length = Math.toIntExact(offset + size + 1);
    double[] numbers = random.doubles(length, -1, 1).toArray();
    Pair pair =
        new Pair(
            view(reference, dtype, numbers, offset, dims, strides),
            view(device, dtype, numbers, offset, dims, strides));
    pairs.add(pair);
    return pair;
  }

  private View view(
      Backend backend, DType dtype, double[] numbers, int offset, int[] dims, long[] strides) {
    Shape flat = Shape.of(numbers.length);
    Buffer wide = backend.allocate(DType.F64, numbers.length);
    View source = View.contiguous(wide, 0, flat);
    backend.upload(MemorySegment.ofArray(numbers), source);
    Buffer buffer = backend.allocate(dtype, numbers.length);
    backend.copy(source, View.contiguous(buffer, 0, flat));
    backend.release(wide);
    return new View(buffer, offset, Shape.of(dims), strides);
  }

  /** The same numbers and layout in another element type. */
  Pair cast(Pair pair, DType dtype) {
    Pair result = new Pair(cast(reference, pair.expected, dtype), cast(device, pair.actual, dtype));
    pairs.add(result);
    return result;
  }

  private static View cast(Backend backend, View view, DType dtype) {
    Shape flat = Shape.of(Math.toIntExact(view.buffer().length()));
    Buffer buffer = backend.allocate(dtype, flat.size());
    backend.copy(View.contiguous(view.buffer(), 0, flat), View.contiguous(buffer, 0, flat));
    return new View(buffer, view.offset(), view.shape(), view.strides());
  }

  /** The product on both. */
  void multiply(double alpha, double beta, Pair a, Pair b, Pair out) {
    reference.matmul(false, false, alpha, beta, a.expected, b.expected, out.expected);
    device.matmul(false, false, alpha, beta, a.actual, b.actual, out.actual);
  }

  /** A linear layer with ReLU on both: fused on the device, in parts on the reference. */
  void linear(Pair x, Pair weight, Pair bias, Pair out) {
    reference.matmul(false, true, 1, 0, x.expected, weight.expected, out.expected);
    View wide = bias.expected.expand(out.expected.shape());
    reference.binary(BinaryKind.ADD, out.expected, wide, out.expected);
    reference.unary(UnaryKind.RELU, 0, 0, out.expected, out.expected);
    View row =
        View.contiguous(
            bias.actual.buffer(), bias.actual.offset(), Shape.of(bias.actual.dims()[1]));
    device.run(
        new FusedCall.LinearActivation(
            x.actual, weight.actual, row, FusedActivation.RELU, out.actual));
  }

  /** Fails if an element differs by more than the tolerance. */
  void compare(Pair pair, double tolerance, String what) {
    double[] expected = numbers(reference, pair.expected.buffer());
    double[] actual = numbers(device, pair.actual.buffer());
    for (int i = 0; i < expected.length; i++) {
      if (!(Math.abs(expected[i] - actual[i]) <= tolerance)) {
        fail(
            "%s: element %d of the buffer is %s, expected %s; views %s"
                .formatted(what, i, actual[i], expected[i], pair.actual));
      }
    }
  }

  /** A whole buffer's elements. */
  static double[] numbers(Backend backend, Buffer buffer) {
    int length = Math.toIntExact(buffer.length());
    View wide = View.contiguous(backend.allocate(DType.F64, length), 0, Shape.of(length));
    backend.copy(View.contiguous(buffer, 0, Shape.of(length)), wide);
    double[] numbers = new double[length];
    backend.download(wide, MemorySegment.ofArray(numbers));
    backend.release(wide.buffer());
    return numbers;
  }

  @Override
  public void close() {
    pairs.forEach(pair -> device.release(pair.actual.buffer()));
  }
}
