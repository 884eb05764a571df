package talweg.cli;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Times a call as {@code torch_baseline.py} does: warm-up, then {@value #WINDOWS} windows of as
 * many calls as fit into a share of the time, and the windows' median, least and most. The device
 * is waited for around each window, not around each call.
 *
 * <p>The warm-up is longer than the baseline's five calls, since a JVM compiles while it runs: it
 * lasts at least as long as the measurement, and then until a window is no faster than the best one
 * before and the compiler is as good as done, but at most {@value #LONGEST_WARM_UP} times as long.
 * Calls that take seconds get fewer windows rather than keep everybody waiting; a row says how many
 * it had.
 */
final class Stopwatch {
  static final int WINDOWS = 7;
  private static final int WARM_UP_CALLS = 5;
  private static final int LONGEST_WARM_UP = 4;
  private static final int LONGEST_MEASUREMENT = 10;

  /** A window must beat the best one by this factor to count as still getting faster. */
  private static final double FASTER = 0.97;

  /** The share of a window that the compiler may take without warm-up going on. */
  private static final double COMPILING = 0.05;

  private final double seconds;
  private final LongSupplier nanoTime;

  /** Seconds per call. */
  record Timing(double median, double least, double most, int windows) {}

  /**
   * A stopwatch for calls of any length.
   *
   * @param seconds that the windows take together
   */
  Stopwatch(double seconds) {
    this(seconds, System::nanoTime);
  }

  /** As above, by a clock of another kind. */
  Stopwatch(double seconds, LongSupplier nanoTime) {
    this.seconds = seconds;
    this.nanoTime = nanoTime;
  }

  /**
   * Times a call.
   *
   * @param synchronize waits for the work that calls have issued
   */
  Timing time(Runnable call, Runnable synchronize) {
    double once = warmUp(call, synchronize);
    long calls = Math.max(1, (long) (seconds / WINDOWS / once));
    double[] windows = new double[WINDOWS];
    int done = 0;
    for (double spent = 0;
        done < WINDOWS && (done == 0 || spent < LONGEST_MEASUREMENT * seconds);
        done++) {
      windows[done] = window(call, synchronize, calls);
      spent += windows[done] * calls;
    }
    double[] sorted = Arrays.copyOf(windows, done);
    Arrays.sort(sorted);
    double median =
        done % 2 == 1 ? sorted[done / 2] : (sorted[done / 2 - 1] + sorted[done / 2]) / 2;
    return new Timing(median, sorted[0], sorted[done - 1], done);
  }

  /** Runs until calls are no longer getting faster; returns the seconds that one takes. */
  private double warmUp(Runnable call, Runnable synchronize) {
    double spent = 0;
    double best = Double.POSITIVE_INFINITY;
    for (int i = 0; i < WARM_UP_CALLS && spent < LONGEST_WARM_UP * seconds; i++) {
      best = Math.min(best, window(call, synchronize, 1));
      spent += best;
    }
    boolean settled = false;
    while ((spent < seconds || !settled) && spent < LONGEST_WARM_UP * seconds) {
      long calls = Math.max(1, (long) (seconds / WINDOWS / best));
      double compiled = secondsCompiling();
      double now = window(call, synchronize, calls);
      spent += now * calls;
      // The compiler takes a processor from the threads that are measured.
      boolean compiling = secondsCompiling() - compiled > COMPILING * now * calls;
      settled = now >= best * FASTER && !compiling;
      best = Math.min(best, now);
    }
    return best;
  }

  /** Time that the just-in-time compiler has taken so far; 0 where the JVM does not tell. */
  private static double secondsCompiling() {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    return compiler != null && compiler.isCompilationTimeMonitoringSupported()
        ? compiler.getTotalCompilationTime() / 1e3
        : 0;
  }

  /** Seconds per call, never 0. */
  private double window(Runnable call, Runnable synchronize, long calls) {
    synchronize.run();
    long start = nanoTime.getAsLong();
    for (long i = 0; i < calls; i++) {
      call.run();
    }
    synchronize.run();
    return Math.max(1, nanoTime.getAsLong() - start) * 1e-9 / calls;
  }
}
