package talweg.op;

/**
 * Elementwise functions of two operands of one shape (after broadcasting). Comparisons yield U8: 1
 * true, 0 false.
 */
public enum BinaryKind {
  ADD,
  SUB,
  MUL,
  DIV,
  /** a to the power b. */
  POW,
  /** The larger operand; NaN if either is NaN. */
  MAXIMUM,
  /** The smaller operand; NaN if either is NaN. */
  MINIMUM,
  EQ,
  NE,
  LT,
  LE,
  GT,
  GE;

  /** Whether the result is a truth value (U8) rather than a number of the operands' type. */
  public boolean isComparison() {
    return ordinal() >= EQ.ordinal();
  }
}
