package talweg.cuda.sim;

/** {@code bar.sync} and {@code bar.red}: waits for all threads of the block. */
final class Barrier extends Instruction {
  enum Reduction {
    NONE,
    COUNT,
    AND,
    OR
  }

  private final int id;
  private final Reduction reduction;
  private final int result;
  private final int predicate;

  Barrier(int id, Reduction reduction, int result, int predicate) {
    this.id = id;
    this.reduction = reduction;
    this.result = result;
    this.predicate = predicate;
  }

  int id() {
    return id;
  }

  @Override
  int run(Warp w, int pc) {
    for (int i = 0; i < w.count; i++) {
      w.states[w.lanes[i]] = Warp.State.AT_BARRIER;
    }
    w.move(pc);
    return REGROUP;
  }

  /** What a lane brings to a reduction. */
  boolean votes(Warp w, int lane) {
    return reduction != Reduction.NONE && w.registers[predicate + lane] != 0;
  }

  /** Gives a lane the result over all threads. */
  void deliver(Warp w, int lane, int yes, int all) {
    switch (reduction) {
      case NONE -> {}
      case COUNT -> w.registers[result + lane] = yes;
      case AND -> w.registers[result + lane] = yes == all ? 1 : 0;
      case OR -> w.registers[result + lane] = yes > 0 ? 1 : 0;
    }
  }
}
