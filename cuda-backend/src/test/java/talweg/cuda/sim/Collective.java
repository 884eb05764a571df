package talweg.cuda.sim;

/** An instruction that lanes of a warp carry out together: it waits for all that its mask names. */
abstract class Collective extends Instruction {
  /** The lanes that must come, by bits. */
  abstract int mask(Warp warp, int lane);

  /** All that were named are there: they are the active lanes. */
  abstract void perform(Warp warp);

  @Override
  int run(Warp w, int pc) {
    boolean complete = true;
    for (int i = 0; i < w.count; i++) {
      int lane = w.lanes[i];
      int mask = mask(w, lane);
      if ((mask >> lane & 1) == 0) {
        w.lane = lane;
        throw PtxFault.launchFailed("the lane is not in its own mask " + Integer.toHexString(mask));
      }
      w.awaited[lane] = mask;
      complete &= (mask & w.liveMask) == w.activeMask;
    }
    if (complete) {
      perform(w);
      return pc + 1;
    }
    for (int i = 0; i < w.count; i++) {
      w.states[w.lanes[i]] = Warp.State.AT_COLLECTIVE;
    }
    w.move(pc);
    return REGROUP;
  }

  /** Lets those go on whose partners have all come; false if there are none. */
  static boolean releaseWaiting(Warp w) {
    boolean any = false;
    for (int lane = 0; lane < w.size(); lane++) {
      if (w.states[lane] == Warp.State.AT_COLLECTIVE && gather(w, lane)) {
        any = true;
        int pc = w.pcs[lane];
        ((Collective) w.block.kernel.code()[pc]).perform(w);
        for (int i = 0; i < w.count; i++) {
          w.states[w.lanes[i]] = Warp.State.RUNNING;
        }
        w.move(pc + 1);
      }
    }
    return any;
  }

  private static boolean gather(Warp w, int lane) {
    int wanted = w.awaited[lane] & w.liveMask;
    w.count = 0;
    w.activeMask = wanted;
    for (int other = 0; other < w.size(); other++) {
      if ((wanted >> other & 1) != 0) {
        boolean there =
            w.states[other] == Warp.State.AT_COLLECTIVE
                && w.pcs[other] == w.pcs[lane]
                && w.awaited[other] == w.awaited[lane];
        if (!there) {
          return false;
        }
        w.lanes[w.count++] = other;
      }
    }
    return true;
  }
}
