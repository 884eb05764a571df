package talweg.session;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import talweg.error.CaptureException;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** A session's captures, and what is different while one is being made or a step is watched. */
final class Captures {
  private final Session session;
  private final Backend device;
  private final SessionMemory memory;
  private final Set<Capture> open = new LinkedHashSet<>();

  private Capture running;
  private boolean rerunning;

  /** Where a step that is compared with its recording finds room, or null. */
  private MemoryPool lent;

  private CallLog log;
  private Backend backend;

  Captures(Session session, Backend device, SessionMemory memory) {
    this.session = session;
    this.device = device;
    this.memory = memory;
    this.backend = device;
  }

  /** The device, or what stands before it while its calls are logged. */
  Backend backend() {
    return backend;
  }

  /** Where new tensors lie: a capture has memory of its own, which nobody uses between replays. */
  MemoryPool pool() {
    if (running != null) {
      return running.pool();
    }
    return lent == null ? memory.ordinary() : lent;
  }

  boolean isRunning() {
    return running != null;
  }

  /** Whether a step is being recorded, or runs again in place of a replay. */
  boolean isActive() {
    return running != null || rerunning;
  }

  /** Refuses what works past the backend that notes a captured step's work. */
  void requireInactive(String what) {
    if (isActive()) {
      throw new CaptureException(
          "capture: %s inside a captured step, which would not have that work".formatted(what),
          "do one after the other, or capture the work of both in one body");
    }
  }

  Capture capture(Runnable body) {
    if (isActive()) {
      throw new CaptureException(
          "capture: a capture is already running on this session", "end that one first");
    }
    // Kept for all backward passes, so made before what is recorded.
    session.one(DType.F32);
    session.one(DType.F64);
    Capture capture = new Capture(session, memory);
    open.add(capture);
    running = capture;
    boolean recorded = false;
    try {
      capture.record(device, () -> runOrRecord(capture, body));
      recorded = true;
      return capture;
    } finally {
      running = null;
      if (!recorded) {
        capture.close();
      }
    }
  }

  /** A backend that cannot record runs the body again for each replay. */
  private void runOrRecord(Capture capture, Runnable body) {
    if (running == capture) {
      logged(capture.log(), body);
    } else {
      runAgain(body);
    }
  }

  /**
   * Runs the body as it is run while it is recorded, and logs what it asks of the device. Where
   * memory is tight it works in what the capture holds, which is as much as the same work needs.
   */
  CallLog rerun(Capture capture, Runnable body) {
    CallLog calls = new CallLog();
    lent = memory.use().tight() ? capture.pool() : null;
    try {
      logged(calls, () -> runAgain(body));
    } finally {
      lent = null;
    }
    return calls;
  }

  private void runAgain(Runnable body) {
    rerunning = true;
    try {
      body.run();
    } finally {
      rerunning = false;
    }
  }

  /** Runs the body and logs what it asks of the device. */
  CallLog logged(Runnable body) {
    CallLog calls = new CallLog();
    logged(calls, body);
    return calls;
  }

  private void logged(CallLog into, Runnable body) {
    backend = new LoggedBackend(device, into, running);
    log = into;
    try {
      body.run();
    } finally {
      backend = device;
      log = null;
    }
  }

  /** A tensor that is to hold values from the host. */
  Tensor forValues(DType dtype, Shape shape) {
    return running == null ? session.empty(dtype, shape) : running.constant(dtype, shape);
  }

  void allocated(Buffer buffer) {
    if (log != null) {
      log.allocated(buffer);
    }
  }

  void draws(RandomStream stream) {
    if (running != null) {
      running.draws().draws(stream);
    }
  }

  void restarted(RandomStream stream) {
    if (running != null) {
      running.draws().restarted(stream);
    }
  }

  void requireHostAccess(String what) {
    if (running != null) {
      throw new CaptureException(
          "capture: %s inside a captured step would wait for the device".formatted(what),
          "do it before or after the capture");
    }
  }

  void forget(Capture capture) {
    open.remove(capture);
  }

  void reportHolders(MemoryHolders holders) {
    open.forEach(capture -> holders.add("captured steps", capture.bytesHeld()));
  }

  void close() {
    List.copyOf(open).forEach(Capture::close);
  }
}
