package talweg.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the hardware was seen to reach, to hold other cases against: for memory the best of copy and
 * stream, for arithmetic the best large matrix product, of all backends on the same hardware.
 */
final class Ceilings {
  private final int peak;
  private final Map<String, Double> bandwidth = new TreeMap<>();
  private final Map<String, Double> arithmetic = new TreeMap<>();

  /**
   * None yet.
   *
   * @param peak extent of the square matrix product that counts as a ceiling; 0 if nothing does
   */
  Ceilings(int peak) {
    this.peak = peak;
  }

  /** Takes the row into account if it is one of a ceiling. */
  void see(BenchmarkRow row) {
    if (isCeiling(row)) {
      of(row).merge(row.hardware(), rate(row), Math::max);
    }
  }

  /** The row with the part of its ceiling that it reached, if one has been seen. */
  BenchmarkRow hold(BenchmarkRow row) {
    Double ceiling = isCeiling(row) ? null : of(row).get(row.hardware());
    return ceiling == null ? row : row.withFraction(rate(row) / ceiling);
  }

  private boolean isCeiling(BenchmarkRow row) {
    return peak > 0
        && switch (row.kind()) {
          case "copy", "stream" -> true;
          case "gemm" -> List.of("m", "k", "n").stream().allMatch(x -> row.number(x) == peak);
          default -> false;
        };
  }

  private Map<String, Double> of(BenchmarkRow row) {
    return isMemory(row) ? bandwidth : arithmetic;
  }

  private static double rate(BenchmarkRow row) {
    return isMemory(row) ? row.bandwidth() : row.arithmetic();
  }

  private static boolean isMemory(BenchmarkRow row) {
    return !Double.isNaN(row.bandwidth());
  }

  /** For people: hardware, and what it reached. */
  List<String> describe() {
    List<String> lines = new ArrayList<>();
    bandwidth.forEach(
        (hardware, rate) -> lines.add(hardware + ": memory " + BenchmarkCase.rate(rate, "GB/s")));
    arithmetic.forEach((hardware, rate) ->
        lines.add(hardware + ": matrix products " + BenchmarkCase.rate(rate, "GFLOP/s")));
    return lines;
  }
}
