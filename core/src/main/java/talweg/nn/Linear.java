package talweg.nn;

import java.util.Locale;
import talweg.error.ShapeException;
import talweg.op.FusedActivation;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * x W^T + b over the last axis, with {@code weight} of shape (out, in) and {@code bias} (out), as
 * in PyTorch.
 */
public final class Linear extends Module implements FusesActivation {
  private final int in;
  private final int out;
  private final Parameter weight;
  private final Parameter bias;

  public Linear(int in, int out) {
    this(in, out, true);
  }

  public Linear(int in, int out, boolean withBias) {
    this(in, out, withBias, Init.fanInUniform(in));
  }

  /** The given initialiser draws the weight; the bias keeps PyTorch's default. */
  public Linear(int in, int out, boolean withBias, Init init) {
    if (in < 1 || out < 1) {
      throw new ShapeException(
          String.format(
              Locale.ROOT, "Linear(%d, %d): needs at least one feature on both sides", in, out));
    }
    this.in = in;
    this.out = out;
    this.weight = parameter("weight", Shape.of(out, in), init);
    this.bias = withBias ? parameter("bias", Shape.of(out), Init.fanInUniform(in)) : null;
  }

  public Parameter weight() {
    return weight;
  }

  /** The bias, or null. */
  public Parameter bias() {
    return bias;
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    requireWidth(x);
    return Functional.linear(x, weight.value(), bias == null ? null : bias.value());
  }

  @Override
  public boolean fusesActivation() {
    return bias != null;
  }

  @Override
  public Tensor forwardActivated(Tensor x, FusedActivation activation) {
    return named(() -> {
      requireWidth(x);
      return Functional.linear(x, weight.value(), bias.value(), activation);
    });
  }

  private void requireWidth(Tensor x) {
    if (x.rank() == 0 || x.shape().dim(-1) != in) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "linear: expected [..., %d], got %s for Linear(%d, %d)%s",
              in,
              x.shape(),
              in,
              out,
              hint(x.shape())));
    }
  }

  private String hint(Shape x) {
    if (x.rank() == 0) {
      return "";
    }
    if (x.rank() > 2 && x.size() == (long) x.dim(0) * in && x.dim(0) > 0) {
      return String.format(
          Locale.ROOT,
          "; put new Flatten() in front of it, which makes [%d, %d] of that",
          x.dim(0),
          in);
    }
    return String.format(Locale.ROOT, ": did you mean Linear(%d, %d)?", x.dim(-1), out);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "Linear(%d, %d%s)", in, out, bias == null ? ", no bias" : "");
  }
}
