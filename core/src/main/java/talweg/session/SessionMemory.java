package talweg.session;

import talweg.error.OutOfMemoryException;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** A session's memory: its budget, and the pool of all work that is not captured. */
final class SessionMemory {
  /** Bytes of the heap that are kept for the error's own text. */
  private static final int RESERVE = 1 << 18;

  private final Backend backend;
  private final MemoryBudget budget;
  private final MemoryPool ordinary;
  private byte[] reserve = new byte[RESERVE];
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
    if (reserve == null) {
      try {
        reserve = new byte[RESERVE];
        ordinary.reopen();
      } catch (OutOfMemoryError _) {
        // The heap is as full as before.
      }
    }
  }

  /**
   * Memory from a pool; where there is no room left, idle memory is given up for it. Captured steps
   * keep theirs: replays need it.
   *
   * @throws OutOfMemoryException naming who holds the session's memory
   */
  Buffer take(MemoryPool pool, DType dtype, Shape shape, Session session) {
    Throwable refused = null;
    for (int attempt = 0; attempt < 2; attempt++) {
      try {
        Buffer buffer = pool.take(dtype, shape.size());
        if (buffer != null) {
          return buffer;
        }
      } catch (OutOfMemoryException | OutOfMemoryError e) {
        refused = e;
      }
      if (attempt == 0 && !ordinary.trim()) {
        break;
      }
      tight = true;
    }
    reserve = null;
    if (refused != null && backend.usesHostMemory()) {
      ordinary.retire();
    }
    String wanted =
        "asked for %s (%s %s)"
            .formatted(MemoryUse.text(shape.size() * dtype.bytes()), dtype, shape);
    String end =
        refused == null ? limit() : "and the device has no more (" + refused.getMessage() + ")";
    throw outOfMemory(wanted, end, session.holders(), refused);
  }

  /** As {@link #take} throws it, where the JVM has no memory left for other objects. */
  OutOfMemoryException heapFull(Session session, OutOfMemoryError error) {
    reserve = null;
    // Noting buffers as idle takes memory, too, which the scopes do not find at their ends.
    ordinary.retire();
    try {
      return outOfMemory(
          "the Java heap of %s is used up (%s)"
              .formatted(MemoryUse.text(Runtime.getRuntime().maxMemory()), error.getMessage()),
          limit(),
          session.holders(),
          error);
    } catch (OutOfMemoryError _) {
      return shortly(session, error);
    }
  }

  /** What matters most, where there is not even room to look at all tensors. */
  private static OutOfMemoryException shortly(Session session, OutOfMemoryError error) {
    MemoryHolders holders = new MemoryHolders();
    session.root().reportUnscoped(holders);
    String full = "out of memory: the Java heap is used up";
    return new OutOfMemoryException(
        holders.leak() ? full + "; " + holders.leakText() : full, advice(holders), error);
  }

  private String limit() {
    String limit = "limit " + MemoryUse.text(budget.limit());
    long heap = Runtime.getRuntime().maxMemory();
    boolean ofHeap =
        backend.usesHostMemory()
            && backend.memoryBytes() == heap
            && budget.limit() == MemoryUse.defaultLimit(backend);
    return ofHeap ? "%s of a Java heap of %s (-Xmx)".formatted(limit, MemoryUse.text(heap)) : limit;
  }

  /**
   * The error.
   *
   * @param wanted what was asked for
   * @param end why there is no more
   */
  private OutOfMemoryException outOfMemory(
      String wanted, String end, MemoryHolders holders, Throwable cause) {
    String largest = holders.largest();
    return new OutOfMemoryException(
        "%s: out of memory: %s, %s in use, %s%s"
            .formatted(
                backend.name(),
                wanted,
                MemoryUse.text(budget.held()),
                end,
                largest.isEmpty() ? "" : "; largest holders: " + largest),
        advice(holders),
        cause);
  }

  private static String advice(MemoryHolders holders) {
    return holders.leak()
        ? "open a scope for each step: try (Scope step = session.scope(\"step\")) { ... }"
        : "use smaller batches or a smaller network, or allow more memory";
  }
}
