package talweg.session;

/** The bytes that a session has from its device, over all its pools, and how many it may have. */
final class MemoryBudget {
  private final long limit;
  private long held;
  private long peak;

  MemoryBudget(long limit) {
    if (limit < 1) {
      throw new IllegalArgumentException(
          "memory: expected a limit of at least one byte, got " + limit);
    }
    this.limit = limit;
  }

  boolean allows(long bytes) {
    return bytes <= limit - held;
  }

  void take(long bytes) {
    held += bytes;
    peak = Math.max(peak, held);
  }

  void give(long bytes) {
    held -= bytes;
  }

  long limit() {
    return limit;
  }

  long held() {
    return held;
  }

  long peak() {
    return peak;
  }

  /** Makes {@link #peak} tell of what comes from now on. */
  void resetPeak() {
    peak = held;
  }
}
