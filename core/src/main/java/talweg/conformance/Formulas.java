package talweg.conformance;

import talweg.nn.Functional;
import talweg.nn.Losses;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** The compositions of operators that the golden vectors give as formulas in words. */
final class Formulas {
  private Formulas() {}

  static Tensor composite(Operands o) {
    String formula = o.attrs().get("formula").text();
    return switch (formula) {
      case "tanh(x)*x + exp(-x*x)*sum(x)" -> reuse(o.in("x"));
      case "h = sigmoid(x*w); y = sum_over_columns(h * mean_over_rows(h) - h/(1+h*h))" ->
          diamond(o.in("x").matmul(o.in("w")).sigmoid());
      case "cross_entropy_mean(relu(x*w1^T + b1)*w2^T + b2, target)" -> mlp(o);
      case "softmax(q*k^T/sqrt(d), last axis)*v" -> attention(o.in("q"), o.in("k"), o.in("v"));
      case "logsumexp_rows(layer_norm(flatten(max_pool2(gelu(conv2d(x,w,b,padding 1)))), no affine,"
              + " eps 1e-5) * v^T)" ->
          cnn(o);
      default -> throw new NotOffered("formula \"" + formula + "\"");
    };
  }

  static Tensor secondOrder(Operands o) {
    String formula = o.attrs().get("formula").text();
    return switch (formula) {
      case "mean(softplus(-y*(X*w))) + lambda/2*|w|^2" -> {
        Tensor w = o.in("w");
        Tensor margin = o.in("y").mul(o.in("X").matmul(w));
        Tensor penalty = w.square().sum().mul(o.number("lambda") / 2);
        yield margin.neg().softplus().mean().add(penalty);
      }
      case "sum(tanh(W*x)^3), W is the variable" -> o.in("W").matmul(o.in("x")).tanh().pow(3).sum();
      default -> throw new NotOffered("formula \"" + formula + "\"");
    };
  }

  private static Tensor reuse(Tensor x) {
    Tensor bell = x.mul(x).neg().exp();
    return x.tanh().mul(x).add(bell.mul(x.sum()));
  }

  private static Tensor diamond(Tensor h) {
    Tensor ratio = h.div(h.mul(h).add(1));
    return h.mul(h.mean(true, 0)).sub(ratio).sum(1);
  }

  private static Tensor mlp(Operands o) {
    Tensor hidden = o.in("x").matmul(o.in("w1"), false, true).add(o.in("b1")).relu();
    Tensor logits = hidden.matmul(o.in("w2"), false, true).add(o.in("b2"));
    return Losses.crossEntropy(logits, o.in("target"));
  }

  private static Tensor cnn(Operands o) {
    Size2d one = Size2d.of(1);
    Size2d two = Size2d.of(2);
    Tensor image = Functional.conv2d(o.in("x"), o.in("w"), o.in("b"), one, one, one, 1).gelu();
    Tensor pooled = Functional.maxPool2d(image, two, two, Size2d.of(0));
    Tensor flat = pooled.reshape(pooled.shape().dim(0), -1);
    Tensor normal = Functional.layerNorm(flat, 1, null, null, 1e-5);
    return normal.matmul(o.in("v"), false, true).logSumExp(false, 1);
  }

  private static Tensor attention(Tensor q, Tensor k, Tensor v) {
    double scale = 1 / Math.sqrt(q.shape().dim(-1));
    return q.matmul(k, false, true).mul(scale).softmax(-1).matmul(v);
  }
}
