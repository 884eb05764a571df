package talweg.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What was measured of one case on one backend, here or in another process.
 *
 * @param name of the case, for people
 * @param fields as they are printed as JSON
 */
record BenchmarkRow(String name, Map<String, Object> fields) {
  /** Places after the point in JSON, as in the PyTorch twin. */
  private static final double PLACES = 1e4;

  /** The field of the part of its ceiling that a case reached. */
  private static final String FRACTION = "of_ceiling";

  String kind() {
    return text("case");
  }

  /** Whose work it is. */
  String backend() {
    return text("backend");
  }

  String device() {
    return text("device");
  }

  /** What the device is called, without what runs on it: backends of one device share ceilings. */
  String hardware() {
    return device().split(",", 2)[0];
  }

  double median() {
    return seconds("us_per_step", "us", "ms");
  }

  double least() {
    return seconds("us_min", "ms_min");
  }

  double most() {
    return seconds("us_max", "ms_max");
  }

  /** Gigabytes per second, NaN where memory is not what is measured. */
  double bandwidth() {
    return number("gb_per_s");
  }

  /** 10^9 floating-point operations per second, NaN where they are not what is measured. */
  double arithmetic() {
    return number("gflops");
  }

  /** The part of the ceiling, NaN where that is not known. */
  double fraction() {
    return number(FRACTION);
  }

  /** The throughput, for people. */
  String rate() {
    if (fields.containsKey("samples_per_s")) {
      return BenchmarkCase.rate(number("samples_per_s"), "samples/s")
          + ", "
          + BenchmarkCase.rate(arithmetic(), "GFLOP/s");
    }
    return Double.isNaN(bandwidth())
        ? BenchmarkCase.rate(arithmetic(), "GFLOP/s")
        : BenchmarkCase.rate(bandwidth(), "GB/s");
  }

  BenchmarkRow withFraction(double fraction) {
    Map<String, Object> more = new LinkedHashMap<>(fields);
    more.put(FRACTION, fraction);
    return new BenchmarkRow(name, more);
  }

  /** The fields, rounded. */
  Map<String, Object> json() {
    Map<String, Object> rounded = new LinkedHashMap<>();
    fields.forEach((key, value) -> rounded.put(key, rounded(value)));
    return rounded;
  }

  private static Object rounded(Object value) {
    return value instanceof Double number ? Math.round(number * PLACES) / PLACES : value;
  }

  String time() {
    return time(median());
  }

  String range() {
    return time(least()).strip() + "–" + time(most()).strip();
  }

  private static String time(double seconds) {
    return seconds < 1e-3
        ? String.format(Locale.ROOT, "%8.2f µs", seconds * 1e6)
        : String.format(Locale.ROOT, "%8.2f ms", seconds * 1e3);
  }

  private String text(String field) {
    return fields.get(field).toString();
  }

  /** A field, NaN where it is not there. */
  double number(String field) {
    return fields.get(field) instanceof Number number ? number.doubleValue() : Double.NaN;
  }

  /** The first of these fields that is there, by whose unit it is converted. */
  private double seconds(String... names) {
    for (String field : names) {
      if (fields.containsKey(field)) {
        return number(field) * (field.startsWith("us") ? 1e-6 : 1e-3);
      }
    }
    throw new IllegalStateException(name + ": no time in " + fields);
  }
}
