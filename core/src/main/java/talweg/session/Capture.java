package talweg.session;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import talweg.error.CaptureException;
import talweg.error.ClosedScopeException;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.Replay;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A recorded sequence of device work, made by {@link Session#capture}. It keeps the memory of its
 * intermediate results and of the constants that were made inside, so that a replay finds it
 * untouched; tensors computed inside show the results of the latest replay, as long as their scope
 * is open. Tensors from outside that the work reads or writes must be open at each replay.
 */
public final class Capture implements AutoCloseable {
  private final Session session;
  private final MemoryPool pool;

  /** Apart from the other memory, none of which may come to lie where a constant is. */
  private final MemoryPool constantPool;

  private final List<Storage> constants = new ArrayList<>();
  private final List<External> external = new ArrayList<>();
  private final CallLog log = new CallLog();
  private final CapturedDraws draws = new CapturedDraws();
  private Replay replay;
  private boolean closed;

  /**
   * Memory from outside that the work uses.
   *
   * @param departures of the values on it when the work was recorded
   */
  private record External(Storage storage, int departures) {}

  Capture(Session session, SessionMemory memory) {
    this.session = session;
    this.pool = memory.newPool();
    this.constantPool = memory.newPool();
  }

  /** Runs the body and records its work. */
  void record(Backend backend, Runnable body) {
    Map<Buffer, Storage> open = new IdentityHashMap<>();
    session.innermost().collect(open);
    replay = backend.capture(body);
    draws.recorded();
    Set<Buffer> used = log.external();
    open.forEach((buffer, storage) -> {
      if (used.contains(buffer)) {
        external.add(new External(storage, storage.departures()));
      }
    });
  }

  /**
   * Does the recorded work again.
   *
   * @throws ClosedScopeException if the capture was closed or released, its session is closed, or
   *     the scope of a tensor that the work uses is
   * @throws CaptureException inside another captured step, which would not record the work
   */
  public void replay() {
    requireUsable();
    draws.begin();
    replay.run();
    draws.end();
  }

  /**
   * Runs the body as written, in place of a replay, and compares what it asks of the device with
   * the recorded work. As those of a replay, its results are there until the next one.
   *
   * @throws CaptureException naming the first operation that differs in its kind, shapes, constants
   *     or tensors; the body's work is done all the same
   * @throws ClosedScopeException as {@link #replay}
   */
  public void rerun(Runnable body) {
    requireUsable();
    draws.begin();
    String difference = log.difference(session.captures().rerun(this, body));
    draws.end();
    if (difference != null) {
      throw new CaptureException(
          "captured step: it does other work than was recorded: " + difference,
          "replays would do the recorded work; capture only what does the same work each time");
    }
  }

  private void requireUsable() {
    session.requireOpen();
    session.captures().requireInactive("another capture is replayed");
    if (closed) {
      throw new ClosedScopeException(
          "capture: it was released, and cannot be replayed; capture the step again");
    }
    for (int i = 0; i < external.size(); i++) {
      Storage used = external.get(i).storage;
      if (used.isClosed() || used.departures() != external.get(i).departures) {
        throw new ClosedScopeException(
            "capture: %s, which the captured work uses, was %s; capture the step again, with tensors that stay as long as it is replayed"
                .formatted(used.label(), used.isClosed() ? "freed" : "replaced"));
      }
    }
  }

  /** A tensor for values from the host, which the device keeps with the capture. */
  Tensor constant(DType dtype, Shape shape) {
    Tensor constant = session.emptyIn(session.innermost(), constantPool, dtype, shape);
    constant.storage().hold();
    constant.storage().endsWithCapture();
    constants.add(constant.storage());
    return constant;
  }

  /**
   * Refuses to overwrite a constant: it is brought to the device once, so that replays would find
   * the new content.
   */
  void requireWritable(View out) {
    for (Storage constant : constants) {
      if (constant.isOn(out.buffer())) {
        throw new CaptureException(
            "capture: a tensor made from host values inside a captured step is overwritten",
            "copy it first, for example with add(0), or make it outside");
      }
    }
  }

  MemoryPool pool() {
    return pool;
  }

  CallLog log() {
    return log;
  }

  CapturedDraws draws() {
    return draws;
  }

  boolean isOf(Session other) {
    return session == other;
  }

  boolean isClosed() {
    return closed;
  }

  long bytesHeld() {
    return pool.bytesHeld() + constantPool.bytesHeld();
  }

  /** Returns the memory that was kept; the capture cannot be replayed any more. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    session.requireOwnThread();
    closed = true;
    session.captures().forget(this);
    if (replay != null) {
      replay.close();
    }
    constants.forEach(storage -> storage.unhold(storage.owner()));
    constantPool.retire();
    pool.retire();
    constants.clear();
    external.clear();
    log.clear();
  }
}
