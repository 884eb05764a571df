package talweg.op;

/**
 * Reductions over one or several axes. A NaN among the reduced elements makes MAX and MIN NaN, as
 * in PyTorch.
 */
public enum ReduceKind {
  SUM,
  MEAN,
  MAX,
  MIN,
  /** Position of the first largest element along one axis, as I32; a NaN counts as largest. */
  ARGMAX,
  /** Position of the first smallest element along one axis, as I32; a NaN counts as smallest. */
  ARGMIN;

  /** Whether elements are added up. There may be none: their sum is 0, their mean NaN. */
  public boolean isSum() {
    return this == SUM || this == MEAN;
  }

  /** Whether the result is a position (I32) rather than a value. */
  public boolean isIndex() {
    return this == ARGMAX || this == ARGMIN;
  }
}
