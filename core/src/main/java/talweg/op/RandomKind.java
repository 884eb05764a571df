package talweg.op;

/** Distributions that a backend draws from, see {@link talweg.spi.Philox} for the streams. */
public enum RandomKind {
  /** Uniform on [0, 1). */
  UNIFORM,
  /** Standard normal, by Box and Muller. */
  NORMAL
}
