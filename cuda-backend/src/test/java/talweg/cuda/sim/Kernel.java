package talweg.cuda.sim;

import java.util.Arrays;
import java.util.List;

/** A kernel, decoded and ready to run. */
final class Kernel {
  private final Instruction[] code;
  private final String[] texts;
  private final Slots slots;
  private final PtxFunction function;
  private final int sharedBytes;
  private final int localBytes;

  /** The block of the last launch: most launches of a kernel have the same shape. */
  private Block block;

  /**
   * @param code instructions; a program counter is an index into it
   * @param texts what each instruction looked like, for messages
   * @param function what it was made from, with the formal parameters in order
   */
  Kernel(
      Instruction[] code,
      String[] texts,
      Slots slots,
      PtxFunction function,
      int sharedBytes,
      int localBytes) {
    this.code = code;
    this.texts = texts;
    this.slots = slots;
    this.function = function;
    this.sharedBytes = sharedBytes;
    this.localBytes = localBytes;
  }

  String name() {
    return function.name();
  }

  Instruction[] code() {
    return code;
  }

  String text(int pc) {
    return texts[pc];
  }

  List<PtxVariable> parameters() {
    return function.parameters();
  }

  /** The most threads that a block may have. */
  int mostThreads() {
    return function.mostThreads();
  }

  int sharedBytes() {
    return sharedBytes;
  }

  int localBytes() {
    return localBytes;
  }

  /** Bytes of the parameter block. */
  int parameterBytes() {
    if (parameters().isEmpty()) {
      return 0;
    }
    PtxVariable last = parameters().getLast();
    return last.offset() + last.bytes();
  }

  /** Registers of one warp, constants in place. */
  long[] registers() {
    long[] registers = new long[slots.count() * Warp.LANES];
    for (Slots.Constant constant : slots.constants()) {
      Arrays.fill(registers, constant.slot(), constant.slot() + Warp.LANES, constant.bits());
    }
    return registers;
  }

  /** Sets what a warp's threads only read: all of it, or what may differ from block to block. */
  void fillSpecials(Warp warp, boolean all) {
    for (Slots.Use use : slots.specials()) {
      if (all || use.register().changes()) {
        for (int lane = 0; lane < warp.size(); lane++) {
          warp.registers[use.slot() + lane] = use.register().value(warp, lane);
        }
      }
    }
  }

  /** Runs all blocks, one after the other; gives the number of instructions over all threads. */
  long launch(DeviceMemory memory, Grid grid, byte[] arguments, Schedule schedule, long limit) {
    if (block == null || !block.fits(memory, grid)) {
      block = new Block(this, memory, grid);
    }
    Budget budget = new Budget(limit);
    block.begin(grid, arguments, budget);
    int blocks = grid.gridX() * grid.gridY() * grid.gridZ();
    for (int i = 0; i < blocks; i++) {
      int n = schedule.lane(i, blocks);
      int plane = n / grid.gridX();
      block.run(n % grid.gridX(), plane % grid.gridY(), plane / grid.gridY(), schedule);
    }
    return budget.spent();
  }
}
