package talweg.cuda.sim;

/** Branches and the end of a thread. */
final class Control {
  private Control() {}

  /** Where a branch goes is known once the whole kernel was read. */
  static final class Branch extends Instruction {
    private final int predicate;
    private final boolean negated;
    private int target;

    /**
     * @param predicate −1 for a branch that is always taken
     */
    Branch(int predicate, boolean negated) {
      this.predicate = predicate;
      this.negated = negated;
    }

    void aim(int pc) {
      target = pc;
    }

    @Override
    int run(Warp w, int pc) {
      if (predicate < 0) {
        return target;
      }
      long[] r = w.registers;
      int taken = 0;
      for (int i = 0; i < w.count; i++) {
        taken += (r[predicate + w.lanes[i]] != 0) != negated ? 1 : 0;
      }
      if (taken == 0 || taken == w.count) {
        return taken == 0 ? pc + 1 : target;
      }
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        w.pcs[lane] = (r[predicate + lane] != 0) != negated ? target : pc + 1;
      }
      return REGROUP;
    }
  }

  /** {@code brx.idx}: one of several targets. */
  static final class Switch extends Instruction {
    private final int index;
    private final int[] targets;

    Switch(int index, int count) {
      this.index = index;
      this.targets = new int[count];
    }

    void aim(int i, int pc) {
      targets[i] = pc;
    }

    @Override
    int run(Warp w, int pc) {
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        int choice = (int) w.registers[index + lane];
        if (choice < 0 || choice >= targets.length) {
          w.lane = lane;
          throw PtxFault.launchFailed("branch " + choice + " of " + targets.length);
        }
        w.pcs[lane] = targets[choice];
      }
      return REGROUP;
    }
  }

  /** Ends the active lanes. */
  static final class Exit extends Instruction {
    @Override
    int run(Warp w, int pc) {
      for (int i = 0; i < w.count; i++) {
        w.states[w.lanes[i]] = Warp.State.DONE;
        w.liveMask &= ~(1 << w.lanes[i]);
      }
      w.move(pc);
      return REGROUP;
    }
  }

  /** Does nothing: memory is in order here anyway. */
  static final class Nothing extends Instruction {
    @Override
    int run(Warp w, int pc) {
      return pc + 1;
    }
  }

  /** Ends the launch with an error. */
  static final class Trap extends Instruction {
    private final String message;

    Trap(String message) {
      this.message = message;
    }

    @Override
    int run(Warp w, int pc) {
      w.lane = w.lanes[0];
      throw PtxFault.launchFailed(message);
    }
  }
}
