package talweg.cuda.sim;

import java.util.Arrays;

/**
 * Up to 32 threads. Lanes with the same program counter run together; of several groups the one
 * that is furthest behind goes first, so that they meet again.
 */
final class Warp {
  static final int LANES = 32;

  /** Instructions after which an endless loop is looked for. */
  private static final long SLICE = 100_000;

  enum State {
    RUNNING,
    AT_COLLECTIVE,
    AT_BARRIER,
    DONE
  }

  final Block block;

  /** Number of the first lane's thread in the block. */
  final int firstThread;

  /** Slot s of lane l is at {@code s + l}; slots are multiples of 32. */
  final long[] registers;

  /** The active lanes are the first {@link #count} of these. */
  final int[] lanes = new int[LANES];

  int count;
  int activeMask;
  int liveMask;
  final int[] pcs = new int[LANES];
  final State[] states = new State[LANES];

  /** Of lanes that wait: the lanes they wait for. */
  final int[] awaited = new int[LANES];

  /** The thread's own memory, for arrays and spilled registers. */
  final Region[] local = new Region[LANES];

  /** Copies to shared memory under way, see {@link AsyncCopy}. */
  final AsyncCopies copies = new AsyncCopies();

  /** For instructions that exchange values between lanes. */
  final long[] exchange = new long[LANES];

  /** The lane at work, for messages; set before anything that may fail. */
  int lane;

  private final int size;
  private int nextGroup;
  private final int[] outerLanes = new int[LANES];
  private int outerCount;
  private int outerMask;

  Warp(Block block, int firstThread, int size, long[] registers, int localBytes) {
    this.block = block;
    this.firstThread = firstThread;
    this.size = size;
    this.registers = registers;
    for (int i = 0; i < size; i++) {
      local[i] = new Region("local memory", 0, new byte[localBytes], localBytes);
    }
  }

  int size() {
    return size;
  }

  void reset() {
    Arrays.fill(pcs, 0);
    Arrays.fill(states, State.DONE);
    Arrays.fill(states, 0, size, State.RUNNING);
    for (int i = 0; i < size; i++) {
      Arrays.fill(local[i].data(), (byte) 0xff);
    }
    copies.clear();
    liveMask = size == LANES ? -1 : (1 << size) - 1;
  }

  /** Runs until each lane has ended or waits. */
  void run(Schedule schedule) {
    Instruction[] code = block.kernel.code();
    while (regroup(schedule)) {
      int pc = pcs[lanes[0]];
      long executed = 0;
      try {
        int next = pc;
        do {
          pc = next;
          executed += count;
          next = code[pc].run(this, pc);
          if (executed >= SLICE) {
            block.spend(executed);
            executed = 0;
          }
        } while (next >= 0 && next < nextGroup);
        if (next >= 0) {
          move(next);
        }
        block.spend(executed);
      } catch (PtxFault fault) {
        throw fault.at(block.describe(this, pc));
      }
    }
  }

  /** Sets the active lanes' program counter. */
  void move(int pc) {
    for (int i = 0; i < count; i++) {
      pcs[lanes[i]] = pc;
    }
  }

  private boolean regroup(Schedule schedule) {
    int lowest = Integer.MAX_VALUE;
    nextGroup = Integer.MAX_VALUE;
    count = 0;
    activeMask = 0;
    for (int i = 0; i < size; i++) {
      int lane = schedule.lane(i, size);
      if (states[lane] != State.RUNNING) {
        continue;
      }
      if (!schedule.together()) {
        lanes[count++] = lane;
        activeMask = 1 << lane;
        return true;
      }
      if (pcs[lane] < lowest) {
        nextGroup = lowest;
        lowest = pcs[lane];
      } else if (pcs[lane] > lowest) {
        nextGroup = Math.min(nextGroup, pcs[lane]);
      }
    }
    for (int lane = 0; lane < size; lane++) {
      if (states[lane] == State.RUNNING && pcs[lane] == lowest) {
        lanes[count++] = lane;
        activeMask |= 1 << lane;
      }
    }
    return count > 0 || Collective.releaseWaiting(this) && regroup(schedule);
  }

  /** Leaves only those lanes active whose predicate holds; not nested. */
  void narrow(int predicate, boolean negated) {
    System.arraycopy(lanes, 0, outerLanes, 0, count);
    outerCount = count;
    outerMask = activeMask;
    count = 0;
    activeMask = 0;
    for (int i = 0; i < outerCount; i++) {
      int lane = outerLanes[i];
      if ((registers[predicate + lane] != 0) != negated) {
        lanes[count++] = lane;
        activeMask |= 1 << lane;
      }
    }
  }

  void widen() {
    System.arraycopy(outerLanes, 0, lanes, 0, outerCount);
    count = outerCount;
    activeMask = outerMask;
  }
}
