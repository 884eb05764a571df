package talweg.cuda.sim;

/** One decoded instruction. It works on all active lanes of a warp, as the hardware does. */
abstract class Instruction {
  /** Returned where the active lanes part or wait: their program counters are already set. */
  static final int REGROUP = -1;

  /** Runs for the active lanes; gives the next program counter or {@link #REGROUP}. */
  abstract int run(Warp warp, int pc);
}
