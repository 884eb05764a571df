package talweg.cuda;

import java.util.Locale;
import java.util.function.Supplier;
import talweg.error.BackendUnavailableException;
import talweg.error.CudaException;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.spi.Precision;
import talweg.spi.Replay;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Matrix products by the best provider that is there. Views become what providers take: matrices
 * dense along rows or columns, with one step from matrix to matrix. Others are copied first.
 */
final class MatMul implements AutoCloseable {
  private static final int ALIGNMENT = 256;
  private static final int OLDEST_TF32 = 80;

  private final Device device;
  private final Elementwise elementwise;
  private final ProductProviders providers;
  private final RoundedOperands rounded;

  MatMul(Device device, Elementwise elementwise) {
    this.device = device;
    this.elementwise = elementwise;
    if (device.precision() == Precision.TF32 && device.capability() < OLDEST_TF32) {
      throw new BackendUnavailableException(
          "precision tf32: needs compute capability 8.0 (Ampere) or newer, found %s; use fp32"
              .formatted(device.describe()));
    }
    this.providers = ProductProviders.open(device);
    this.rounded = new RoundedOperands(device, elementwise);
  }

  /**
   * {@code out = alpha * a * b + beta * out}, see {@link talweg.spi.Backend#matmul}. Operands are
   * tensors, not working memory: who writes to that does not tell {@link #written}.
   */
  void run(double alpha, double beta, View a, View b, View out) {
    if (out.dtype() == DType.F32 && a.dtype() == DType.F32 && bf16()) {
      View x = rounded.of(a);
      View y = rounded.of(b);
      multiply(alpha, beta, x, y, out);
    } else {
      multiply(alpha, beta, a, b, out);
    }
    rounded.written(out);
  }

  /**
   * {@code out = activation(x weight^T + bias)} in one call, see {@link
   * talweg.op.FusedCall.LinearActivation}.
   *
   * @return false if no provider offers that; then nothing was done
   */
  boolean linear(View x, View weight, View bias, FusedActivation activation, View out) {
    boolean fusible = activation == FusedActivation.NONE || activation == FusedActivation.RELU;
    if (!fusible || out.size() == 0) {
      return false;
    }
    boolean round = out.dtype() == DType.F32 && bf16();
    View left = round ? rounded.of(x) : x;
    View right = (round ? rounded.of(weight) : weight).transpose();
    Product product = product(1, 0, left, right, out, new Batches(left, right, out), 0);
    Product.Epilogue epilogue =
        new Product.Epilogue(
            activation == FusedActivation.RELU
                ? Product.Epilogue.Kind.BIAS_RELU
                : Product.Epilogue.Kind.BIAS,
            DeviceBuffer.address(bias));
    device.makeCurrent();
    boolean done = providers.runFused(product, epilogue);
    if (done) {
      rounded.written(out);
    }
    return done;
  }

  /**
   * {@code dWeight = dSum^T x} and the column sums of dSum in one call, see {@link
   * talweg.op.FusedCall.LinearGradients}. Not where operands are rounded: the sums are to be of
   * dSum itself.
   *
   * @return false if no provider offers that; then nothing was done
   */
  boolean linearGradients(View dSum, View x, View dWeight, View dBias) {
    if (dWeight.size() == 0 || (dSum.dtype() == DType.F32 && bf16())) {
      return false;
    }
    View left = dSum.transpose();
    Product product = product(1, 0, left, x, dWeight, new Batches(left, x, dWeight), 0);
    Product.Epilogue epilogue =
        new Product.Epilogue(Product.Epilogue.Kind.BIAS_GRADIENT, DeviceBuffer.address(dBias));
    device.makeCurrent();
    return providers.runFused(product, epilogue);
  }

  /** To be told of every write to device memory, as copies of what was there are kept. */
  void written(View out) {
    rounded.written(out);
  }

  /** The same for all that a fused call writes. */
  void written(FusedCall call) {
    switch (call) {
      case FusedCall.AdamStep _,
          FusedCall.SgdStep _,
          FusedCall.RmsPropStep _,
          FusedCall.AdagradStep _,
          FusedCall.LambStep _ ->
          rounded.forget();
      case FusedCall.MeasureGradients measure -> written(measure.state());
      case FusedCall.LinearActivation forward -> written(forward.out());
      case FusedCall.LinearActivationBackward back -> written(back.dSum(), back.dBias());
      case FusedCall.LinearGradients back -> written(back.dWeight(), back.dBias());
      case FusedCall.SoftmaxCrossEntropy forward -> written(forward.losses());
      case FusedCall.SoftmaxCrossEntropyBackward back -> written(back.dLogits());
      case FusedCall.Score score -> written(score.sums());
      case FusedCall.LayerNorm forward -> written(forward.out());
      case FusedCall.LayerNormBackward back -> written(back.dx(), back.dWeight(), back.dBias());
      case FusedCall.BatchNorm forward -> written(forward.statistics(), forward.out());
      case FusedCall.BatchNormBackward back -> written(back.dx(), back.dWeight(), back.dBias());
      case FusedCall.Convolution forward -> written(forward.out());
      case FusedCall.ConvolutionBackward back -> written(back.dx(), back.dWeight(), back.dBias());
      case FusedCall.MaxPool forward -> written(forward.out());
      case FusedCall.MaxPoolBackward back -> written(back.dx());
    }
  }

  private void written(View... views) {
    for (View view : views) {
      if (view != null) {
        rounded.written(view);
      }
    }
  }

  /** Records work: what was rounded before is no part of it, and replays write unseen. */
  Replay recorded(Supplier<Replay> recording) {
    rounded.forget();
    Replay replay;
    try {
      replay = recording.get();
    } finally {
      rounded.forget();
    }
    return new Replay() {
      @Override
      public void run() {
        rounded.forget();
        replay.run();
      }

      @Override
      public void close() {
        replay.close();
      }
    };
  }

  /** For people: what multiplies, and F32 in which precision if not in its own. */
  String describe() {
    String by = "by " + providers.describe();
    return device.precision() == Precision.FP32
        ? by
        : "of F32 in " + device.precision().name().toLowerCase(Locale.ROOT) + " " + by;
  }

  private boolean bf16() {
    return device.precision() == Precision.BF16;
  }

  private void multiply(double alpha, double beta, View a, View b, View out) {
    // The product of columns is the transposed product of rows.
    if (!isRows(out) && isRows(out.transpose())) {
      multiply(alpha, beta, b.transpose(), a.transpose(), out.transpose());
      return;
    }
    boolean direct = isRows(out);
    Packing packing = new Packing(a, b, out, direct);
    View x = packing.a();
    View y = packing.b();
    View target = packing.out();
    if (!direct && beta != 0) {
      elementwise.copy(out, target);
    }
    issue(alpha, beta, x, y, target);
    if (!direct) {
      elementwise.copy(target, out);
    }
  }

  private void issue(double alpha, double beta, View a, View b, View out) {
    Batches batches = new Batches(a, b, out);
    device.makeCurrent();
    for (long call = 0; call < batches.calls(); call++) {
      providers.run(product(alpha, beta, a, b, out, batches, call));
    }
  }

  private Product product(
      double alpha, double beta, View a, View b, View out, Batches batches, long call) {
    long atA = address(a, batches.offset(call, 0));
    long atB = address(b, batches.offset(call, 1));
    long atOut = address(out, batches.offset(call, 2));
    Product.Layout left = layout(a, batches.step(0));
    Product.Layout right = layout(b, batches.step(1));
    Product.Layout result = layout(out, batches.step(2));
    int m = rows(out);
    int count = batches.count();
    if (count > 1 && right.step() == 0 && stacks(left, m, count) && stacks(result, m, count)) {
      // All matrices on the left meet the same one: they are one tall matrix.
      m *= count;
      count = 1;
    }
    Product.Shape shape =
        new Product.Shape(
            a.dtype(),
            out.dtype(),
            device.precision() == Precision.TF32 && a.dtype() == DType.F32,
            m,
            columns(out),
            columns(a),
            count == 1 ? left.alone() : left,
            count == 1 ? right.alone() : right,
            result.ld(),
            count == 1 ? 0 : result.step(),
            count,
            alignment(atA | atB | atOut));
    return new Product(shape, atA, atB, atOut, alpha, beta);
  }

  /** Whether the rows of a batch's matrices follow one another evenly. */
  private static boolean stacks(Product.Layout layout, int rows, int count) {
    return !layout.columns()
        && layout.step() == rows * layout.ld()
        && (long) rows * count <= Integer.MAX_VALUE;
  }

  private static long address(View view, long offset) {
    return DeviceBuffer.address(view) + offset * view.dtype().bytes();
  }

  private static int alignment(long addresses) {
    return (int) Math.min(ALIGNMENT, Long.lowestOneBit(addresses));
  }

  private static Product.Layout layout(View view, long step) {
    if (isRows(view)) {
      long ld = rows(view) == 1 ? columns(view) : view.strides()[view.rank() - 2];
      return new Product.Layout(false, Math.max(1, ld), step);
    }
    long ld = columns(view) == 1 ? rows(view) : view.strides()[view.rank() - 1];
    return new Product.Layout(true, Math.max(1, ld), step);
  }

  /** Whether rows are dense and do not overlap. */
  private static boolean isRows(View view) {
    long row = view.strides()[view.rank() - 2];
    long column = view.strides()[view.rank() - 1];
    return (columns(view) <= 1 || column == 1) && (rows(view) <= 1 || row >= columns(view));
  }

  private static boolean isDense(View view) {
    return isRows(view) || isRows(view.transpose());
  }

  private static int rows(View view) {
    return view.dims()[view.rank() - 2];
  }

  private static int columns(View view) {
    return view.dims()[view.rank() - 1];
  }

  /**
   * Views that a provider can take, in working memory where the given ones are not of that kind.
   */
  private final class Packing {
    private final View a;
    private final View b;
    private final View out;
    private long address;

    Packing(View a, View b, View out, boolean direct) {
      View lean = MemoryOrder.withoutRepeats(a);
      View leanB = MemoryOrder.withoutRepeats(b);
      boolean copyA = !isDense(a);
      boolean copyB = !isDense(b);
      long bytes = (copyA ? room(lean) : 0) + (copyB ? room(leanB) : 0) + (direct ? 0 : room(out));
      address = bytes == 0 ? 0 : device.scratch(Device.Scratch.GEMM_OPERANDS, bytes);
      this.a = copyA ? copied(lean, a.shape()) : a;
      this.b = copyB ? copied(leanB, b.shape()) : b;
      this.out = direct ? out : place(out);
    }

    private View copied(View lean, Shape shape) {
      View to = place(lean);
      elementwise.copy(lean, to);
      return to.expand(shape);
    }

    private View place(View view) {
      DeviceBuffer buffer = new DeviceBuffer(view.dtype(), view.size(), address);
      address += room(view);
      return View.contiguous(buffer, 0, view.shape());
    }

    private static long room(View view) {
      return (view.size() * view.dtype().bytes() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    View a() {
      return a;
    }

    View b() {
      return b;
    }

    View out() {
      return out;
    }
  }

  @Override
  public void close() {
    try {
      device.makeCurrent();
    } catch (CudaException _) {
      // The context is lost, and with it all that would be given back to it; the rest still is.
    }
    providers.close();
    rounded.close();
  }
}
