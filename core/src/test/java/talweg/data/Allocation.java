package talweg.data;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** What this thread allocates on the heap. */
record Allocation(long before) {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  static Allocation start() {
    return new Allocation(THREADS.getCurrentThreadAllocatedBytes());
  }

  long bytes() {
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  void requireAtMost(long most) {
    long bytes = bytes();
    if (bytes > most) {
      throw new AssertionError(
          "expected at most %d KiB of allocation, got %d KiB".formatted(most >> 10, bytes >> 10));
    }
  }
}
