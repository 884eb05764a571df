package talweg.cuda;

import talweg.cuda.TwinBackends.Twin;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Matrices of numbers from -1 to 1 on the reference and on a device, and their products. */
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
    REPEATED,
    /** Windows of a row of numbers: each row begins inside of the one before it. */
    OVERLAPPING;

    /** Whether no element is there twice, so that results can lie like this. */
    boolean isWritable() {
      return this != REPEATED && this != OVERLAPPING;
    }
  }

  private final TwinBackends twins;

  ProductCase(Backend device) {
    twins = new TwinBackends(device);
  }

  /** A matrix, or a batch of them. */
  Twin random(DType dtype, Form form, int... dims) {
    int rank = dims.length;
    int rows = dims[rank - 2];
    int columns = dims[rank - 1];
    boolean byColumns = form == Form.COLUMNS || form == Form.PADDED_COLUMNS;
    int gap = form == Form.PADDED || form == Form.PADDED_COLUMNS ? 3 : 0;
    int step = form == Form.SPREAD ? 2 : 1;
    long[] strides = new long[rank];
    strides[rank - 2] = byColumns ? 1 : form == Form.OVERLAPPING ? 2 : (columns + gap) * step;
    strides[rank - 1] = byColumns ? rows + gap : step;
    long size = byColumns ? (long) columns * (rows + gap) : rows * strides[rank - 2] + columns;
    for (int axis = rank - 3; axis >= 0; axis--) {
      strides[axis] = form == Form.REPEATED ? 0 : size;
      size = form == Form.REPEATED ? size : size * dims[axis];
    }
    int offset = twins.random.nextInt(4);
    Twin twin = twins.twin(dtype, offset + size + 1, offset, Shape.of(dims), strides);
    twins.fill(twin, _ -> twins.random.nextDouble(-1, 1));
    return twin;
  }

  /** The numbers and the layout of a BF16 matrix in F32. */
  Twin widened(Twin bf16) {
    View from = bf16.reference();
    long length = from.buffer().length();
    Twin to = twins.twin(DType.F32, length, from.offset(), from.shape(), from.strides());
    twins.run((backend, side) ->
        backend.copy(whole(side.of(bf16).buffer()), whole(side.of(to).buffer())));
    return to;
  }

  private static View whole(Buffer buffer) {
    return View.contiguous(buffer, 0, Shape.of(Math.toIntExact(buffer.length())));
  }

  /** The product on both. */
  void multiply(double alpha, double beta, Twin a, Twin b, Twin out) {
    twins.run((backend, side) ->
        backend.matmul(false, false, alpha, beta, side.of(a), side.of(b), side.of(out)));
  }

  /** A linear layer with ReLU on both: fused on the device, in parts on the reference. */
  void linear(Twin x, Twin weight, Twin bias, Twin out) {
    twins.run((backend, side) -> {
      View to = side.of(out);
      View row = side.of(bias);
      if (backend.supports(FusedCall.LinearActivation.class)) {
        View flat = View.contiguous(row.buffer(), row.offset(), Shape.of(row.dims()[1]));
        backend.run(
            new FusedCall.LinearActivation(
                side.of(x), side.of(weight), flat, FusedActivation.RELU, to));
      } else {
        backend.matmul(false, true, 1, 0, side.of(x), side.of(weight), to);
        backend.binary(BinaryKind.ADD, to, row.expand(to.shape()), to);
        backend.unary(UnaryKind.RELU, 0, 0, to, to);
      }
    });
  }

  /** Fails if an element differs by more than the tolerance, which is relative above 1. */
  void compare(Twin twin, double tolerance, String what) {
    double precision = twin.dtype() == DType.F64 ? 0x1p-52 : 0x1p-23;
    twins.assertClose(twin, tolerance / precision, 1, what);
  }

  @Override
  public void close() {
    twins.close();
  }
}
