package talweg.op;

/**
 * Elementwise functions of one operand. Two constants, {@code p} and {@code q}, parameterise some
 * of them; the others ignore both. Constants are rounded to the element type first. The formulas
 * are the specification that every backend follows.
 */
public enum UnaryKind {
  EXP,
  LOG,
  SQRT,
  /** 1 / sqrt(x). */
  RSQRT,
  /** 1 / x. */
  RECIPROCAL,
  /** x * x. */
  SQUARE,
  /** x to the constant power p, as {@link Math#pow}. */
  POW,
  SIN,
  COS,
  /** The Gauss error function. */
  ERF,
  ABS,
  /** -1, 0 or 1; NaN stays NaN. */
  SIGN,
  TANH,
  /** 1 / (1 + exp(-x)), without overflow. */
  SIGMOID,
  /** max(x, 0); NaN stays NaN. */
  RELU,
  /** x for x > 0, else p * x. */
  LEAKY_RELU,
  /** x for x > 0, else p * (exp(x) - 1). */
  ELU,
  /** x / (1 + exp(-x)). */
  SILU,
  /** x * (1 + erf(x / sqrt 2)) / 2. */
  GELU,
  /** x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) / 2. */
  GELU_TANH,
  /** log(1 + exp(p * x)) / p, and x itself where p * x > q. */
  SOFTPLUS,
  /** min(max(x, p), q); NaN stays NaN. */
  CLAMP
}
