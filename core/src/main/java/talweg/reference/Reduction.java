package talweg.reference;

import java.util.Arrays;
import talweg.op.ReduceKind;
import talweg.spi.View;

/** Reduces the axes whose extent is 1 in the output. */
final class Reduction {
  private final ReferenceBuffer source;
  private final int[] window;
  private final long[] strides;

  private Reduction(View in, int[] window) {
    this.source = (ReferenceBuffer) in.buffer();
    this.window = window;
    this.strides = in.strides();
  }

  static void run(ReduceKind kind, View in, View out) {
    int[] window = in.dims().clone();
    for (int axis = 0; axis < window.length; axis++) {
      window[axis] = out.dims()[axis] == 1 ? window[axis] : 1;
    }
    Reduction reduction = new Reduction(in, window);
    ReferenceBuffer target = (ReferenceBuffer) out.buffer();
    long[] offsets = {in.offset(), out.offset()};
    for (Walk walk = new Walk(out.dims(), offsets, in.strides(), out.strides()); walk.next(); ) {
      target.set(walk.at(1), reduction.value(kind, walk.at(0)));
    }
  }

  /** Reduces the window of elements that begins at {@code offset}. */
  private double value(ReduceKind kind, long offset) {
    return switch (kind) {
      case SUM -> sum(offset);
      case MEAN -> sum(offset) / Arrays.stream(window).asLongStream().reduce(1, (a, b) -> a * b);
      case MAX -> extreme(true, offset).value();
      case MIN -> extreme(false, offset).value();
      case ARGMAX -> extreme(true, offset).position();
      case ARGMIN -> extreme(false, offset).position();
    };
  }

  private double sum(long offset) {
    CompensatedSum sum = new CompensatedSum();
    for (Walk walk = walk(offset); walk.next(); ) {
      sum.add(source.get(walk.at(0)));
    }
    return sum.value();
  }

  private Extreme extreme(boolean largest, long offset) {
    Extreme best = null;
    int position = 0;
    for (Walk walk = walk(offset); walk.next(); position++) {
      double x = source.get(walk.at(0));
      if (best == null || best.isBeatenBy(x, largest)) {
        best = new Extreme(x, position);
      }
    }
    assert best != null : "no extreme among no elements";
    return best;
  }

  private Walk walk(long offset) {
    return new Walk(window, new long[] {offset}, strides);
  }

  /** The first extreme element and its place in the window; the first NaN stays. */
  private record Extreme(double value, int position) {
    boolean isBeatenBy(double x, boolean largest) {
      return !Double.isNaN(value) && (Double.isNaN(x) || (largest ? x > value : x < value));
    }
  }
}
