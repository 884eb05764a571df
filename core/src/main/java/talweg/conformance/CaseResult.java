package talweg.conformance;

import talweg.tensor.DType;

/**
 * How one case went on one backend.
 *
 * @param area the case's area
 * @param name the case's name
 * @param backend name of the backend
 * @param dtype the precision of the run; of the worse one where both were run
 * @param status passed, failed or skipped
 * @param worst the error of the quantity that came closest to its tolerance or exceeded it most;
 *     infinite where NaN and infinities are at wrong places, NaN if nothing was measured
 * @param tolerance that quantity's tolerance; NaN if nothing was measured
 * @param detail that quantity, or why the case was skipped, or the error that stopped it
 */
public record CaseResult(
    String area,
    String name,
    String backend,
    DType dtype,
    Status status,
    double worst,
    double tolerance,
    String detail) {
  /** Outcomes, the better first. */
  public enum Status {
    PASSED,
    /** Not offered, or deliberately different: {@link CaseResult#detail} says which. */
    SKIPPED,
    FAILED
  }

  /** Area and name, e.g. {@code autodiff/matmul_2d}. */
  public String id() {
    return area + "/" + name;
  }

  /** Whether the case was run and every error is within its tolerance. */
  public boolean passed() {
    return status == Status.PASSED;
  }

  /**
   * The worst error relative to its tolerance: at most 1 in a passed case, NaN if nothing was
   * measured.
   */
  public double relative() {
    return Comparison.relative(worst, tolerance);
  }

  /** The worse of two runs of one case. */
  CaseResult worse(CaseResult other) {
    if (status != other.status) {
      return status.compareTo(other.status) > 0 ? this : other;
    }
    return other.relative() > relative() ? other : this;
  }

  @Override
  public String toString() {
    return "%s on %s in %s: %s, %s".formatted(id(), backend, dtype, status, detail);
  }
}
