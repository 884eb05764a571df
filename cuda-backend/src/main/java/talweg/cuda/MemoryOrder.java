package talweg.cuda;

import java.util.Arrays;
import talweg.spi.View;
import talweg.tensor.Shape;

/**
 * The axes of a view in the order in which its elements lie in memory, so that a copy reads and
 * writes neighbours, and a view and its transpose are copied alike.
 */
final class MemoryOrder {
  private final int[] axes;
  private final View sorted;

  MemoryOrder(View view) {
    Integer[] order = new Integer[view.rank()];
    Arrays.setAll(order, i -> i);
    // The sort is stable: axes whose stride says nothing stay in place.
    Arrays.sort(order, (i, j) -> Long.compare(view.strides()[j], view.strides()[i]));
    axes = Arrays.stream(order).mapToInt(Integer::intValue).toArray();
    sorted = view.permute(axes);
  }

  /** The view with its axes in that order, the outermost first. */
  View sorted() {
    return sorted;
  }

  /** A view with the axes of {@link #sorted} with them as they were. */
  View restored(View view) {
    int[] back = new int[axes.length];
    for (int i = 0; i < axes.length; i++) {
      back[axes[i]] = i;
    }
    return view.permute(back);
  }

  /** The view with one matrix for each group of leading places that show the same one. */
  static View withoutRepeats(View view) {
    int[] dims = view.dims().clone();
    int[] steps = new int[dims.length];
    Arrays.fill(steps, 1);
    for (int axis = 0; axis < dims.length - 2; axis++) {
      if (view.strides()[axis] == 0) {
        dims[axis] = Math.min(dims[axis], 1);
      }
    }
    return view.slice(new int[dims.length], steps, Shape.of(dims));
  }
}
