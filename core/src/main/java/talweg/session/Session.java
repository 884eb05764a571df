package talweg.session;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import talweg.autograd.Tape;
import talweg.error.BackendException;
import talweg.error.ClosedScopeException;
import talweg.error.DTypeException;
import talweg.error.OutOfMemoryException;
import talweg.error.ShapeException;
import talweg.error.TalwegException;
import talweg.op.BinaryKind;
import talweg.op.RandomKind;
import talweg.spi.Backend;
import talweg.spi.Replay;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * The one mutable context: a device with its memory, the open scopes, the tape and the random
 * streams. Nothing in Talweg is static state, so one JVM can hold a CPU and a CUDA session side by
 * side.
 *
 * <p>A session belongs to the thread that opened it. Tensors of different sessions cannot meet in
 * one operation.
 */
public final class Session implements AutoCloseable {
  private final Thread thread = Thread.currentThread();
  private final Backend backend;
  private final SessionMemory memory;
  private MemoryPool pool;
  private final Dispatcher dispatcher;
  private final Tape tape;
  private final Scope root;
  private final Tensor stepState;
  private final Map<DType, Tensor> ones = new EnumMap<>(DType.class);
  private final List<MemoryPool> captured = new ArrayList<>();
  private Scope innermost;
  private boolean recording = true;
  private boolean capturing;
  private boolean closed;
  private long seed;
  private int nextSite;

  /**
   * A session on an open backend, which it owns from now on, with {@link MemoryUse#defaultLimit} as
   * the limit of its memory.
   */
  public Session(Backend backend) {
    this(backend, MemoryUse.defaultLimit(backend));
  }

  /**
   * A session that takes at most {@code memory} bytes for tensors from the device.
   *
   * @throws OutOfMemoryException if not even the session's own state fits
   */
  public Session(Backend backend, long memory) {
    this.backend = backend;
    this.memory = new SessionMemory(backend, memory);
    this.pool = this.memory.ordinary();
    this.dispatcher = new Dispatcher(this);
    this.tape = new Tape(this);
    this.root = new Scope(this, null, "session", 0);
    this.innermost = root;
    try {
      this.stepState = empty(DType.F64, Shape.of(StepState.LENGTH)).named("step state");
      resetStepState();
    } catch (RuntimeException | Error e) {
      backend.close();
      throw e;
    }
  }

  /**
   * Opens a session by device name: {@code auto} (the best backend that is available, with a log
   * line for each that is not), {@code cpu}, {@code cuda}, {@code cuda:1}, {@code reference}.
   *
   * @throws talweg.error.BackendUnavailableException if the device is not available, with the
   *     reason
   */
  public static Session open(String device) {
    return new Session(Backends.open(device));
  }

  // ---- lifetimes

  /** Opens a scope; see {@link Scope}. */
  public Scope scope() {
    return scope("scope");
  }

  /** Opens a scope with a name for messages. */
  public Scope scope(String name) {
    requireOpen();
    innermost = new Scope(this, innermost, name, tape.size());
    return innermost;
  }

  /** Computes a tensor in a scope of its own, and returns it in the current one. */
  public Tensor scoped(Supplier<Tensor> body) {
    try (Scope inner = scope("scoped")) {
      return inner.keep(body.get());
    }
  }

  /** Waits for all work of this session's device. */
  public void synchronize() {
    requireOpen();
    backend.synchronize();
  }

  /** Memory taken from the device so far, in use or pooled, in bytes. */
  public long bytesHeld() {
    return memory.use().held();
  }

  /** Memory taken from the device, and how much may be. */
  public MemoryUse memory() {
    return memory.use();
  }

  /** Returns idle memory to the device, and measures the peak of {@link #memory} anew. */
  public void trimMemory() {
    requireOpen();
    memory.trim();
  }

  /** Closes all scopes, returns all memory and closes the backend. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    requireOwnThread();
    while (innermost != null) {
      innermost.close();
    }
    closed = true;
    try {
      captured.forEach(MemoryPool::trim);
      memory.trim();
    } finally {
      backend.close();
    }
  }

  // ---- making tensors

  /** An F32 tensor with the given values in row-major order. */
  public Tensor tensor(float[] values, int... dims) {
    return upload(DType.F32, MemorySegment.ofArray(values), values.length, dims);
  }

  /** An F64 tensor with the given values in row-major order. */
  public Tensor tensor(double[] values, int... dims) {
    return upload(DType.F64, MemorySegment.ofArray(values), values.length, dims);
  }

  /** An I32 tensor with the given values in row-major order. */
  public Tensor tensor(int[] values, int... dims) {
    return upload(DType.I32, MemorySegment.ofArray(values), values.length, dims);
  }

  /** An I64 tensor with the given values in row-major order. */
  public Tensor tensor(long[] values, int... dims) {
    return upload(DType.I64, MemorySegment.ofArray(values), values.length, dims);
  }

  /** A U8 tensor with the given values (unsigned) in row-major order. */
  public Tensor tensor(byte[] values, int... dims) {
    return upload(DType.U8, MemorySegment.ofArray(values), values.length, dims);
  }

  /** A scalar of the given type. */
  public Tensor scalar(DType dtype, double value) {
    return full(dtype, value);
  }

  /**
   * The scalar 1, where gradients start: kept, so that steps do not make it again. Not to be
   * written to.
   */
  public Tensor one(DType dtype) {
    requireOpen();
    Tensor kept = ones.get(dtype);
    if (kept != null) {
      return kept;
    }
    if (capturing) {
      // What fills it belongs to the capture, and may never run.
      return scalar(dtype, 1);
    }
    Tensor one = emptyIn(root, dtype, Shape.SCALAR).named("one");
    backend.fill(one.view(), 1);
    ones.put(dtype, one);
    return one;
  }

  /** A tensor of zeros. */
  public Tensor zeros(DType dtype, int... dims) {
    return full(dtype, 0, dims);
  }

  /** A tensor with one value everywhere. */
  public Tensor full(DType dtype, double value, int... dims) {
    Tensor out = empty(dtype, Shape.of(dims));
    backend.fill(out.view(), value);
    return out;
  }

  /** A tensor with undefined content. */
  public Tensor empty(DType dtype, Shape shape) {
    return emptyIn(innermost, dtype, shape);
  }

  /**
   * A tensor with undefined content that belongs to an outer scope, for state that outlives the
   * step.
   */
  public Tensor emptyIn(Scope owner, DType dtype, Shape shape) {
    requireOpen();
    Storage storage = new Storage(memory.take(pool, dtype, shape, this), pool, owner);
    owner.adopt(storage);
    return new Tensor(this, storage, View.contiguous(storage.buffer(this), 0, shape), -1);
  }

  // ---- random numbers

  /**
   * Seeds the device's random streams and restarts them. Initial weights do not depend on it: they
   * are drawn on the host from the seed that the model is given.
   */
  public Session seed(long seed) {
    requireOpen();
    this.seed = seed;
    this.nextSite = 0;
    return this;
  }

  /**
   * Random numbers from the next stream of this step. Streams are numbered within a step and the
   * step counter lives on the device, so that a replayed step draws new numbers.
   */
  public Tensor random(RandomKind kind, DType dtype, int... dims) {
    if (!dtype.isArithmetic()) {
      throw new DTypeException(
          "random: draws F32 or F64, got %s; draw F32 and convert with to(DType.%s)"
              .formatted(dtype, dtype));
    }
    Tensor out = empty(dtype, Shape.of(dims));
    backend.random(kind, seed, nextSite++, stepState.view(), out.view());
    return out;
  }

  /**
   * Ends a step: the counters of the step state move by their increments, and random streams start
   * anew. An optimizer's step does it, by this or by its own call.
   */
  public void advanceStep() {
    restartStreams();
    View counters = stepEntries(0);
    backend.binary(BinaryKind.ADD, counters, stepEntries(StepState.INCREMENTS), counters);
  }

  /**
   * What is left to do at the end of a step whose counters were moved by a {@link
   * talweg.op.FusedCall.Update}.
   */
  public void restartStreams() {
    nextSite = 0;
  }

  /** Puts the step state back to what it is before the first step. */
  public void resetStepState() {
    backend.fill(stepState.view(), 0);
    backend.fill(stepEntries(StepState.INCREMENTS), 1);
  }

  private View stepEntries(int from) {
    return stepState.view().slice(new int[] {from}, new int[] {1}, Shape.of(StepState.COUNTERS));
  }

  /**
   * The F64 vector of everything that changes between steps, laid out as {@link StepState} says.
   */
  public Tensor stepState() {
    return stepState;
  }

  // ---- recording

  /** Switches recording off until the returned guard is closed. */
  public RecordingGuard noGrad() {
    return recording(false);
  }

  /** Switches recording on or off until the returned guard is closed. */
  public RecordingGuard recording(boolean on) {
    requireOpen();
    RecordingGuard guard = new RecordingGuard(this, recording);
    recording = on;
    return guard;
  }

  /** Whether operations on tensors that require a gradient are recorded. */
  public boolean isRecording() {
    return recording;
  }

  /** Restores the recording mode that was in force before {@link #noGrad}. */
  public static final class RecordingGuard implements AutoCloseable {
    private final Session session;
    private final boolean before;

    RecordingGuard(Session session, boolean before) {
      this.session = session;
      this.before = before;
    }

    @Override
    public void close() {
      session.recording = before;
    }
  }

  /**
   * Runs {@code body} once and records its work for replay on the same memory. Inside, nothing may
   * pass between host and device: {@link Tensor#item}, reading and making tensors from host values
   * throw on every backend. What the body does on the host, such as counting, happens once.
   */
  public Capture capture(Runnable body) {
    requireOpen();
    if (capturing) {
      throw new BackendException("capture: a capture is already running on this session");
    }
    // Memory of its own, which nobody else uses between replays.
    MemoryPool inside = memory.newPool();
    captured.add(inside);
    pool = inside;
    capturing = true;
    Replay replay = null;
    try {
      replay = backend.capture(body);
      return new Capture(this, replay, inside);
    } finally {
      capturing = false;
      pool = memory.ordinary();
      if (replay == null) {
        retire(inside);
      }
    }
  }

  /** Gives a capture up and returns its memory to the device. */
  public void release(Capture capture) {
    requireOpen();
    capture.close();
    retire(capture.pool());
  }

  /** Returns a capture's memory; tensors of outer scopes may keep some of it until they end. */
  private void retire(MemoryPool inside) {
    inside.trim();
    if (inside.bytesHeld() == 0) {
      captured.remove(inside);
    }
  }

  // ---- the parts, for operations and backends' tests

  /** The device. */
  public Backend backend() {
    return backend;
  }

  /** Where every operation passes. */
  public Dispatcher dispatcher() {
    return dispatcher;
  }

  /** The record of operations that gradients are computed from. */
  public Tape tape() {
    return tape;
  }

  /**
   * Copies a contiguous view to the host: the only way from the device, and it waits for pending
   * work.
   */
  public void download(View view, MemorySegment target) {
    requireHostAccess("reading a tensor");
    backend.download(view, target);
  }

  /** Copies host values into an existing tensor of the same type and number of elements. */
  public void upload(MemorySegment source, View out) {
    requireHostAccess("uploading to a tensor");
    backend.upload(source, out);
  }

  /** The scope that new tensors belong to. */
  public Scope innermost() {
    return innermost;
  }

  /** The outermost scope, which lives as long as the session. */
  public Scope root() {
    return root;
  }

  /** Who holds memory, for reports. */
  MemoryHolders holders() {
    MemoryHolders holders = new MemoryHolders();
    innermost.reportHolders(holders);
    captured.forEach(c -> holders.add("captured steps", c.bytesHeld()));
    return holders;
  }

  /** What to throw where the JVM has no memory left for an operation's objects. */
  OutOfMemoryException heapFull(OutOfMemoryError error) {
    return memory.heapFull(this, error);
  }

  void leave(Scope parent) {
    innermost = parent;
  }

  boolean isClosed() {
    return closed;
  }

  void requireOwnThread() {
    if (Thread.currentThread() != thread) {
      throw new TalwegException(
          "session: used by thread \"%s\" but opened by \"%s\"; a session is confined to one thread, open one per thread"
              .formatted(Thread.currentThread().getName(), thread.getName()));
    }
  }

  void requireOpen() {
    if (closed) {
      throw new ClosedScopeException(
          "%s: the session is closed; open another one with Session.open".formatted(this));
    }
    requireOwnThread();
  }

  private void requireHostAccess(String what) {
    requireOpen();
    if (capturing) {
      throw new BackendException(
          "capture: %s inside a captured step would wait for the device; do it before or after the capture"
              .formatted(what));
    }
  }

  private Tensor upload(DType dtype, MemorySegment values, long length, int... dims) {
    Shape shape = Shape.of(dims);
    if (shape.size() != length) {
      throw new ShapeException(
          "tensor: %d values do not fill shape %s, which has %d elements"
              .formatted(length, shape, shape.size()));
    }
    Tensor out = empty(dtype, shape);
    upload(values, out.view());
    return out;
  }

  @Override
  public String toString() {
    return "Session[" + backend.name() + "]";
  }
}
