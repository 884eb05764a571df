package talweg.session;

import java.lang.foreign.MemorySegment;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import talweg.autograd.Tape;
import talweg.error.CaptureException;
import talweg.error.ClosedScopeException;
import talweg.error.DTypeException;
import talweg.error.OutOfMemoryException;
import talweg.error.ShapeException;
import talweg.error.TalwegException;
import talweg.op.RandomKind;
import talweg.spi.Backend;
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
  private final Backend device;
  private final SessionMemory memory;
  private final Dispatcher dispatcher;
  private final Tape tape;
  private final Scope root;
  private final RandomStream own;

  private final Map<DType, Tensor> ones = new EnumMap<>(DType.class);
  private final Captures captures;
  private Scope innermost;
  private boolean recording = true;
  private boolean closed;
  private RandomStream random;
  private long seed;

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
    this.device = backend;
    this.memory = new SessionMemory(backend, memory);
    this.captures = new Captures(this, backend, this.memory);
    this.dispatcher = new Dispatcher(this);
    this.tape = new Tape(this);
    this.root = new Scope(this, null, "session", 0);
    this.innermost = root;
    try {
      Tensor state = empty(DType.F64, Shape.of(StepState.LENGTH)).named("random numbers");
      backend.fill(state.view(), 1);
      this.own = RandomStream.perDraw(this, state);
      this.random = own;
      own.reset();
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
    backend().synchronize();
  }

  /** Memory taken from the device so far, in use or pooled, in bytes; 0 after {@link #close}. */
  public long bytesHeld() {
    requireOwnThread();
    return memory.use().held();
  }

  /** Memory taken from the device, and how much may be; also after {@link #close}. */
  public MemoryUse memory() {
    requireOwnThread();
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
    try {
      while (innermost != null) {
        innermost.close();
      }
      captures.close();
      memory.trim();
    } finally {
      closed = true;
      device.close();
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
    if (captures.isRunning()) {
      // What fills it belongs to the capture, and may never run.
      return scalar(dtype, 1);
    }
    Tensor one = emptyIn(root, dtype, Shape.SCALAR).named("one");
    backend().fill(one.view(), 1);
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
    try {
      backend().fill(out.view(), value);
    } catch (OutOfMemoryError e) {
      throw heapFull(e);
    }
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
    return emptyIn(owner, captures.pool(), dtype, shape);
  }

  Tensor emptyIn(Scope owner, MemoryPool pool, DType dtype, Shape shape) {
    requireOpen();
    owner.requireOf(this);
    try {
      Storage storage = new Storage(memory.take(pool, dtype, shape, this), pool, owner);
      owner.adopt(storage);
      captures.allocated(storage.buffer(this));
      return new Tensor(this, storage, View.contiguous(storage.buffer(this), 0, shape), -1);
    } catch (OutOfMemoryError e) {
      throw heapFull(e);
    }
  }

  // ---- random numbers

  /**
   * Seeds the session's random numbers and restarts them. Optimizers that were given no seed of
   * their own draw with this one from now on. Initial weights do not depend on it: they are drawn
   * on the host from the seed that the model is given.
   */
  public Session seed(long seed) {
    requireOpen();
    this.seed = seed;
    own.reset();
    return this;
  }

  long seed() {
    return seed;
  }

  /**
   * Random numbers from the stream that is drawn from now: in the forward pass of a module that an
   * optimizer trains, even if a part of it only, that of the optimizer, else the session's. A
   * replayed step draws new numbers.
   */
  public Tensor random(RandomKind kind, DType dtype, int... dims) {
    if (!dtype.isArithmetic()) {
      throw new DTypeException(
          "random: draws F32 or F64, got %s; draw F32 and convert with to(DType.%s)"
              .formatted(dtype, dtype));
    }
    Tensor out = empty(dtype, Shape.of(dims));
    try {
      random.draw(kind, out.view());
    } catch (OutOfMemoryError e) {
      throw heapFull(e);
    }
    return out;
  }

  /** Whether random numbers are drawn from the session's own stream now. */
  public boolean drawsFromItself() {
    requireOpen();
    return random == own;
  }

  /** Whether random numbers are drawn from this stream now. */
  public boolean drawsFrom(RandomStream stream) {
    requireOpen();
    return random == stream;
  }

  /** Draws random numbers from another stream of this session until the guard is closed. */
  public RandomGuard drawFrom(RandomStream stream) {
    requireOpen();
    if (stream.session() != this) {
      throw new TalwegException("random: the stream belongs to another session");
    }
    RandomGuard guard = new RandomGuard(this, random);
    random = stream;
    return guard;
  }

  Captures captures() {
    return captures;
  }

  /** Goes back to the stream that was drawn from before {@link #drawFrom}. */
  public static final class RandomGuard implements AutoCloseable {
    private final Session session;
    private final RandomStream before;

    RandomGuard(Session session, RandomStream before) {
      this.session = session;
      this.before = before;
    }

    @Override
    public void close() {
      session.requireOwnThread();
      session.random = before;
    }
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
    requireOpen();
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
      session.requireOwnThread();
      session.recording = before;
    }
  }

  /**
   * Runs {@code body} once and records its work for replay on the same memory. Nothing may be read
   * inside ({@link Tensor#item}), on any backend. Tensors made from host values are constants: they
   * are brought to the device once and kept with the capture. What the body does on the host, such
   * as counting, happens once.
   *
   * @throws CaptureException if the body reads from the device, or overwrites what it did not make
   */
  public Capture capture(Runnable body) {
    requireOpen();
    return captures.capture(body);
  }

  /**
   * Whether a step is being captured, or runs in place of a replay: what the host does then, it
   * does not do in replays.
   */
  public boolean isCapturing() {
    requireOpen();
    return captures.isActive();
  }

  /**
   * Releases a capture and returns its memory to the device, as {@link Capture#close} does.
   *
   * @throws ClosedScopeException if that was done before
   * @throws TalwegException if another session made the capture
   */
  public void release(Capture capture) {
    requireOpen();
    if (!capture.isOf(this)) {
      throw new TalwegException("capture: another session made it; release it there");
    }
    if (capture.isClosed()) {
      throw new ClosedScopeException("capture: it was released already");
    }
    capture.close();
  }

  /**
   * Runs the body and returns the seconds that the host spent on it outside of the backend: on
   * building operations and tape, which a replay of the same work saves.
   */
  public double hostSeconds(Runnable body) {
    captures.requireInactive("the host's time is measured");
    synchronize();
    long start = System.nanoTime();
    CallLog log = captures.logged(body);
    return (System.nanoTime() - start) * 1e-9 - log.seconds();
  }

  // ---- the parts, for operations and backends' tests

  /** The device. */
  public Backend backend() {
    requireOpen();
    return captures.backend();
  }

  /** Where every operation passes. */
  public Dispatcher dispatcher() {
    requireOpen();
    return dispatcher;
  }

  /** The record of operations that gradients are computed from. */
  public Tape tape() {
    requireOpen();
    return tape;
  }

  /**
   * Copies a contiguous view to the host: the only way from the device, and it waits for pending
   * work.
   */
  public void download(View view, MemorySegment target) {
    requireHostAccess("reading a tensor");
    backend().download(view, target);
  }

  /** Copies host values into an existing tensor of the same type and number of elements. */
  public void upload(MemorySegment source, View out) {
    requireHostAccess("uploading to a tensor");
    backend().upload(source, out);
  }

  /** The scope that new tensors belong to. */
  public Scope innermost() {
    requireOpen();
    return innermost;
  }

  /** The outermost scope, which lives as long as the session. */
  public Scope root() {
    requireOpen();
    return root;
  }

  /** Who holds memory, for reports. */
  MemoryHolders holders() {
    MemoryHolders holders = new MemoryHolders();
    innermost.reportHolders(holders);
    captures.reportHolders(holders);
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

  /**
   * Checks that the session can be used here and now, as everything does that uses it.
   *
   * @throws ClosedScopeException if it is closed
   * @throws TalwegException on another thread than that which opened it
   */
  public void requireOpen() {
    if (closed) {
      throw new ClosedScopeException(
          "%s: the session is closed; open another one with Session.open".formatted(this));
    }
    requireOwnThread();
  }

  /** Tensors of different sessions are on different devices, or in different accounts. */
  void requireOwn(String operation, Tensor operand) {
    if (operand.session() != this) {
      throw new TalwegException(
          "%s: operands belong to different sessions (%s and %s); copy one over with session.tensor(other.toFloats(), ...)"
              .formatted(operation, this, operand.session()));
    }
  }

  private void requireHostAccess(String what) {
    requireOpen();
    captures.requireHostAccess(what);
  }

  private Tensor upload(DType dtype, MemorySegment values, long length, int... dims) {
    Shape shape = Shape.of(dims);
    if (shape.size() != length) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "tensor: %d values do not fill shape %s, which has %d elements",
              length,
              shape,
              shape.size()));
    }
    requireOpen();
    Tensor out = captures.forValues(dtype, shape);
    try {
      backend().upload(values, out.view());
    } catch (OutOfMemoryError e) {
      throw heapFull(e);
    }
    return out;
  }

  @Override
  public String toString() {
    return "Session[" + device.name() + "]";
  }
}
