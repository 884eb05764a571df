package talweg.train;

/** Why a training ended. */
public enum Ending {
  /** All epochs are done. */
  COMPLETED,
  /** The metric had not become better for as many epochs as were borne. */
  EARLY,
  /** The method found that no further step lowers the loss. */
  CONVERGED,
  /** It was asked to stop, and did after the step at work. */
  STOPPED
}
