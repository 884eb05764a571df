package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.LAYOUT;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import talweg.kernels.KernelSignature;
import talweg.spi.View;
import talweg.tensor.DType;

/** Gather and its adjoint. */
final class Indexing {
  private static final int THREADS = 256;

  /** Bytes that a thread moves at once. */
  private static final int WORD = 16;

  /** Threads that keep a large device busy. */
  private static final long ENOUGH_THREADS = 1 << 16;

  /** The most blocks that a grid can have in its second direction, rounded to a power of two. */
  private static final int MOST_PARTS = 1 << 15;

  private static final KernelSignature GATHER =
      KernelSignature.of(
          "gather_strided", POINTER, POINTER, POINTER, POINTER, I32, I64, I64, LAYOUT);
  private static final KernelSignature GATHER_ROWS =
      KernelSignature.of(
          "gather_rows", POINTER, POINTER, POINTER, POINTER, I32, I64, I64, I64, I32, I32);
  private static final KernelSignature SCATTER_ADD =
      KernelSignature.of(
          "scatter_add",
          POINTER,
          POINTER,
          POINTER,
          POINTER,
          I32,
          I64,
          I64,
          I64,
          I64,
          I64,
          I32,
          LAYOUT);

  private final Device device;
  private final IndexFaults faults;
  private final Layout layout = new Layout();

  Indexing(Device device, IndexFaults faults) {
    this.device = device;
    this.faults = faults;
  }

  void gather(int axis, View in, View index, View out) {
    if (axis == 0 && areRows(in, index, out)) {
      gatherRows(in, index, out);
      return;
    }
    layout.begin(out, index, in);
    for (int i = 0; i < out.rank(); i++) {
      if (i == axis) {
        layout.axisWithoutLast(out.dims()[i], i);
      } else {
        layout.axis(out.dims()[i], i);
      }
    }
    layout.end();
    DType carrier = Elementwise.carrier(out.dtype());
    long note = faults.address();
    while (layout.next()) {
      device
          .kernels()
          .launch(GATHER, carrier, Math.ceilDiv(layout.size(), THREADS), THREADS)
          .pointer(layout.address(2))
          .pointer(layout.address(1))
          .pointer(layout.address(0))
          .pointer(note)
          .i32(isWide(index))
          .i64(in.strides()[axis])
          .i64(in.dims()[axis])
          .layout(layout.segment())
          .run();
    }
  }

  /**
   * Whether out has whole rows of in, each of one index, that can be moved by words of {@value
   * #WORD} bytes.
   */
  private static boolean areRows(View in, View index, View out) {
    boolean rows = out.isContiguous() && out.size() > out.dims()[0];
    for (int i = 1; i < out.rank(); i++) {
      boolean one = out.dims()[i] == 1;
      rows &= one || (index.strides()[i] == 0 && in.strides()[i] == out.strides()[i]);
    }
    int bytes = out.dtype().bytes();
    long width = out.size() / out.dims()[0] * bytes;
    long edges =
        width | in.strides()[0] * bytes | DeviceBuffer.address(in) | DeviceBuffer.address(out);
    return rows && edges % WORD == 0 && out.size() * bytes / WORD <= Integer.MAX_VALUE;
  }

  private void gatherRows(View in, View index, View out) {
    int bytes = out.dtype().bytes();
    int size = Math.toIntExact(out.size() * bytes / WORD);
    device
        .kernels()
        .launch(GATHER_ROWS, Math.ceilDiv(size, THREADS), THREADS)
        .pointer(in)
        .pointer(index)
        .pointer(out)
        .pointer(faults.address())
        .i32(isWide(index))
        .i64(index.strides()[0])
        .i64(in.strides()[0] * bytes / WORD)
        .i64(in.dims()[0])
        .i32(size / out.dims()[0])
        .i32(size)
        .run();
  }

  void scatterAdd(int axis, View in, View index, View out) {
    layout.begin(out, index, in);
    for (int i = 0; i < in.rank(); i++) {
      if (i != axis) {
        layout.axis(in.dims()[i], i);
      }
    }
    layout.end();
    int extent = out.dims()[axis];
    int parts = parts(extent, layout.size());
    long note = faults.address();
    while (layout.next()) {
      device
          .kernels()
          .launch(SCATTER_ADD, out.dtype(), Math.ceilDiv(layout.size(), THREADS), THREADS)
          .grid(parts, 1)
          .pointer(layout.address(2))
          .pointer(layout.address(1))
          .pointer(layout.address(0))
          .pointer(note)
          .i32(isWide(index))
          .i64(out.strides()[axis])
          .i64(index.strides()[axis])
          .i64(in.strides()[axis])
          .i64(in.dims()[axis])
          .i64(extent)
          .i32(parts)
          .layout(layout.segment())
          .run();
    }
  }

  /** Threads that share the places of one line: a power of two, at most the number of places. */
  private static int parts(int extent, long lines) {
    long wanted = Math.min(Math.min(extent, MOST_PARTS), ENOUGH_THREADS / lines);
    return (int) Long.highestOneBit(Math.max(1, wanted));
  }

  private static int isWide(View index) {
    return index.dtype() == DType.I64 ? 1 : 0;
  }
}
