package talweg.session;

import talweg.error.OutOfMemoryException;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** A session's memory: its budget, and the pool of all work that is not captured. */
final class SessionMemory {
  private final Backend backend;
  private final MemoryBudget budget;
  private final MemoryPool ordinary;
  private boolean tight;

  SessionMemory(Backend backend, long limit) {
    this.backend = backend;
    this.budget = new MemoryBudget(limit);
    this.ordinary = newPool();
  }

  /** A further pool within the same budget. */
  MemoryPool newPool() {
    return new MemoryPool(backend, budget);
  }

  MemoryPool ordinary() {
    return ordinary;
  }

  MemoryUse use() {
    return new MemoryUse(budget.held(), budget.peak(), budget.limit(), tight);
  }

  /** Returns idle memory, and begins to measure the peak anew. */
  void trim() {
    ordinary.trim();
    budget.resetPeak();
  }

  /**
   * Memory from a pool; where there is no room left, idle memory is given up for it. Captured steps
   * keep theirs: replays need it.
   *
   * @throws OutOfMemoryException naming who holds the session's memory
   */
  Buffer take(MemoryPool pool, DType dtype, Shape shape, Session session) {
    OutOfMemoryException refused = null;
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        Buffer buffer = pool.take(dtype, shape.size());
        if (buffer != null) {
          return buffer;
        }
      } catch (OutOfMemoryException e) {
        refused = e;
      }
      if (attempt == 0 && !ordinary.trim()) {
        break;
      }
      tight = true;
    }
    throw outOfMemory(dtype, shape, session.holders(), refused);
  }

  /**
   * The error.
   *
   * @param refused what the device said, or null if the budget is used up
   */
  private OutOfMemoryException outOfMemory(
      DType dtype, Shape shape, MemoryHolders holders, OutOfMemoryException refused) {
    return new OutOfMemoryException(
        "%s: out of memory: asked for %s (%s %s), %s in use, %s; largest holders: %s"
            .formatted(
                backend.name(),
                MemoryUse.text(shape.size() * dtype.bytes()),
                dtype,
                shape,
                MemoryUse.text(budget.held()),
                refused == null
                    ? "limit " + MemoryUse.text(budget.limit())
                    : "and the device has no more (" + refused.getMessage() + ")",
                holders.largest()),
        "use smaller batches or a smaller network, or allow more memory",
        refused);
  }
}
