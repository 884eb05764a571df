package talweg.nd4j;

import java.lang.foreign.MemorySegment;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.Op;
import org.nd4j.linalg.api.ops.impl.scalar.LeakyReLU;
import org.nd4j.linalg.api.ops.impl.scalar.Pow;
import org.nd4j.linalg.api.ops.impl.scalar.RectifiedLinear;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarAdd;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMax;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMin;
import org.nd4j.linalg.api.ops.impl.scalar.ScalarMultiplication;
import org.nd4j.linalg.api.ops.impl.transforms.bool.IsNaN;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.api.ops.impl.transforms.same.Abs;
import org.nd4j.linalg.api.ops.impl.transforms.same.Reciprocal;
import org.nd4j.linalg.api.ops.impl.transforms.same.Sign;
import org.nd4j.linalg.api.ops.impl.transforms.same.Square;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Cos;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erf;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Erfc;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Expm1;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sin;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Swish;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Tanh;
import org.nd4j.linalg.factory.Nd4j;
import talweg.op.BinaryKind;
import talweg.op.UnaryKind;

/**
 * Elementwise functions by ND4J's operations: its own where it means the same, else put together
 * from several. Every output may be one of the operands.
 */
final class Elementwise {
  private static final double SQRT_HALF = Math.sqrt(0.5);
  private static final double TWICE_SQRT_2_OVER_PI = 2 * Math.sqrt(2 / Math.PI);

  private Elementwise() {}

  static void unary(UnaryKind kind, double p, double q, INDArray x, INDArray out, Scratch scratch) {
    switch (kind) {
      case EXP -> run(new Exp(x, out));
      case LOG -> run(new Log(x, out));
      case SQRT -> run(new Sqrt(x, out));
      case RSQRT -> run(new RSqrt(x, out));
      case RECIPROCAL -> run(new Reciprocal(x, out));
      case SQUARE -> run(new Square(x, out));
      case POW -> run(new Pow(x, out, p));
      case SIN -> run(new Sin(x, out));
      case COS -> run(new Cos(x, out));
      case ERF -> run(new Erf(x, out));
      case ABS -> run(new Abs(x, out));
      case SIGN -> sign(x, out, scratch);
      case TANH -> run(new Tanh(x, out));
      case SIGMOID -> run(new Sigmoid(x, out));
      case RELU -> run(new RectifiedLinear(x, out, 0));
      case LEAKY_RELU -> run(new LeakyReLU(x, out, p));
      case ELU -> elu(p, x, out, scratch);
      case SILU -> run(new Swish(x, out));
      case GELU -> gelu(x, out, scratch);
      case GELU_TANH -> geluTanh(x, out, scratch);
      case SOFTPLUS -> softplus(p, q, x, out, scratch);
      case CLAMP -> clamp(p, q, x, out, scratch);
    }
  }

  static void affine(double scale, double shift, INDArray x, INDArray out) {
    run(new ScalarMultiplication(x, null, out, scale));
    if (shift != 0) {
      run(new ScalarAdd(out, null, out, shift));
    }
  }

  /** Whether operands may have extent 1 where the result has more; those of others may not. */
  static boolean broadcasts(BinaryKind kind) {
    return switch (kind) {
      case ADD, SUB, MUL, DIV, EQ, NE, LT, LE, GT, GE -> true;
      case POW, MAXIMUM, MINIMUM -> false;
    };
  }

  /** The kinds that are not comparisons. */
  static void binary(BinaryKind kind, INDArray a, INDArray b, INDArray out, Scratch scratch) {
    switch (kind) {
      case ADD -> run("add", out, a, b);
      case SUB -> run("subtract", out, a, b);
      case MUL -> run("multiply", out, a, b);
      case DIV -> run("divide", out, a, b);
      case POW -> power(a, b, out, scratch);
      case MAXIMUM -> extreme("maximum", a, b, out, scratch);
      case MINIMUM -> extreme("minimum", a, b, out, scratch);
      case EQ, NE, LT, LE, GT, GE -> throw new AssertionError(kind + " is a comparison");
    }
  }

  /** Compares into a dense array of booleans of the given shape, that of a and b together. */
  static INDArray compare(BinaryKind kind, INDArray a, INDArray b, long[] shape, Scratch scratch) {
    INDArray truth = scratch.dense(DataType.BOOL, shape);
    String name =
        switch (kind) {
          case EQ -> "equals";
          case NE -> "not_equals";
          case LT -> "less";
          case LE -> "less_equal";
          case GT -> "greater";
          case GE -> "greater_equal";
          case ADD, SUB, MUL, DIV, POW, MAXIMUM, MINIMUM ->
              throw new AssertionError(kind + " is not a comparison");
        };
    run(name, truth, a, b);
    return truth;
  }

  /**
   * {@code out = condition != 0 ? a : b}, with a dense condition of one byte for each element. On
   * the host: ND4J's own takes a virtual call for each element, and a hundred times as long.
   */
  static void select(INDArray condition, INDArray a, INDArray b, INDArray out, Scratch scratch) {
    INDArray target = Scratch.isDense(out) ? out : scratch.like(out);
    MemorySegment choice = Scratch.memory(condition);
    MemorySegment yes = Scratch.memory(scratch.dense(a));
    MemorySegment no = Scratch.memory(scratch.dense(b));
    HostArrays.select(choice, yes, no, Scratch.memory(target));
    if (target != out) {
      out.assign(target);
    }
  }

  /** Puts NaN into a dense array where an operand has it: ND4J's own functions do not. */
  static void keepNan(INDArray operand, INDArray out, Scratch scratch) {
    select(isNan(operand, scratch), operand, out, out, scratch);
  }

  static INDArray isNan(INDArray operand, Scratch scratch) {
    INDArray truth = scratch.dense(DataType.BOOL, operand.shape());
    run(new IsNaN(operand, truth));
    return truth;
  }

  /** ND4J's sign of NaN is 0. */
  private static void sign(INDArray x, INDArray out, Scratch scratch) {
    INDArray sign = scratch.like(x);
    run(new Sign(x, sign));
    keepNan(x, sign, scratch);
    out.assign(sign);
  }

  /** max(x, 0) + p * expm1(min(x, 0)); NaN comes from the first term. */
  private static void elu(double p, INDArray x, INDArray out, Scratch scratch) {
    INDArray negative = scratch.like(x);
    run(new ScalarMin(x, null, negative, 0));
    run(new Expm1(negative, negative));
    run(new ScalarMultiplication(negative, null, negative, p));
    run(new RectifiedLinear(x, out, 0));
    run("add", out, out, negative);
  }

  /** x * erfc(-x / sqrt 2) / 2, as ND4J's own is an approximation. */
  private static void gelu(INDArray x, INDArray out, Scratch scratch) {
    INDArray tail = scratch.like(x);
    run(new ScalarMultiplication(x, null, tail, -SQRT_HALF));
    run(new Erfc(tail, tail));
    run(new ScalarMultiplication(tail, null, tail, 0.5));
    run("multiply", out, x, tail);
  }

  /** x * sigmoid(2 sqrt(2 / pi) * (x + 0.044715 x^3)). */
  private static void geluTanh(INDArray x, INDArray out, Scratch scratch) {
    INDArray inner = scratch.like(x);
    run(new Square(x, inner));
    affine(0.044715, 1, inner, inner);
    run("multiply", inner, inner, x);
    run(new ScalarMultiplication(inner, null, inner, TWICE_SQRT_2_OVER_PI));
    run(new Sigmoid(inner, inner));
    run("multiply", out, x, inner);
  }

  /** (max(p x, 0) + log1p(exp(-|p x|))) / p, and x where p x > q: ND4J's own overflows. */
  private static void softplus(double p, double q, INDArray x, INDArray out, Scratch scratch) {
    INDArray scaled = scratch.like(x);
    run(new ScalarMultiplication(x, null, scaled, p));
    INDArray soft = scratch.like(x);
    run(new Abs(scaled, soft));
    run(new ScalarMultiplication(soft, null, soft, -1));
    run(new Exp(soft, soft));
    log1p(soft, scratch);
    INDArray limit = scratch.like(x);
    limit.assign(q);
    INDArray linear = compare(BinaryKind.GT, scaled, limit, x.shape(), scratch);
    run(new RectifiedLinear(scaled, scaled, 0));
    run("add", soft, soft, scaled);
    run(new ScalarMultiplication(soft, null, soft, 1 / p));
    select(linear, x, soft, out, scratch);
  }

  /**
   * log(1 + y) in place, for y of at least 0; ND4J's own loses small y. The rounding of 1 + y is
   * undone by y / ((1 + y) - 1) (W. Kahan).
   */
  private static void log1p(INDArray y, Scratch scratch) {
    INDArray sum = scratch.like(y);
    run(new ScalarAdd(y, null, sum, 1));
    INDArray kept = scratch.like(y);
    run(new ScalarAdd(sum, null, kept, -1));
    INDArray none = scratch.like(y);
    none.assign(0);
    INDArray lost = compare(BinaryKind.EQ, kept, none, y.shape(), scratch);
    run(new Log(sum, sum));
    run("divide", sum, sum, kept);
    run("multiply", sum, sum, y);
    select(lost, y, sum, y, scratch);
  }

  /** As Java has it: in C, 1 to the power NaN or infinity is 1, and -1 to that of infinity. */
  private static void power(INDArray a, INDArray b, INDArray out, Scratch scratch) {
    INDArray power = scratch.like(out);
    run("Pow", power, a, b);
    INDArray size = scratch.like(a);
    run(new Abs(a, size));
    INDArray one = scratch.like(size);
    one.assign(1);
    INDArray isOne = compare(BinaryKind.EQ, size, one, out.shape(), scratch);
    // 0, or NaN where the exponent is not finite.
    run(new ScalarMultiplication(b, null, size, 0));
    run("add", size, size, power);
    select(isOne, size, power, out, scratch);
  }

  private static void clamp(double p, double q, INDArray x, INDArray out, Scratch scratch) {
    INDArray within = scratch.like(x);
    run(new ScalarMax(x, null, within, p));
    run(new ScalarMin(within, null, within, q));
    keepNan(x, within, scratch);
    out.assign(within);
  }

  private static void extreme(String name, INDArray a, INDArray b, INDArray out, Scratch scratch) {
    INDArray extreme = scratch.like(a);
    run(name, extreme, a, b);
    keepNan(a, extreme, scratch);
    keepNan(b, extreme, scratch);
    out.assign(extreme);
  }

  private static void run(Op op) {
    Nd4j.exec(op);
  }

  private static void run(String name, INDArray out, INDArray... operands) {
    Nd4j.exec(DynamicCustomOp.builder(name).addInputs(operands).addOutputs(out).build());
  }
}
