package talweg.autograd;

import static talweg.op.BinaryKind.EQ;
import static talweg.op.BinaryKind.GT;
import static talweg.op.BinaryKind.LT;

import java.util.List;
import java.util.stream.IntStream;
import talweg.op.BinaryKind;
import talweg.op.Op;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * The derivative of every operation: g is the gradient with respect to the output y, and a rule
 * says what each operand gets. Rules are tensor expressions, so recording them gives second
 * derivatives. At kinks and ties they follow PyTorch.
 */
final class GradRules {
  private static final double TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
  private static final double SQRT_2_OVER_PI = Math.sqrt(2 / Math.PI);

  private GradRules() {}

  static void apply(Op op, Tensor[] in, Tensor y, Tensor g, GradientSink out) {
    Tensor x = in[0];
    switch (op) {
      case Op.Unary u -> out.to(0, () -> unary(u, x, y, g));
      case Op.Binary b -> binary(b.kind(), x, in[1], y, g, out);
      case Op.Affine a -> out.to(0, () -> g.mul(a.scale()));
      case Op.Where _ -> {
        out.to(1, () -> x.where(g, zero(g)));
        out.to(2, () -> x.where(zero(g), g));
      }
      case Op.Reduce r -> out.to(0, () -> reduce(r, x, y, g));
      case Op.MatMul m -> matmul(m, x, in[1], g, out);
      case Op.Gather a -> out.to(0, () -> g.scatterAdd(a.axis(), in[1], x.shape()));
      case Op.ScatterAdd s -> out.to(0, () -> g.gather(s.axis(), in[1]));
      case Op.Cast _ -> out.to(0, () -> g.to(x.dtype()));
      case Op.Concat c -> concat(c.axis(), in, g, out);
      case Op.Reshape _ -> out.to(0, () -> g.reshape(x.shape().dims()));
      case Op.Permute p -> out.to(0, () -> g.permute(inverse(p.axes())));
      // The sink sums over what was stretched.
      case Op.Expand _ -> out.to(0, () -> g);
      case Op.Slice s ->
          out.to(0, () -> dispatch(g, new Op.Unslice(s.start(), s.step(), x.shape())));
      case Op.Fused f -> FusedRules.apply(f.op(), in, y, g, out);
      case Op.Unslice u ->
          out.to(0, () -> dispatch(g, new Op.Slice(u.start(), u.step(), x.shape())));
      case Op.Windows w -> out.to(0, () -> dispatch(g, new Op.FoldWindows(w.window(), x.shape())));
      case Op.FoldWindows f -> out.to(0, () -> dispatch(g, new Op.Windows(f.window())));
    }
  }

  private static Tensor unary(Op.Unary op, Tensor x, Tensor y, Tensor g) {
    double p = op.p();
    return switch (op.kind()) {
      case EXP -> g.mul(y);
      case LOG -> g.div(x);
      case SQRT -> g.mul(0.5).div(y);
      case RSQRT -> g.mul(-0.5).mul(y.div(x));
      case RECIPROCAL -> g.mul(y.square().neg());
      case SQUARE -> g.mul(x.mul(2));
      case POW -> p == 0 ? zerosLike(g) : g.mul(x.pow(p - 1).mul(p));
      case SIN -> g.mul(x.cos());
      case COS -> g.mul(x.sin().neg());
      case ERF -> g.mul(x.square().neg().exp().mul(TWO_OVER_SQRT_PI));
      case ABS -> g.mul(x.sign());
      case SIGN -> zerosLike(g);
      case TANH -> g.mul(y.square().affine(-1, 1));
      case SIGMOID -> g.mul(y.mul(y.affine(-1, 1)));
      case RELU -> x.compare(GT, 0).where(g, zero(g));
      case LEAKY_RELU -> x.compare(GT, 0).where(g, g.mul(p));
      // exp(min(x, 0)): the branch that is not taken must not overflow, or its own derivative is
      // NaN.
      case ELU ->
          x.compare(GT, 0).where(g, g.mul(x.clamp(Double.NEGATIVE_INFINITY, 0).exp().mul(p)));
      case SILU -> silu(x, g);
      // Phi(x) + x phi(x), the normal distribution and its density.
      case GELU -> {
        Tensor cdf = x.mul(Math.sqrt(0.5)).erf().affine(0.5, 0.5);
        Tensor density = x.square().mul(-0.5).exp().mul(1 / Math.sqrt(2 * Math.PI));
        yield g.mul(cdf.add(x.mul(density)));
      }
      case GELU_TANH -> geluTanh(x, g);
      case SOFTPLUS -> softplus(op, x, g);
      case CLAMP -> x.compare(LT, p).where(zero(g), x.compare(GT, op.q()).where(zero(g), g));
    };
  }

  /** s (1 + x (1 - s)) with s = sigmoid(x). */
  private static Tensor silu(Tensor x, Tensor g) {
    Tensor s = x.sigmoid();
    return g.mul(s.mul(x.mul(s.affine(-1, 1)).add(1)));
  }

  /** (1 + t) / 2 + x (1 - t^2) u' / 2 with t = tanh(u), u = sqrt(2/pi) (x + 0.044715 x^3). */
  private static Tensor geluTanh(Tensor x, Tensor g) {
    Tensor square = x.square();
    Tensor t = x.mul(square.affine(0.044715, 1)).mul(SQRT_2_OVER_PI).tanh();
    Tensor slope = square.affine(3 * 0.044715, 1).mul(SQRT_2_OVER_PI);
    Tensor bend = x.mul(t.square().affine(-1, 1)).mul(slope);
    return g.mul(t.add(1).add(bend).mul(0.5));
  }

  /** sigmoid(beta x), and 1 above the threshold. */
  private static Tensor softplus(Op.Unary op, Tensor x, Tensor g) {
    Tensor scaled = x.mul(op.p());
    Tensor smooth = g.mul(scaled.sigmoid());
    return Double.isInfinite(op.q()) ? smooth : scaled.compare(GT, op.q()).where(g, smooth);
  }

  private static void binary(
      BinaryKind kind, Tensor a, Tensor b, Tensor y, Tensor g, GradientSink out) {
    switch (kind) {
      case ADD -> {
        out.to(0, () -> g);
        out.to(1, () -> g);
      }
      case SUB -> {
        out.to(0, () -> g);
        out.to(1, g::neg);
      }
      case MUL -> {
        out.to(0, () -> g.mul(b));
        out.to(1, () -> g.mul(a));
      }
      case DIV -> {
        out.to(0, () -> g.div(b));
        out.to(1, () -> g.mul(y.div(b)).neg());
      }
      case POW -> {
        // a^0 has derivative 0 in a, where the formula is 0 * infinity for a = 0.
        out.to(0, () -> b.compare(EQ, 0).where(zero(g), g.mul(b.mul(a.pow(b.sub(1))))));
        // 0^b has derivative 0 in b, where y log(a) would be 0 * -infinity.
        out.to(1, () -> a.compare(EQ, 0).where(zero(g), g.mul(y.mul(a.log()))));
      }
      case MAXIMUM -> share(GT, a, b, g, out);
      case MINIMUM -> share(LT, a, b, g, out);
      case EQ, NE, LT, LE, GT, GE -> {
        // Truth values carry no gradient and are not recorded.
      }
    }
  }

  /** The winner gets the gradient, at a tie each half of it. */
  private static void share(BinaryKind wins, Tensor a, Tensor b, Tensor g, GradientSink out) {
    out.to(0, () -> a.compare(EQ, b).where(g.mul(0.5), a.compare(wins, b).where(g, zero(g))));
    out.to(1, () -> a.compare(EQ, b).where(g.mul(0.5), b.compare(wins, a).where(g, zero(g))));
  }

  private static Tensor reduce(Op.Reduce op, Tensor x, Tensor y, Tensor g) {
    int[] kept =
        x.shape().reduced(op.axes().stream().mapToInt(Integer::intValue).toArray(), true).dims();
    return switch (op.kind()) {
      case SUM -> g.reshape(kept).expand(x.shape().dims());
      case MEAN -> g.mul((double) y.size() / x.size()).reshape(kept).expand(x.shape().dims());
      case MAX, MIN -> {
        // Equal extremes share evenly.
        Tensor hit = x.compare(EQ, y.detach().reshape(kept)).to(g.dtype());
        Tensor count = hit.sum(true, op.axes().stream().mapToInt(Integer::intValue).toArray());
        yield hit.mul(g.reshape(kept).div(count));
      }
      case ARGMAX, ARGMIN -> throw new AssertionError(op + " is never recorded");
    };
  }

  /**
   * For C = A B: dA = g B^T, dB = A^T g; where an operand was transposed, the transpose of that.
   * Operands in BF16 gave a product in F32, and so they do here.
   */
  private static void matmul(Op.MatMul op, Tensor a, Tensor b, Tensor upstream, GradientSink out) {
    Tensor g = upstream.to(a.dtype());
    boolean ta = op.transA();
    boolean tb = op.transB();
    if (ta) {
      out.toProduct(0, new Op.MatMul(tb, true), b, g);
    } else {
      out.toProduct(0, new Op.MatMul(false, !tb), g, b);
    }
    if (tb) {
      out.toProduct(1, new Op.MatMul(true, ta), g, a);
    } else {
      out.toProduct(1, new Op.MatMul(!ta, false), a, g);
    }
  }

  private static void concat(int axis, Tensor[] parts, Tensor g, GradientSink out) {
    int start = 0;
    for (int i = 0; i < parts.length; i++) {
      int from = start;
      int to = start + parts[i].shape().dim(axis);
      out.to(i, () -> g.slice(axis, from, to));
      start = to;
    }
  }

  private static Tensor dispatch(Tensor x, Op op) {
    return x.session().dispatcher().apply(op, x);
  }

  private static int[] inverse(List<Integer> axes) {
    return IntStream.range(0, axes.size()).map(axes::indexOf).toArray();
  }

  private static Tensor zero(Tensor like) {
    return like.session().scalar(like.dtype(), 0);
  }

  private static Tensor zerosLike(Tensor like) {
    Shape shape = like.shape();
    return like.session().zeros(like.dtype(), shape.dims());
  }
}
