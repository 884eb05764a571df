package talweg.cuda.sim;

import java.util.Arrays;

/** A block of threads with its shared memory, used for one block of the grid after the other. */
final class Block {
  final Kernel kernel;
  final DeviceMemory memory;
  final Region shared;
  private final Warp[] warps;
  private Grid grid;
  private Region parameters;
  private Budget budget;
  private int x;
  private int y;
  private int z;

  Block(Kernel kernel, DeviceMemory memory, Grid grid) {
    this.kernel = kernel;
    this.memory = memory;
    this.grid = grid;
    int sharedBytes = kernel.sharedBytes() + grid.dynamicShared();
    this.shared = new Region("shared memory", 0, new byte[sharedBytes], sharedBytes);
    int threads = grid.threads();
    this.warps = new Warp[(threads + Warp.LANES - 1) / Warp.LANES];
    for (int i = 0; i < warps.length; i++) {
      int first = i * Warp.LANES;
      int size = Math.min(Warp.LANES, threads - first);
      warps[i] = new Warp(this, first, size, kernel.registers(), kernel.localBytes());
      kernel.fillSpecials(warps[i], true);
    }
  }

  /** Whether a launch of this shape can run in this block. */
  boolean fits(DeviceMemory memory, Grid other) {
    return this.memory == memory && grid.sameBlocks(other);
  }

  void begin(Grid grid, byte[] arguments, Budget budget) {
    this.grid = grid;
    this.parameters = new Region("parameters", 0, arguments, arguments.length);
    this.budget = budget;
  }

  Grid grid() {
    return grid;
  }

  Region parameters() {
    return parameters;
  }

  int coordinate(int axis) {
    return axis == 0 ? x : axis == 1 ? y : z;
  }

  /** Runs the block at this place of the grid. */
  void run(int x, int y, int z, Schedule schedule) {
    this.x = x;
    this.y = y;
    this.z = z;
    Arrays.fill(shared.data(), (byte) 0xff);
    for (Warp warp : warps) {
      warp.reset();
      kernel.fillSpecials(warp, false);
    }
    while (true) {
      for (int i = 0; i < warps.length; i++) {
        warps[schedule.lane(i, warps.length)].run(schedule);
      }
      int waiting = count(Warp.State.AT_BARRIER);
      int stuck = count(Warp.State.AT_COLLECTIVE);
      if (waiting + stuck == 0) {
        return;
      }
      if (stuck > 0) {
        throw stuck(Warp.State.AT_COLLECTIVE, "waits for lanes of its warp that do not come");
      }
      if (waiting < grid.threads()) {
        throw stuck(
            Warp.State.AT_BARRIER,
            "divergent barrier: "
                + (grid.threads() - waiting)
                + " threads of the block have ended without it");
      }
      releaseBarrier();
    }
  }

  private int count(Warp.State state) {
    int n = 0;
    for (Warp warp : warps) {
      for (int lane = 0; lane < warp.size(); lane++) {
        n += warp.states[lane] == state ? 1 : 0;
      }
    }
    return n;
  }

  private PtxFault stuck(Warp.State state, String why) {
    for (Warp warp : warps) {
      for (int lane = 0; lane < warp.size(); lane++) {
        if (warp.states[lane] == state) {
          warp.lane = lane;
          return PtxFault.launchFailed(why).at(describe(warp, warp.pcs[lane]));
        }
      }
    }
    throw new AssertionError(why);
  }

  private Barrier barrier(Warp warp, int lane) {
    return (Barrier) kernel.code()[warp.pcs[lane]];
  }

  private void releaseBarrier() {
    int id = barrier(warps[0], 0).id();
    int yes = 0;
    for (Warp warp : warps) {
      for (int lane = 0; lane < warp.size(); lane++) {
        warp.lane = lane;
        if (warp.pcs[lane] != warp.pcs[0] || barrier(warp, lane).id() != id) {
          throw PtxFault.launchFailed("divergent barrier: threads wait at different barriers")
              .at(describe(warp, warp.pcs[lane]));
        }
        yes += barrier(warp, lane).votes(warp, lane) ? 1 : 0;
      }
    }
    for (Warp warp : warps) {
      for (int lane = 0; lane < warp.size(); lane++) {
        barrier(warp, lane).deliver(warp, lane, yes, grid.threads());
        warp.states[lane] = Warp.State.RUNNING;
        warp.pcs[lane]++;
      }
    }
  }

  void spend(long instructions) {
    budget.spend(instructions);
  }

  /** Where a lane is, for messages. */
  String describe(Warp warp, int pc) {
    return kernel.name()
        + " block ("
        + x
        + ","
        + y
        + ","
        + z
        + ") thread "
        + (warp.firstThread + warp.lane)
        + " at \""
        + kernel.text(pc)
        + "\"";
  }
}
