package talweg.nn;

import talweg.op.Window2d;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** The mean of each window of images; see {@link Functional#avgPool2d}. */
public final class AvgPool2d extends Module {
  private final Window2d window;
  private final Size2d padding;
  private final boolean countIncludePad;

  /** Square windows side by side. */
  public AvgPool2d(int kernel) {
    this(Size2d.of(kernel), Size2d.of(kernel), SlidingWindows.NONE, true);
  }

  /**
   * Windows {@code stride} apart over padded images.
   *
   * @param countIncludePad whether the padding's zeros count in the mean (PyTorch's default)
   */
  public AvgPool2d(Size2d kernel, Size2d stride, Size2d padding, boolean countIncludePad) {
    this.window = new Window2d(kernel, stride, SlidingWindows.ONE);
    this.padding = padding;
    this.countIncludePad = countIncludePad;
    SlidingWindows.requirePoolSettings("AvgPool2d", window, padding);
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.avgPool2d(x, window.kernel(), window.stride(), padding, countIncludePad);
  }

  @Override
  public String toString() {
    return "AvgPool2d" + SlidingWindows.describePool(window, padding);
  }
}
