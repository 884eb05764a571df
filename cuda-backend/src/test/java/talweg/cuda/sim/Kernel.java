package talweg.cuda.sim;

import java.util.Arrays;
import java.util.List;

/**
 * A kernel, decoded and ready to run.
 *
 * @param code instructions; a program counter is an index into it
 * @param texts what each instruction looked like, for messages
 * @param parameters the formal parameters in order, with their place in the parameter block
 */
record Kernel(
    String name,
    Instruction[] code,
    String[] texts,
    List<Slots.Constant> constants,
    List<Slots.Use> specials,
    List<PtxVariable> parameters,
    int slots,
    int sharedBytes,
    int localBytes) {

  String text(int pc) {
    return texts[pc];
  }

  /** Bytes of the parameter block. */
  int parameterBytes() {
    if (parameters.isEmpty()) {
      return 0;
    }
    PtxVariable last = parameters.getLast();
    return last.offset() + last.bytes();
  }

  /** Registers of one warp, constants in place. */
  long[] registers() {
    long[] registers = new long[slots * Warp.LANES];
    for (Slots.Constant constant : constants) {
      Arrays.fill(registers, constant.slot(), constant.slot() + Warp.LANES, constant.bits());
    }
    return registers;
  }

  void fillSpecials(Warp warp) {
    for (Slots.Use use : specials) {
      for (int lane = 0; lane < warp.size(); lane++) {
        warp.registers[use.slot() + lane] = use.register().value(warp, lane);
      }
    }
  }

  /** Runs all blocks, one after the other; gives the number of instructions over all threads. */
  long launch(DeviceMemory memory, Grid grid, byte[] arguments, Schedule schedule, long limit) {
    Budget budget = new Budget(limit);
    Block block = new Block(this, memory, grid, arguments, budget);
    int blocks = grid.gridX() * grid.gridY() * grid.gridZ();
    for (int i = 0; i < blocks; i++) {
      int n = schedule.lane(i, blocks);
      int plane = n / grid.gridX();
      block.run(n % grid.gridX(), plane % grid.gridY(), plane / grid.gridY(), schedule);
    }
    return budget.spent();
  }
}
