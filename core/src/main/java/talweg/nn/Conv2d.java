package talweg.nn;

import java.util.Locale;
import talweg.error.ShapeException;
import talweg.op.FusedActivation;
import talweg.op.Window2d;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/**
 * Cross-correlation of images [batch, in, height, width] with learned kernels, see {@link
 * Functional#conv2d}. As in PyTorch, {@code weight} is (out, in / groups, kernel height, kernel
 * width) and {@code bias} (out).
 */
public final class Conv2d extends Module implements FusesActivation {
  private final int in;
  private final int out;
  private final Window2d window;
  private final Size2d padding;
  private final int groups;
  private final Parameter weight;
  private final Parameter bias;

  /** A square kernel that moves by 1, without padding: images shrink by {@code kernel} - 1. */
  public Conv2d(int in, int out, int kernel) {
    this(in, out, kernel, 1, 0);
  }

  /** The same kernel, stride and padding (with zeros, on all four sides) along both axes. */
  public Conv2d(int in, int out, int kernel, int stride, int padding) {
    this(
        in,
        out,
        Size2d.of(kernel),
        Size2d.of(stride),
        Size2d.of(padding),
        SlidingWindows.ONE,
        1,
        true);
  }

  /**
   * With every setting.
   *
   * @param groups splits the channels: each group of outputs sees only its group of inputs
   */
  public Conv2d(
      int in,
      int out,
      Size2d kernel,
      Size2d stride,
      Size2d padding,
      Size2d dilation,
      int groups,
      boolean withBias) {
    this.in = in;
    this.out = out;
    this.window = new Window2d(kernel, stride, dilation);
    this.padding = padding;
    this.groups = groups;
    if (in < 1 || out < 1 || groups < 1 || in % groups != 0 || out % groups != 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "Conv2d(%d, %d): needs at least one channel on both sides, and channels that split"
                  + " into groups of one size, got %d groups",
              in,
              out,
              groups));
    }
    SlidingWindows.requireSettings("Conv2d", window, padding);
    Shape shape = Shape.of(out, in / groups, kernel.height(), kernel.width());
    long fanIn = shape.size() / out;
    if (fanIn > Integer.MAX_VALUE) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "Conv2d(%d, %d): an output would depend on %d inputs, expected at most %d; use fewer"
                  + " channels or a smaller kernel",
              in,
              out,
              fanIn,
              Integer.MAX_VALUE));
    }
    Init init = Init.fanInUniform((int) fanIn);
    this.weight = parameter("weight", shape, init);
    this.bias = withBias ? parameter("bias", Shape.of(out), init) : null;
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
    return activated(x, FusedActivation.NONE);
  }

  @Override
  public boolean fusesActivation() {
    return true;
  }

  @Override
  public Tensor forwardActivated(Tensor x, FusedActivation activation) {
    return named(() -> activated(x, activation));
  }

  private Tensor activated(Tensor x, FusedActivation activation) {
    if (x.rank() == 4 && x.shape().dim(1) != in) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: expected [batch, %d, height, width], got %s for %s: did you mean Conv2d(%d,"
                  + " %d, ...)?",
              in,
              x.shape(),
              this,
              x.shape().dim(1),
              out));
    }
    return SlidingWindows.conv2d(
        x,
        weight.value(),
        bias == null ? null : bias.value(),
        window.stride(),
        padding,
        window.dilation(),
        groups,
        activation);
  }

  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            String.format(Locale.ROOT, "Conv2d(%d, %d, %s", in, out, window.kernel()));
    if (!window.stride().equals(SlidingWindows.ONE)) {
      text.append(", stride ").append(window.stride());
    }
    if (!padding.equals(SlidingWindows.NONE)) {
      text.append(", padding ").append(padding);
    }
    if (!window.dilation().equals(SlidingWindows.ONE)) {
      text.append(", dilation ").append(window.dilation());
    }
    if (groups > 1) {
      text.append(", ").append(groups).append(" groups");
    }
    return text.append(bias == null ? ", no bias)" : ")").toString();
  }
}
