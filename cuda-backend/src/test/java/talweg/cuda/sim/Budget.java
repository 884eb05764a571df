package talweg.cuda.sim;

/** Counts instructions and ends a launch that takes too many: an endless loop, most likely. */
final class Budget {
  private final long limit;
  private long spent;

  Budget(long limit) {
    this.limit = limit;
  }

  void spend(long instructions) {
    spent += instructions;
    if (spent > limit) {
      throw PtxFault.timeout("no end after " + limit + " instructions");
    }
  }

  long spent() {
    return spent;
  }
}
