package talweg.cpu;

import talweg.op.UnaryKind;
import talweg.spi.Erf;

/** The elementwise functions in double, stable over their whole range. */
final class Functions {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double TWICE_SQRT_2_OVER_PI = 2 * Math.sqrt(2 / Math.PI);

  private Functions() {}

  static double apply(UnaryKind kind, double p, double q, double x) {
    return switch (kind) {
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case POW -> power(x, p);
      case SIN -> Math.sin(x);
      case COS -> Math.cos(x);
      case ERF -> Erf.erf(x);
      case ABS -> Math.abs(x);
      case SIGN -> Math.signum(x);
      case TANH -> Math.tanh(x);
      case SIGMOID -> sigmoid(x);
      case RELU -> Math.max(x, 0.0);
      case LEAKY_RELU -> x > 0 ? x : p * x;
      case ELU -> x > 0 ? x : p * Math.expm1(x);
      case SILU -> x * sigmoid(x);
      // 1 + erf(z) = erfc(-z) does not cancel where z is far below 0.
      case GELU -> 0.5 * x * Erf.erfc(-x * SQRT_HALF);
      // So does (1 + tanh(z)) / 2 = sigmoid(2 z).
      case GELU_TANH -> x * sigmoid(TWICE_SQRT_2_OVER_PI * (x + 0.044715 * x * x * x));
      case SOFTPLUS -> p * x > q ? x : softplus(p * x) / p;
      case CLAMP -> Math.min(Math.max(x, p), q);
    };
  }

  private static double power(double x, double p) {
    // A root is exact to half an ulp; but pow takes -0 and -infinity for positive here.
    if (p == 0.5 && x > 0) {
      return Math.sqrt(x);
    }
    return Math.pow(x, p);
  }

  private static double sigmoid(double x) {
    double e = Math.exp(-Math.abs(x));
    return (x >= 0 ? 1 : e) / (1 + e);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }
}
