package talweg.train;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * How fast a training is now: over its last seconds, so that the start, when the JVM still compiles
 * and caches are cold, does not spoil the estimate of what is left.
 */
final class Speed {
  /** Seconds that the estimate looks back. */
  private static final double WINDOW = 5;

  /** Seconds that it needs before it says anything of the time that is left. */
  private static final double LEAST = 1;

  private final Deque<Mark> marks = new ArrayDeque<>();

  /** Examples processed by a time in seconds of training. */
  private record Mark(double seconds, double examples) {}

  /** Takes in where the training is; both numbers rise from call to call. */
  void mark(double seconds, double examples) {
    marks.addLast(new Mark(seconds, examples));
    while (marks.size() > 2 && marks.peekFirst().seconds < seconds - WINDOW) {
      marks.removeFirst();
    }
  }

  /** Examples per second over the last seconds, NaN before the second mark. */
  double samplesPerSecond() {
    if (marks.size() < 2 || !(span() > 0)) {
      return Double.NaN;
    }
    return (marks.peekLast().examples - marks.peekFirst().examples) / span();
  }

  /**
   * Seconds until a number of examples is processed at this speed; NaN at first.
   *
   * @param all examples of the whole training
   */
  double secondsUntil(double all) {
    return marks.size() < 2 || span() < LEAST
        ? Double.NaN
        : (all - marks.peekLast().examples) / samplesPerSecond();
  }

  private double span() {
    return marks.peekLast().seconds - marks.peekFirst().seconds;
  }
}
