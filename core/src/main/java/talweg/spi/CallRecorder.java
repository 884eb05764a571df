package talweg.spi;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.tensor.DType;

/**
 * Gives a backend that computes at once a {@link Backend#capture}: the calls that the body makes
 * are noted with their arguments, and a replay makes them again, without tensors or tape.
 */
public final class CallRecorder implements Backend {
  private final Backend backend;
  private List<Runnable> calls;

  public CallRecorder(Backend backend) {
    this.backend = backend;
  }

  private void call(Runnable call) {
    call.run();
    if (calls != null) {
      calls.add(call);
    }
  }

  @Override
  public Replay capture(Runnable body) {
    List<Runnable> recorded = new ArrayList<>();
    calls = recorded;
    try {
      body.run();
    } finally {
      calls = null;
    }
    Runnable[] all = recorded.toArray(Runnable[]::new);
    return () -> {
      for (Runnable call : all) {
        call.run();
      }
    };
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String device() {
    return backend.device();
  }

  @Override
  public long memoryBytes() {
    return backend.memoryBytes();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return backend.allocate(dtype, length);
  }

  @Override
  public void release(Buffer buffer) {
    backend.release(buffer);
  }

  @Override
  public void synchronize() {
    backend.synchronize();
  }

  @Override
  public void upload(MemorySegment source, View out) {
    backend.upload(source, out);
  }

  @Override
  public void download(View in, MemorySegment target) {
    backend.download(in, target);
  }

  @Override
  public void fill(View out, double value) {
    call(() -> backend.fill(out, value));
  }

  @Override
  public void random(RandomKind kind, long seed, int site, View state, View out) {
    call(() -> backend.random(kind, seed, site, state, out));
  }

  @Override
  public void copy(View in, View out) {
    call(() -> backend.copy(in, out));
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    call(() -> backend.unary(kind, p, q, in, out));
  }

  @Override
  public void binary(BinaryKind kind, View a, View b, View out) {
    call(() -> backend.binary(kind, a, b, out));
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    call(() -> backend.affine(scale, shift, in, out));
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    call(() -> backend.where(condition, a, b, out));
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    call(() -> backend.reduce(kind, axis, in, out));
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    call(() -> backend.matmul(transA, transB, alpha, beta, a, b, out));
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    call(() -> backend.gather(axis, in, index, out));
  }

  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    call(() -> backend.scatterAdd(axis, in, index, out));
  }

  @Override
  public boolean supports(Class<? extends FusedCall> call) {
    return backend.supports(call);
  }

  @Override
  public void run(FusedCall call) {
    call(() -> backend.run(call));
  }

  @Override
  public void close() {
    backend.close();
  }
}
