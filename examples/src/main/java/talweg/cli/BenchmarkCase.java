package talweg.cli;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import talweg.session.Session;
import talweg.tensor.DType;

/**
 * One thing to measure. Its data are made before the clock starts, and its fields are named as
 * {@code torch_baseline.py} names them.
 */
interface BenchmarkCase {
  /** How a host backend tells its threads in {@link talweg.spi.Backend#device}. */
  Pattern THREADS = Pattern.compile("(\\d+) threads?");

  /** What is measured, in one line for people; the same on every backend. */
  String describe();

  /** Measures it on a session of its own. */
  Result run(Session session, Stopwatch stopwatch);

  /** Whose work is measured. */
  default String worker(Session session) {
    return session.backend().name();
  }

  /** What it runs on. */
  default String device(Session session) {
    return session.backend().device();
  }

  /** Host threads that work; 1 for a device that one thread feeds. */
  default int threads(Session session) {
    Matcher told = THREADS.matcher(session.backend().device());
    return told.find() ? Integer.parseInt(told.group(1)) : 1;
  }

  /**
   * What came out.
   *
   * @param fields the row's own part
   * @param rate the throughput, for people
   */
  record Result(Stopwatch.Timing timing, Map<String, Object> fields, String rate) {}

  /** An element type by the name that {@code --precision} takes. */
  static String precision(DType dtype) {
    return switch (dtype) {
      case F32 -> "fp32";
      case F64 -> "fp64";
      case BF16, I32, I64, U8 -> throw new IllegalArgumentException(dtype.toString());
    };
  }

  /** Integers with commas between, as flags take them. */
  static String list(int... values) {
    return IntStream.of(values).mapToObj(Integer::toString).collect(Collectors.joining(","));
  }

  /** A throughput for people. */
  static String rate(double value, String unit) {
    double size = Math.abs(value);
    String format = size == 0 || size >= 1 ? "%,.1f %s" : size >= 1e-3 ? "%.3f %s" : "%.1e %s";
    return String.format(Locale.ROOT, format, value, unit);
  }
}
