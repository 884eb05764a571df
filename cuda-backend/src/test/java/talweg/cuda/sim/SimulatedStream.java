package talweg.cuda.sim;

import java.util.ArrayDeque;
import java.util.Deque;

/** A stream: work in order, done at once or when somebody waits for it, unless it is recorded. */
final class SimulatedStream {
  private final Deque<Work> pending = new ArrayDeque<>();
  private Capture capture;

  Capture capture() {
    return capture;
  }

  void capture(Capture recording) {
    this.capture = recording;
  }

  boolean capturing() {
    return capture != null;
  }

  /** Work that was issued, but not done yet. */
  Deque<Work> pending() {
    return pending;
  }
}
