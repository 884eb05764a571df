package talweg.nn;

import talweg.op.Window2d;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** The largest element of each window of images; see {@link Functional#maxPool2d}. */
public final class MaxPool2d extends Module {
  private final Window2d window;
  private final Size2d padding;

  /** Square windows side by side. */
  public MaxPool2d(int kernel) {
    this(Size2d.of(kernel), Size2d.of(kernel), SlidingWindows.NONE);
  }

  /** Windows {@code stride} apart over images with that much padding, which never wins. */
  public MaxPool2d(Size2d kernel, Size2d stride, Size2d padding) {
    this.window = new Window2d(kernel, stride, SlidingWindows.ONE);
    this.padding = padding;
    SlidingWindows.requirePoolSettings("MaxPool2d", window, padding);
  }

  @Override
  public boolean isReplayable() {
    return true;
  }

  @Override
  protected Tensor compute(Tensor x) {
    return Functional.maxPool2d(x, window.kernel(), window.stride(), padding);
  }

  @Override
  public String toString() {
    return "MaxPool2d" + SlidingWindows.describePool(window, padding);
  }
}
