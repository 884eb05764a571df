package talweg.op;

/** What an optimizer does with a NaN or an infinity in a gradient. */
public enum NonFinite {
  /**
   * Stop: from the first bad step on nothing is written, so the weights are those before it, and
   * the next {@link talweg.optim.Optimizer#requireFinite} raises an error that names parameter and
   * step. No step waits for it.
   */
  FAIL,
  /** Leave that step out. */
  SKIP,
  /** Write it, as PyTorch does. */
  PROPAGATE
}
