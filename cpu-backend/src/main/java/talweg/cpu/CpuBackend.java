package talweg.cpu;

import java.lang.foreign.MemorySegment;
import talweg.error.BackendException;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * The CPU backend: storage in Java arrays, decisions about layout, and dispatch to the inner loops
 * of {@link Kernels}, which know nothing of views. Confined to one thread.
 */
public final class CpuBackend implements Backend {
  private final int threads;
  private final Scratch scratch = new Scratch(Blocks.OPERANDS);
  private final Arithmetic floats = Arithmetic.ofFloats(VectorLookup.isUsable());
  private final Arithmetic doubles = Arithmetic.ofDoubles();
  private final Casts casts = new Casts();
  private final Reduction reduction = new Reduction();
  private final MatMul matMul = new MatMul(casts);
  private final FusedUpdates updates = new FusedUpdates();
  private final Randoms randoms = new Randoms();

  /** Opens the CPU. Work is done on the calling thread, whatever number of threads is asked for. */
  public CpuBackend(DeviceSpec spec) {
    assert spec.index() == 0 : spec;
    this.threads = 1;
  }

  @Override
  public String name() {
    return CpuProvider.NAME;
  }

  @Override
  public String device() {
    return "%s, %d thread%s".formatted(CpuModel.name(), threads, threads == 1 ? "" : "s");
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return CpuBuffer.allocate(dtype, length);
  }

  @Override
  public void release(Buffer buffer) {
    ((CpuBuffer) buffer).release();
  }

  @Override
  public void synchronize() {
    // Every call has finished when it returns.
  }

  @Override
  public void upload(MemorySegment source, View out) {
    assert Contract.transfer(out, source.byteSize());
    long width = out.dtype().bytes();
    MemorySegment target = ((CpuBuffer) out.buffer()).segment();
    MemorySegment.copy(source, 0, target, out.offset() * width, out.size() * width);
  }

  @Override
  public void download(View in, MemorySegment target) {
    assert Contract.transfer(in, target.byteSize());
    long width = in.dtype().bytes();
    MemorySegment source = ((CpuBuffer) in.buffer()).segment();
    MemorySegment.copy(source, in.offset() * width, target, 0, in.size() * width);
  }

  @Override
  public void fill(View out, double value) {
    assert Contract.writable(out);
    CpuBuffer constant = CpuBuffer.allocate(out.dtype(), 1);
    casts.convert(DType.F64, new double[] {value}, 0, out.dtype(), constant.array(), 0, 1);
    copy(new View(constant, 0, out.shape(), new long[out.rank()]), out);
  }

  @Override
  public void random(RandomKind kind, long seed, int site, View state, View out) {
    assert out.isContiguous() && Contract.arithmetic(out) && state.dtype() == DType.F64;
    int at = (int) (state.offset() + StepState.RANDOM * state.strides()[0]);
    long counter = (long) ((double[]) CpuBuffer.array(state))[at];
    int from = CpuBuffer.offset(out);
    int n = (int) out.size();
    if (CpuBuffer.array(out) instanceof float[] array) {
      randoms.fill(kind, seed, site, counter, array, from, n);
    } else {
      randoms.fill(kind, seed, site, counter, (double[]) CpuBuffer.array(out), from, n);
    }
  }

  @Override
  public void copy(View in, View out) {
    assert Contract.elementwise(out, in);
    if (in.dtype() != out.dtype()) {
      Blocks blocks = new Blocks(scratch, out, in);
      while (blocks.next()) {
        casts.convert(
            in.dtype(),
            blocks.array(1),
            blocks.offset(1),
            out.dtype(),
            blocks.array(0),
            blocks.offset(0),
            blocks.length());
      }
    } else if (out.size() > 0) {
      StridedCopy.run(in, out);
    }
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    UnaryKind simplest = kind == UnaryKind.POW ? simplestPower(p) : kind;
    Kernels<Object> kernels = arithmetic(out).kernels();
    Blocks blocks = new Blocks(scratch, out, in);
    while (blocks.next()) {
      kernels.unary(
          simplest,
          p,
          q,
          blocks.array(1),
          blocks.offset(1),
          blocks.array(0),
          blocks.offset(0),
          blocks.length());
    }
  }

  /** Powers that another kind computes with the same result. */
  private static UnaryKind simplestPower(double exponent) {
    return exponent == 2 ? UnaryKind.SQUARE : exponent == -1 ? UnaryKind.RECIPROCAL : UnaryKind.POW;
  }

  @Override
  public void binary(BinaryKind kind, View a, View b, View out) {
    assert Contract.elementwise(out, a, b) && Contract.binaryTypes(kind, a, b, out);
    if (kind.isComparison()) {
      compare(kind, a, b, out);
      return;
    }
    Kernels<Object> kernels = arithmetic(out).kernels();
    Blocks blocks = new Blocks(scratch, out, a, b);
    while (blocks.next()) {
      kernels.binary(
          kind,
          blocks.array(1),
          blocks.offset(1),
          blocks.array(2),
          blocks.offset(2),
          blocks.array(0),
          blocks.offset(0),
          blocks.length());
    }
  }

  private void compare(BinaryKind kind, View a, View b, View out) {
    Blocks blocks = new Blocks(scratch, out, a, b);
    while (blocks.next()) {
      Object x = blocks.array(1);
      int xo = blocks.offset(1);
      Object y = blocks.array(2);
      int yo = blocks.offset(2);
      byte[] target = (byte[]) blocks.array(0);
      if (a.dtype().isIndex()) {
        Integers.compare(kind, x, xo, y, yo, target, blocks.offset(0), blocks.length());
      } else {
        arithmetic(a)
            .kernels()
            .compare(kind, x, xo, y, yo, target, blocks.offset(0), blocks.length());
      }
    }
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    Kernels<Object> kernels = arithmetic(out).kernels();
    Blocks blocks = new Blocks(scratch, out, in);
    while (blocks.next()) {
      kernels.affine(
          scale,
          shift,
          blocks.array(1),
          blocks.offset(1),
          blocks.array(0),
          blocks.offset(0),
          blocks.length());
    }
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    assert Contract.elementwise(out, condition, a, b) && Contract.sameType(out, a, b);
    assert condition.dtype() == DType.U8 : condition;
    Blocks blocks = new Blocks(scratch, out, condition, a, b);
    while (blocks.next()) {
      Moves.select(
          out.dtype(),
          (byte[]) blocks.array(1),
          blocks.offset(1),
          blocks.array(2),
          blocks.offset(2),
          blocks.array(3),
          blocks.offset(3),
          blocks.array(0),
          blocks.offset(0),
          blocks.length());
    }
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    assert Contract.reduction(kind, axis, in, out);
    if (out.size() > 0) {
      reduction.run(arithmetic(in).kernels(), kind, axis, in, out);
    }
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    assert Contract.matmul(transA, transB, a, b, out);
    if (out.size() > 0) {
      View left = transA ? a.transpose() : a;
      View right = transB ? b.transpose() : b;
      matMul.run(arithmetic(out).gemm(), alpha, beta, left, right, out);
    }
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    assert Contract.indexed(axis, in, index, out) && Contract.writable(out);
    if (out.size() > 0) {
      Indexing.gather(axis, in, index, out);
    }
  }

  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    assert Contract.indexed(axis, out, index, in) && Contract.writable(out);
    if (in.size() > 0) {
      Indexing.scatterAdd(arithmetic(out).kernels(), axis, in, index, out);
    }
  }

  @Override
  public boolean supports(Class<? extends FusedCall> call) {
    return call == FusedCall.AdamStep.class || call == FusedCall.SgdStep.class;
  }

  @Override
  public void run(FusedCall call) {
    switch (call) {
      case FusedCall.AdamStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.SgdStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.MeasureGradients measure -> updates.run(updates(measure.grads()), measure);
      case FusedCall.LinearActivation _,
          FusedCall.LinearActivationBackward _,
          FusedCall.SoftmaxCrossEntropy _,
          FusedCall.SoftmaxCrossEntropyBackward _,
          FusedCall.LayerNorm _,
          FusedCall.LayerNormBackward _ ->
          throw new AssertionError("temporary");
    }
  }

  @Override
  public void close() {
    // Memory belongs to the garbage collector.
  }

  private UpdateKernels<Object> updates(View view) {
    return arithmetic(view).updates();
  }

  private Arithmetic arithmetic(View view) {
    return switch (view.dtype()) {
      case F32 -> floats;
      case F64 -> doubles;
      case BF16, I32, I64, U8 ->
          throw new BackendException(
              "cpu: no arithmetic on %s; expected F32 or F64".formatted(view));
    };
  }
}
