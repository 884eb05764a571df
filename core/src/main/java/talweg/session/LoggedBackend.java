package talweg.session;

import java.lang.foreign.MemorySegment;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.Replay;
import talweg.spi.View;
import talweg.tensor.DType;

/** Stands before a backend while a step is watched: logs each call and passes it on. */
final class LoggedBackend implements Backend {
  private final Backend backend;
  private final CallLog log;
  private final Capture capture;

  /**
   * Logs the calls to a backend.
   *
   * @param capture which is being recorded and whose constants must not be overwritten, or null
   */
  LoggedBackend(Backend backend, CallLog log, Capture capture) {
    this.backend = backend;
    this.log = log;
    this.capture = capture;
  }

  /** A call that writes to {@code out}, which is logged after the other operands. */
  private void call(Runnable call, View out, String operation, Object... operands) {
    if (capture != null) {
      capture.requireWritable(out);
    }
    log.called(operation, out, operands);
    run(call);
  }

  private void run(Runnable call) {
    long start = System.nanoTime();
    call.run();
    log.took(System.nanoTime() - start);
  }

  @Override
  public void upload(MemorySegment source, View out) {
    log.called("upload", out, CallLog.values(source));
    run(() -> backend.upload(source, out));
  }

  @Override
  public void fill(View out, double value) {
    call(() -> backend.fill(out, value), out, "fill", value);
  }

  @Override
  public void random(RandomKind kind, long seed, int site, View state, View out) {
    call(
        () -> backend.random(kind, seed, site, state, out), out, "random", kind, seed, site, state);
  }

  @Override
  public void copy(View in, View out) {
    call(() -> backend.copy(in, out), out, "copy", in);
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    call(() -> backend.unary(kind, p, q, in, out), out, "unary", kind, p, q, in);
  }

  @Override
  public void binary(BinaryKind kind, View a, View b, View out) {
    call(() -> backend.binary(kind, a, b, out), out, "binary", kind, a, b);
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    call(() -> backend.affine(scale, shift, in, out), out, "affine", scale, shift, in);
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    call(() -> backend.where(condition, a, b, out), out, "where", condition, a, b);
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    call(() -> backend.reduce(kind, axis, in, out), out, "reduce", kind, axis, in);
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    call(
        () -> backend.matmul(transA, transB, alpha, beta, a, b, out),
        out,
        "matmul",
        transA,
        transB,
        alpha,
        beta,
        a,
        b);
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    call(() -> backend.gather(axis, in, index, out), out, "gather", axis, in, index);
  }

  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    call(() -> backend.scatterAdd(axis, in, index, out), out, "scatterAdd", axis, in, index);
  }

  @Override
  public void run(FusedCall call) {
    log.called(call.getClass().getSimpleName(), null, call);
    run(() -> backend.run(call));
  }

  @Override
  public boolean supports(Class<? extends FusedCall> call) {
    return backend.supports(call);
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
  public boolean usesHostMemory() {
    return backend.usesHostMemory();
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
  public void download(View in, MemorySegment target) {
    backend.download(in, target);
  }

  @Override
  public Replay capture(Runnable body) {
    return backend.capture(body);
  }

  /** Leaves the backend open. */
  @Override
  public void close() {}
}
