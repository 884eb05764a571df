package talweg.cuda.sim;

/** In which order threads get their turn. A result that depends on it is a race. */
public enum Schedule {
  /** Warps in order, the lanes of a warp in step: the fastest. */
  LOCKSTEP,
  /** Each thread as far as it gets, the first thread first. */
  FORWARD,
  /** Each thread as far as it gets, the last thread first, the last block first. */
  BACKWARD;

  boolean together() {
    return this == LOCKSTEP;
  }

  int lane(int i, int size) {
    return this == BACKWARD ? size - 1 - i : i;
  }
}
