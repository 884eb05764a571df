package talweg.session;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Buffers by element type and size class, so that a training step in its steady state allocates
 * nothing. Classes are eight to the octave, which wastes at most an eighth of a buffer.
 */
final class MemoryPool {
  private static final int CLASSES = 64 * 8;

  private final Backend backend;
  private final MemoryBudget budget;
  private final List<List<ArrayDeque<Buffer>>> free = new ArrayList<>();
  private long bytesHeld;
  private long bytesIdle;
  private boolean retired;

  MemoryPool(Backend backend, MemoryBudget budget) {
    this.backend = backend;
    this.budget = budget;
    for (int i = 0; i < DType.values().length; i++) {
      List<ArrayDeque<Buffer>> classes = new ArrayList<>(CLASSES);
      for (int c = 0; c < CLASSES; c++) {
        classes.add(null);
      }
      free.add(classes);
    }
  }

  /**
   * A buffer for so many elements, or null if the budget does not allow another one.
   *
   * @throws talweg.error.OutOfMemoryException if the device has no room for it
   */
  Buffer take(DType dtype, long length) {
    long rounded = classSize(Math.max(length, 8));
    ArrayDeque<Buffer> queue = free.get(dtype.ordinal()).get(classIndex(rounded));
    if (queue != null && !queue.isEmpty()) {
      Buffer buffer = queue.pop();
      bytesIdle -= bytes(buffer);
      assert poison(buffer);
      return buffer;
    }
    if (!budget.allows(rounded * dtype.bytes())) {
      return null;
    }
    Buffer buffer = backend.allocate(dtype, rounded);
    bytesHeld += bytes(buffer);
    budget.take(bytes(buffer));
    return buffer;
  }

  /**
   * Under assertions: makes reading a result before it was computed show up as NaN, also in reused
   * memory.
   */
  private boolean poison(Buffer buffer) {
    backend.fill(View.contiguous(buffer, 0, Shape.of((int) buffer.length())), Double.NaN);
    return true;
  }

  /** Returns all idle buffers, and from now on each buffer as soon as it is given. */
  void retire() {
    retired = true;
    trim();
  }

  /** Ends {@link #retire}. */
  void reopen() {
    retired = false;
  }

  void give(Buffer buffer) {
    if (retired) {
      release(buffer);
      return;
    }
    List<ArrayDeque<Buffer>> classes = free.get(buffer.dtype().ordinal());
    int index = classIndex(buffer.length());
    ArrayDeque<Buffer> queue = classes.get(index);
    if (queue == null) {
      queue = new ArrayDeque<>();
      classes.set(index, queue);
    }
    queue.push(buffer);
    bytesIdle += bytes(buffer);
  }

  /** Memory obtained from the backend and not returned to it, in bytes. */
  long bytesHeld() {
    return bytesHeld;
  }

  /** The part of it that no tensor uses, in bytes. */
  long bytesIdle() {
    return bytesIdle;
  }

  private static long bytes(Buffer buffer) {
    return buffer.length() * buffer.dtype().bytes();
  }

  /**
   * Returns all idle buffers to the backend.
   *
   * @return whether there were any
   */
  boolean trim() {
    boolean any = bytesIdle > 0;
    for (List<ArrayDeque<Buffer>> classes : free) {
      for (ArrayDeque<Buffer> queue : classes) {
        while (queue != null && !queue.isEmpty()) {
          release(queue.pop());
        }
      }
    }
    bytesIdle = 0;
    return any;
  }

  private void release(Buffer buffer) {
    bytesHeld -= bytes(buffer);
    budget.give(bytes(buffer));
    backend.release(buffer);
  }

  /** The smallest class size that holds {@code length} (at least 8) elements. */
  static long classSize(long length) {
    int shift = Math.max(0, 60 - Long.numberOfLeadingZeros(length - 1));
    long step = 1L << shift;
    return (length + step - 1) / step * step;
  }

  /** Numbers the class sizes: octave times eight plus the three bits below the leading one. */
  static int classIndex(long classSize) {
    int octave = 63 - Long.numberOfLeadingZeros(classSize);
    return octave * 8 + (int) ((classSize >>> (octave - 3)) & 7);
  }
}
