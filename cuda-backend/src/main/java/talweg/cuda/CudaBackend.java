package talweg.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Set;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.Contract;
import talweg.spi.Replay;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Numbers on an NVIDIA GPU: every call becomes kernels on one stream, in order, and only {@link
 * #download} and {@link #synchronize} wait for it.
 */
final class CudaBackend implements Backend {
  /** Calls that are not offered: windows are products and reductions here, as composed. */
  private static final Set<Class<? extends FusedCall>> WINDOWS =
      Set.of(
          FusedCall.Convolution.class,
          FusedCall.ConvolutionBackward.class,
          FusedCall.MaxPool.class,
          FusedCall.MaxPoolBackward.class);

  private final Device device;
  private final Elementwise elementwise;
  private final Reductions reductions;
  private final IndexFaults indexFaults;
  private final Indexing indexing;
  private final Randoms randoms;
  private final MatMul matMul;
  private final FusedLayers layers;
  private final FusedLosses losses;
  private final FusedUpdates updates;

  CudaBackend(Device device) {
    this.device = device;
    this.elementwise = new Elementwise(device);
    this.reductions = new Reductions(device);
    this.indexFaults = new IndexFaults(device);
    this.indexing = new Indexing(device, indexFaults);
    this.randoms = new Randoms(device);
    this.matMul = new MatMul(device, elementwise);
    this.layers = new FusedLayers(device, matMul);
    this.losses = new FusedLosses(device, indexFaults);
    this.updates = new FusedUpdates(device);
  }

  @Override
  public String name() {
    return CudaProvider.NAME;
  }

  @Override
  public String device() {
    return device.describe() + ", products " + matMul.describe();
  }

  @Override
  public long memoryBytes() {
    return device.memoryBytes();
  }

  @Override
  public boolean usesHostMemory() {
    return false;
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return device.allocate(dtype, length);
  }

  @Override
  public void release(Buffer buffer) {
    device.release((DeviceBuffer) buffer);
  }

  @Override
  public void synchronize() {
    device.synchronize();
    indexFaults.check();
  }

  @Override
  public void upload(MemorySegment source, View out) {
    assert Contract.transfer(out, source.byteSize());
    matMul.written(out);
    device.upload(source, out);
  }

  @Override
  public void download(View in, MemorySegment target) {
    assert Contract.transfer(in, target.byteSize());
    device.download(in, target);
    indexFaults.check();
  }

  @Override
  public void fill(View out, double value) {
    assert Contract.writable(out);
    if (out.size() > 0) {
      matMul.written(out);
      elementwise.fill(out, value);
    }
  }

  @Override
  public void random(RandomKind kind, long seed, int site, View state, View out) {
    assert out.isContiguous() && Contract.arithmetic(out) && state.dtype() == DType.F64;
    if (out.size() > 0) {
      matMul.written(out);
      randoms.fill(kind, seed, site, state, out);
    }
  }

  @Override
  public void copy(View in, View out) {
    assert Contract.elementwise(out, in);
    if (out.size() > 0) {
      matMul.written(out);
      elementwise.copy(in, out);
    }
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    if (out.size() > 0) {
      matMul.written(out);
      elementwise.unary(kind, p, q, in, out);
    }
  }

  @Override
  public void binary(BinaryKind kind, View a, View b, View out) {
    assert Contract.elementwise(out, a, b) && Contract.binaryTypes(kind, a, b, out);
    if (out.size() > 0) {
      matMul.written(out);
      elementwise.binary(kind, a, b, out);
    }
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    if (out.size() > 0) {
      matMul.written(out);
      elementwise.affine(scale, shift, in, out);
    }
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    assert Contract.elementwise(out, condition, a, b) && Contract.sameType(out, a, b);
    assert condition.dtype() == DType.U8 : condition;
    if (out.size() > 0) {
      matMul.written(out);
      elementwise.where(condition, a, b, out);
    }
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    assert Contract.reduction(kind, axis, in, out);
    if (out.size() > 0) {
      matMul.written(out);
      reductions.run(kind, in, out);
    }
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    assert Contract.matmul(transA, transB, a, b, out);
    if (out.size() > 0) {
      matMul.run(alpha, beta, transA ? a.transpose() : a, transB ? b.transpose() : b, out);
    }
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    assert Contract.indexed(axis, in, index, out) && Contract.writable(out);
    if (out.size() > 0) {
      matMul.written(out);
      indexing.gather(axis, in, index, out);
    }
  }

  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    assert Contract.indexed(axis, out, index, in) && Contract.writable(out);
    if (in.size() > 0) {
      matMul.written(out);
      indexing.scatterAdd(axis, in, index, out);
    }
  }

  @Override
  public boolean supports(Class<? extends FusedCall> call) {
    return !WINDOWS.contains(call);
  }

  @Override
  public void run(FusedCall call) {
    matMul.written(call);
    switch (call) {
      case FusedCall.AdamStep step -> updates.run(step);
      case FusedCall.SgdStep step -> updates.run(step);
      case FusedCall.RmsPropStep step -> updates.run(step);
      case FusedCall.AdagradStep step -> updates.run(step);
      case FusedCall.LambStep step -> updates.run(step);
      case FusedCall.MeasureGradients grads -> updates.run(grads);
      case FusedCall.LinearActivation forward -> layers.run(forward);
      case FusedCall.LinearActivationBackward back -> layers.run(back);
      case FusedCall.LinearGradients back -> layers.run(back);
      case FusedCall.SoftmaxCrossEntropy forward -> losses.run(forward);
      case FusedCall.SoftmaxCrossEntropyBackward back -> losses.run(back);
      case FusedCall.Score batch -> losses.run(batch);
      case FusedCall.LayerNorm forward -> layers.run(forward);
      case FusedCall.LayerNormBackward back -> layers.run(back);
      case FusedCall.BatchNorm forward -> layers.run(forward);
      case FusedCall.BatchNormBackward back -> layers.run(back);
      case FusedCall.Convolution _,
          FusedCall.ConvolutionBackward _,
          FusedCall.MaxPool _,
          FusedCall.MaxPoolBackward _ ->
          Backend.super.run(call);
    }
  }

  @Override
  public Replay capture(Runnable body) {
    return matMul.recorded(() -> device.capture(body));
  }

  @Override
  public void close() {
    try {
      matMul.close();
      indexFaults.release();
      losses.release();
      updates.release();
    } finally {
      device.close();
    }
  }
}
