package talweg.spi;

/** How a backend multiplies F32 matrices; everything else is computed in F32 all the same. */
public enum Precision {
  /** True F32 operands and sums. */
  FP32,
  /** Operands rounded to TF32 (10 bits of mantissa), sums in F32. */
  TF32,
  /** Operands rounded to BF16 (7 bits of mantissa), sums in F32. */
  BF16
}
