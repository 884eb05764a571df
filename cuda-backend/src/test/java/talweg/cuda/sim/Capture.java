package talweg.cuda.sim;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A recording under way: the stream that began it and those that joined it through events. */
final class Capture {
  static final int GLOBAL = 0;
  static final int THREAD_LOCAL = 1;
  static final int RELAXED = 2;

  private final SimulatedStream origin;
  private final int mode;
  private final Thread beganOn = Thread.currentThread();
  private final List<Work> nodes = new ArrayList<>();
  private final Set<SimulatedStream> joined = new HashSet<>();

  /** Streams with work that the origin does not wait for yet. */
  private final Set<SimulatedStream> loose = new HashSet<>();

  private boolean invalid;

  Capture(SimulatedStream origin, int mode) {
    this.origin = origin;
    this.mode = mode;
  }

  SimulatedStream origin() {
    return origin;
  }

  /**
   * Whether this thread must not do what is unsafe while the capture lasts. A relaxed one would
   * allow it even where it began; to be careful costs nothing there.
   */
  boolean forbidsUnsafeCalls() {
    return mode == GLOBAL || Thread.currentThread() == beganOn;
  }

  boolean relaxed() {
    return mode == RELAXED;
  }

  void add(SimulatedStream stream, Work work) {
    CuError.require(!invalid, CuResult.CAPTURE_INVALIDATED, "the capture is invalid already");
    nodes.add(work);
    if (stream != origin) {
      loose.add(stream);
    }
  }

  /** A stream waits for an event that was recorded in another one of this capture. */
  void join(SimulatedStream stream, SimulatedStream awaited) {
    if (stream != origin) {
      joined.add(stream);
      loose.add(stream);
      stream.capture(this);
    }
    loose.remove(awaited);
  }

  void invalidate() {
    invalid = true;
  }

  boolean invalid() {
    return invalid;
  }

  /** Ends it for all its streams; the nodes in an order that respects all dependencies. */
  List<Work> end() {
    origin.capture(null);
    joined.forEach(stream -> stream.capture(null));
    CuError.require(!invalid, CuResult.CAPTURE_INVALIDATED, "a forbidden call ended the capture");
    CuError.require(
        loose.isEmpty(), CuResult.CAPTURE_UNJOINED, "a forked stream was not joined again");
    return List.copyOf(nodes);
  }
}
