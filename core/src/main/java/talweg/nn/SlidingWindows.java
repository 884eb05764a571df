package talweg.nn;

import java.util.Locale;
import java.util.function.ToIntFunction;
import talweg.check.OperandTypes;
import talweg.error.ShapeException;
import talweg.op.FusedActivation;
import talweg.op.FusedOp;
import talweg.op.Window2d;
import talweg.session.Fusion;
import talweg.session.Windows;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/**
 * Convolution and pooling: functions of windows that slide over images [batch, channels, height,
 * width]. What their arguments must be; {@link Fusion} computes them.
 */
final class SlidingWindows {
  static final Size2d ONE = Size2d.of(1);
  static final Size2d NONE = Size2d.of(0);

  private SlidingWindows() {}

  static Tensor conv2d(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Size2d stride,
      Size2d padding,
      Size2d dilation,
      int groups,
      FusedActivation activation) {
    requireImages("conv2d", x);
    OperandTypes.same("conv2d", "x", x, "weight", weight);
    requireWeight(x.shape(), weight.shape(), bias, groups);
    Size2d kernel = Size2d.of(weight.shape().dim(2), weight.shape().dim(3));
    Window2d window = new Window2d(kernel, stride, dilation);
    requireFitting("conv2d", x.shape(), window, padding);
    FusedOp op = new FusedOp.Convolution(window, padding, groups, activation);
    return bias == null ? Fusion.apply(op, x, weight) : Fusion.apply(op, x, weight, bias);
  }

  static Tensor maxPool2d(Tensor x, Size2d kernel, Size2d stride, Size2d padding) {
    requireImages("max_pool2d", x);
    Window2d window = pooling("max_pool2d", x, kernel, stride, padding);
    return Fusion.apply(new FusedOp.MaxPool(window, padding), x);
  }

  static Tensor avgPool2d(
      Tensor x, Size2d kernel, Size2d stride, Size2d padding, boolean countIncludePad) {
    requireImages("avg_pool2d", x);
    OperandTypes.arithmetic("avg_pool2d", "x", x);
    Window2d window = pooling("avg_pool2d", x, kernel, stride, padding);
    return Windows.mean(x, window, padding, countIncludePad);
  }

  /**
   * Checks what does not depend on the input.
   *
   * @throws ShapeException naming the setting
   */
  static void requireSettings(String operation, Window2d window, Size2d padding) {
    requireAtLeast(operation, "kernel", window.kernel(), 1);
    requireAtLeast(operation, "stride", window.stride(), 1);
    requireAtLeast(operation, "dilation", window.dilation(), 1);
    requireAtLeast(operation, "padding", padding, 0);
  }

  /** Checks also that each window holds more than padding. */
  static void requirePoolSettings(String operation, Window2d window, Size2d padding) {
    requireSettings(operation, window, padding);
    Size2d kernel = window.kernel();
    if (padding.height() > kernel.height() / 2 || padding.width() > kernel.width() / 2) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "%s: padding %s is more than half of the kernel %s; pad at most %dx%d",
              operation,
              padding,
              kernel,
              kernel.height() / 2,
              kernel.width() / 2));
    }
  }

  static String describePool(Window2d window, Size2d padding) {
    String stride = window.stride().equals(window.kernel()) ? "" : ", stride " + window.stride();
    String pad = padding.equals(NONE) ? "" : ", padding " + padding;
    return "(" + window.kernel() + stride + pad + ")";
  }

  private static Window2d pooling(
      String operation, Tensor x, Size2d kernel, Size2d stride, Size2d padding) {
    Window2d window = new Window2d(kernel, stride, ONE);
    requirePoolSettings(operation, window, padding);
    requireFitting(operation, x.shape(), window, padding);
    return window;
  }

  private static void requireImages(String operation, Tensor x) {
    if (x.rank() != 4) {
      throw new ShapeException(
          "%s: expected [batch, channels, height, width], got %s%s"
              .formatted(operation, x.shape(), axesAdvice(x.shape())));
    }
  }

  private static String axesAdvice(Shape x) {
    return switch (x.rank()) {
      case 2 -> "; put new Unflatten(channels, height, width) in front of it";
      case 3 ->
          String.format(
              Locale.ROOT,
              "; for a batch of gray images put new Unflatten(1, %d, %d) in front of it or call"
                  + " x.unsqueeze(1), for a single image call x.unsqueeze(0)",
              x.dim(1),
              x.dim(2));
      default -> "";
    };
  }

  private static void requireWeight(Shape x, Shape weight, Tensor bias, int groups) {
    if (weight.rank() != 4) {
      throw new ShapeException(
          "conv2d: expected a weight [out, in / groups, kernel height, kernel width], got "
              + weight);
    }
    if (groups < 1 || weight.dim(0) % groups != 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: the %d output channels of weight %s cannot be split into %d groups",
              weight.dim(0),
              weight,
              groups));
    }
    if (x.dim(1) != weight.dim(1) * groups) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: weight %s in %d group%s expects %d input channels, got %s; images are"
                  + " [batch, channels, height, width]",
              weight,
              groups,
              groups == 1 ? "" : "s",
              weight.dim(1) * groups,
              x));
    }
    if (bias != null && !bias.shape().equals(Shape.of(weight.dim(0)))) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "conv2d: expected a bias [%d], one for each output channel of weight %s, got %s",
              weight.dim(0),
              weight,
              bias.shape()));
    }
  }

  private static void requireFitting(String operation, Shape x, Window2d window, Size2d padding) {
    requireSettings(operation, window, padding);
    long missingHeight = missing(x.dim(2), padding.height(), window, Size2d::height);
    long missingWidth = missing(x.dim(3), padding.width(), window, Size2d::width);
    if (missingHeight > 0 || missingWidth > 0) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "%s: a window with kernel %s and dilation %s does not fit into images of %dx%d with"
                  + " padding %s (input %s); use a smaller kernel or padding of at least %dx%d",
              operation,
              window.kernel(),
              window.dilation(),
              x.dim(2),
              x.dim(3),
              padding,
              x,
              padding.height() + (missingHeight + 1) / 2,
              padding.width() + (missingWidth + 1) / 2));
    }
  }

  /** How many elements a window is longer than the padded image. */
  private static long missing(
      long extent, long padding, Window2d window, ToIntFunction<Size2d> along) {
    long kernel = along.applyAsInt(window.kernel());
    long span = (kernel - 1) * along.applyAsInt(window.dilation()) + 1;
    return Math.max(0, span - extent - 2 * padding);
  }

  private static void requireAtLeast(String operation, String setting, Size2d value, int least) {
    if (value.height() < least || value.width() < least) {
      throw new ShapeException(
          String.format(
              Locale.ROOT, "%s: %s must be at least %d, got %s", operation, setting, least, value));
    }
  }
}
