package talweg.cpu;

/** How a test operand lies in memory. */
public enum Form {
  CONTIGUOUS,
  /** Axes in reverse order in memory. */
  TRANSPOSED,
  /** Part of a larger tensor, some axes with every second element only. */
  SLICED,
  /** Some axes repeated with stride 0; not for outputs. */
  BROADCAST;

  /** The forms in which an output may lie. */
  public static final Form[] WRITABLE = {CONTIGUOUS, TRANSPOSED, SLICED};
}
