package talweg.cpu;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import talweg.error.BackendException;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.Contract;
import talweg.spi.DeviceSpec;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * The CPU backend: storage in Java arrays, decisions about layout, and dispatch to the inner loops
 * of {@link Kernels}, which know nothing of views. Confined to one thread.
 */
public final class CpuBackend implements Backend {
  private final Workers workers;
  private final Elementwise elementwise;
  private final Arithmetic floats;
  private final Arithmetic doubles;
  private final Casts casts = new Casts();
  private final SharedReduction reduction;
  private final MatMul matMul = new MatMul(casts);
  private final FusedLinear linear;
  private final FusedLosses losses;
  private final FusedScore score;
  private final FusedLayerNorm layerNorm;
  private final FusedBatchNorm batchNorm;
  private final FusedConvolution convolution;
  private final FusedMaxPool maxPool;
  private final FusedUpdates updates;
  private final GradientMeasure measure;

  /** Opens the CPU with the threads that are asked for, or one for each processor. */
  public CpuBackend(DeviceSpec spec) {
    this(spec, VectorLookup.isUsable());
  }

  /** As above, on the Vector API or on scalar loops. */
  CpuBackend(DeviceSpec spec, boolean vector) {
    this(spec, vector, FusedUpdates.MOST_KEPT);
  }

  /** As above, with another bound for the direction of LAMB that is kept between its passes. */
  CpuBackend(DeviceSpec spec, boolean vector, long mostKept) {
    assert spec.index() == 0 : spec;
    int threads = spec.threads() > 0 ? spec.threads() : Runtime.getRuntime().availableProcessors();
    this.workers = new Workers(threads);
    this.floats = Arithmetic.ofFloats(vector, workers);
    this.doubles = Arithmetic.ofDoubles(vector, workers);
    Workspace[] spaces = new Workspace[threads];
    Arrays.setAll(
        spaces,
        i ->
            i == 0
                ? new Workspace(floats, doubles)
                : new Workspace(
                    Arithmetic.ofFloats(vector, workers), Arithmetic.ofDoubles(vector, workers)));
    this.reduction = new SharedReduction(workers, spaces);
    this.elementwise = new Elementwise(workers, spaces);
    this.linear = new FusedLinear(matMul, reduction, elementwise);
    DoubleRows[] rows = DoubleRows.of(workers);
    this.losses = new FusedLosses(workers, rows);
    this.score = new FusedScore(workers, spaces);
    this.layerNorm = new FusedLayerNorm(workers, rows);
    this.batchNorm = new FusedBatchNorm(workers, rows);
    this.convolution = new FusedConvolution(workers, spaces);
    this.maxPool = new FusedMaxPool(workers, spaces);
    SegmentLoop segments = new SegmentLoop(workers);
    this.updates = new FusedUpdates(segments, mostKept);
    this.measure = new GradientMeasure(segments);
  }

  @Override
  public String name() {
    return CpuProvider.NAME;
  }

  @Override
  public String device() {
    int threads = workers.count();
    return String.format(
        Locale.ROOT,
        "%s, %d thread%s, %s",
        CpuModel.name(),
        threads,
        threads == 1 ? "" : "s",
        MatrixProducts.description());
  }

  /** Tensors are arrays on the Java heap. */
  @Override
  public long memoryBytes() {
    return Runtime.getRuntime().maxMemory();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return CpuBuffer.allocate(dtype, length);
  }

  @Override
  public void release(Buffer buffer) {
    elementwise.flush();
    ((CpuBuffer) buffer).release();
  }

  @Override
  public void synchronize() {
    elementwise.flush();
  }

  @Override
  public void upload(MemorySegment source, View out) {
    elementwise.flush();
    assert Contract.transfer(out, source.byteSize());
    long width = out.dtype().bytes();
    MemorySegment target = ((CpuBuffer) out.buffer()).segment();
    copyBytes(source, 0, target, out.offset() * width, out.size() * width);
  }

  @Override
  public void download(View in, MemorySegment target) {
    elementwise.flush();
    assert Contract.transfer(in, target.byteSize());
    long width = in.dtype().bytes();
    MemorySegment source = ((CpuBuffer) in.buffer()).segment();
    copyBytes(source, in.offset() * width, target, 0, in.size() * width);
  }

  /**
   * The form of copy that takes a layout: compiled by C2 of JDK 25.0.3, the shorter form loses
   * elements of copies below 64 bytes.
   */
  private static void copyBytes(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    MemorySegment.copy(source, JAVA_BYTE, from, target, JAVA_BYTE, to, bytes);
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
    elementwise.run(
        Elementwise.FUNCTION_CHUNK,
        (space, run) ->
            space.randoms.fill(
                kind, seed, site, counter, run.array(0), run.offset(0) - from, from, run.length()),
        out);
  }

  @Override
  public void copy(View in, View out) {
    assert Contract.elementwise(out, in);
    if (in.dtype() != out.dtype()) {
      elementwise.run(
          Elementwise.CHUNK,
          (space, run) ->
              space.casts.convert(
                  in.dtype(),
                  run.array(1),
                  run.offset(1),
                  out.dtype(),
                  run.array(0),
                  run.offset(0),
                  run.length()),
          out,
          in);
    } else if (in.isContiguous() && out.isContiguous()) {
      elementwise.run(
          Elementwise.CHUNK,
          (_, run) ->
              System.arraycopy(
                  run.array(1), run.offset(1), run.array(0), run.offset(0), run.length()),
          out,
          in);
    } else if (out.size() > 0) {
      elementwise.flush();
      StridedCopy.run(workers, in, out);
    }
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    UnaryKind simplest = kind == UnaryKind.POW ? simplestPower(p) : kind;
    elementwise.run(
        Elementwise.chunk(simplest),
        (space, run) ->
            space
                .kernels(out)
                .unary(
                    simplest,
                    p,
                    q,
                    run.array(1),
                    run.offset(1),
                    run.array(0),
                    run.offset(0),
                    run.length()),
        out,
        in);
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
    elementwise.run(
        kind == BinaryKind.POW ? Elementwise.FUNCTION_CHUNK : Elementwise.CHUNK,
        (space, run) ->
            space
                .kernels(out)
                .binary(
                    kind,
                    run.array(1),
                    run.offset(1),
                    run.array(2),
                    run.offset(2),
                    run.array(0),
                    run.offset(0),
                    run.length()),
        out,
        a,
        b);
  }

  private void compare(BinaryKind kind, View a, View b, View out) {
    elementwise.run(
        Elementwise.CHUNK,
        (space, run) -> {
          Object x = run.array(1);
          int xo = run.offset(1);
          Object y = run.array(2);
          int yo = run.offset(2);
          byte[] target = (byte[]) run.array(0);
          if (a.dtype().isIndex()) {
            Integers.compare(kind, x, xo, y, yo, target, run.offset(0), run.length());
          } else {
            space.kernels(a).compare(kind, x, xo, y, yo, target, run.offset(0), run.length());
          }
        },
        out,
        a,
        b);
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    elementwise.run(
        Elementwise.CHUNK,
        (space, run) ->
            space
                .kernels(out)
                .affine(
                    scale,
                    shift,
                    run.array(1),
                    run.offset(1),
                    run.array(0),
                    run.offset(0),
                    run.length()),
        out,
        in);
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    assert Contract.elementwise(out, condition, a, b) && Contract.sameType(out, a, b);
    assert condition.dtype() == DType.U8 : condition;
    elementwise.run(
        Elementwise.CHUNK,
        (_, run) ->
            Moves.select(
                out.dtype(),
                (byte[]) run.array(1),
                run.offset(1),
                run.array(2),
                run.offset(2),
                run.array(3),
                run.offset(3),
                run.array(0),
                run.offset(0),
                run.length()),
        out,
        condition,
        a,
        b);
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    elementwise.flush();
    assert Contract.reduction(kind, axis, in, out);
    if (out.size() > 0) {
      reduction.run(kind, axis, in, out);
    }
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    elementwise.flush();
    assert Contract.matmul(transA, transB, a, b, out);
    if (out.size() > 0) {
      View left = transA ? a.transpose() : a;
      View right = transB ? b.transpose() : b;
      matMul.run(arithmetic(out).gemm(), alpha, beta, left, right, out);
    }
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    elementwise.flush();
    assert Contract.indexed(axis, in, index, out) && Contract.writable(out);
    if (out.size() > 0) {
      Indexing.gather(axis, in, index, out);
    }
  }

  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    elementwise.flush();
    assert Contract.indexed(axis, out, index, in) && Contract.writable(out);
    if (in.size() > 0) {
      Indexing.scatterAdd(arithmetic(out).kernels(), axis, in, index, out);
    }
  }

  @Override
  public boolean supports(Class<? extends FusedCall> call) {
    // Every record of the sealed interface has its case in run.
    return true;
  }

  @Override
  public void run(FusedCall call) {
    elementwise.flush();
    switch (call) {
      case FusedCall.AdamStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.SgdStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.RmsPropStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.AdagradStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.LambStep step -> updates.run(updates(step.update().params()), step);
      case FusedCall.MeasureGradients grads -> measure.run(updates(grads.grads()), grads);
      case FusedCall.LinearActivation forward -> linear.run(arithmetic(forward.out()), forward);
      case FusedCall.LinearActivationBackward back -> linear.run(arithmetic(back.dSum()), back);
      case FusedCall.LinearGradients back -> linear.run(arithmetic(back.dSum()), back);
      case FusedCall.SoftmaxCrossEntropy forward -> losses.run(forward);
      case FusedCall.SoftmaxCrossEntropyBackward back -> losses.run(back);
      case FusedCall.Score batch -> score.run(batch);
      case FusedCall.LayerNorm forward -> layerNorm.run(forward);
      case FusedCall.LayerNormBackward back -> layerNorm.run(back);
      case FusedCall.BatchNorm forward -> batchNorm.run(forward);
      case FusedCall.BatchNormBackward back -> batchNorm.run(back);
      case FusedCall.Convolution forward -> convolution.run(forward);
      case FusedCall.ConvolutionBackward back -> convolution.run(back);
      case FusedCall.MaxPool forward -> maxPool.run(forward);
      case FusedCall.MaxPoolBackward back -> maxPool.run(back);
    }
  }

  @Override
  public void close() {
    // Memory belongs to the garbage collector.
    workers.close();
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
