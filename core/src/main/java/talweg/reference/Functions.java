package talweg.reference;

import talweg.op.BinaryKind;
import talweg.op.UnaryKind;
import talweg.spi.Erf;

/**
 * The elementwise functions in double, written so that no intermediate value overflows or cancels.
 */
final class Functions {
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);
  private static final double SQRT_HALF = Math.sqrt(0.5);

  private Functions() {}

  static double unary(UnaryKind kind, double p, double q, double x) {
    return switch (kind) {
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case RSQRT -> 1 / Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case SQUARE -> x * x;
      case POW -> Math.pow(x, p);
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
      // 1 + erf(z) = erfc(-z), and (1 + tanh(z)) / 2 = sigmoid(2 z), without cancellation.
      case GELU -> 0.5 * x * Erf.erfc(-x * SQRT_HALF);
      case GELU_TANH -> x * sigmoid(2 * SQRT_2_OVER_PI * (x + 0.044715 * x * x * x));
      case SOFTPLUS -> p * x > q ? x : softplus(p * x) / p;
      case CLAMP -> Math.min(Math.max(x, p), q);
    };
  }

  /** The kinds that are not comparisons. */
  static double binary(BinaryKind kind, double a, double b) {
    return switch (kind) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case POW -> Math.pow(a, b);
      case MAXIMUM -> Math.max(a, b);
      case MINIMUM -> Math.min(a, b);
      case EQ, NE, LT, LE, GT, GE -> throw new AssertionError(kind + " is a comparison");
    };
  }

  static boolean compare(BinaryKind kind, double a, double b) {
    return switch (kind) {
      case EQ -> a == b;
      case NE -> a != b;
      case LT -> a < b;
      case LE -> a <= b;
      case GT -> a > b;
      case GE -> a >= b;
      case ADD, SUB, MUL, DIV, POW, MAXIMUM, MINIMUM -> throw notComparison(kind);
    };
  }

  static boolean compare(BinaryKind kind, long a, long b) {
    return switch (kind) {
      case EQ -> a == b;
      case NE -> a != b;
      case LT -> a < b;
      case LE -> a <= b;
      case GT -> a > b;
      case GE -> a >= b;
      case ADD, SUB, MUL, DIV, POW, MAXIMUM, MINIMUM -> throw notComparison(kind);
    };
  }

  private static double sigmoid(double x) {
    if (x >= 0) {
      return 1 / (1 + Math.exp(-x));
    }
    double e = Math.exp(x);
    return e / (1 + e);
  }

  private static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  private static AssertionError notComparison(BinaryKind kind) {
    return new AssertionError(kind + " is not a comparison");
  }
}
