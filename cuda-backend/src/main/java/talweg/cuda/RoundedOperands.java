package talweg.cuda;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * F32 operands of products, rounded to BF16. Weights and activations are multiplied in the forward
 * and again in the backward pass; a rounded copy serves both, as nothing has written to its source
 * in between. Whoever writes to device memory says so by {@link #written} or {@link #forget}, and
 * what may have changed is rounded anew.
 */
final class RoundedOperands implements AutoCloseable {
  /** A copy may take a block of up to so many times its size. */
  private static final int LARGEST_WASTE = 2;

  private final Device device;
  private final Elementwise elementwise;
  private final List<Copy> copies = new ArrayList<>();

  /** A block of memory, and whose rounded elements it holds at the moment, null if nobody's. */
  private static final class Copy {
    private final DeviceBuffer block;
    private View source;

    Copy(DeviceBuffer block) {
      this.block = block;
    }

    boolean holds(View view) {
      return source != null
          && DeviceBuffer.address(source) == DeviceBuffer.address(view)
          && Arrays.equals(source.dims(), view.dims())
          && Arrays.equals(source.strides(), view.strides());
    }

    View view(View like) {
      return View.contiguous(block, 0, like.shape());
    }
  }

  RoundedOperands(Device device, Elementwise elementwise) {
    this.device = device;
    this.elementwise = elementwise;
  }

  /** The rounded elements of a view, valid until something else is rounded or written. */
  View of(View view) {
    MemoryOrder order = new MemoryOrder(MemoryOrder.withoutRepeats(view));
    View source = order.sorted();
    return order.restored(rounded(source)).expand(view.shape());
  }

  private View rounded(View source) {
    for (Copy copy : copies) {
      if (copy.holds(source)) {
        return copy.view(source);
      }
    }
    Copy copy = free(source.size());
    View target = copy.view(source);
    elementwise.copy(source, target);
    copy.source = source;
    return target;
  }

  private Copy free(long length) {
    for (Copy copy : copies) {
      long room = copy.block.length();
      if (copy.source == null && room >= length && room <= LARGEST_WASTE * length) {
        return copy;
      }
    }
    Copy copy = new Copy(device.allocate(DType.BF16, length));
    copies.add(copy);
    return copy;
  }

  /** Forgets the copies of all elements that a view shows. */
  void written(View out) {
    if (copies.isEmpty() || out.size() == 0) {
      return;
    }
    long first = DeviceBuffer.address(out);
    long end = first + extent(out);
    for (Copy copy : copies) {
      if (copy.source != null) {
        long from = DeviceBuffer.address(copy.source);
        if (from < end && first < from + extent(copy.source)) {
          copy.source = null;
        }
      }
    }
  }

  /** Forgets all copies; their memory is kept, as recorded steps may use it. */
  void forget() {
    copies.forEach(copy -> copy.source = null);
  }

  /** Bytes from a view's first element to the end of its last. */
  private static long extent(View view) {
    long last = 0;
    for (int i = 0; i < view.rank(); i++) {
      last += (view.dims()[i] - 1L) * view.strides()[i];
    }
    return (last + 1) * view.dtype().bytes();
  }

  @Override
  public void close() {
    copies.forEach(copy -> device.release(copy.block));
    copies.clear();
  }
}
