package talweg.cuda.sim;

import java.util.Map;

/** Registers that a thread only reads: where it is. */
enum SpecialRegister {
  TID,
  NTID,
  CTAID,
  NCTAID,
  LANEID,
  WARPID,
  SMID,
  NSMID,
  LANEMASK_LT,
  LANEMASK_LE,
  LANEMASK_EQ,
  LANEMASK_GE,
  LANEMASK_GT,
  DYNAMIC_SMEM_SIZE;

  private static final Map<String, Integer> AXES = Map.of("x", 0, "y", 1, "z", 2);

  /** One of them along an axis. */
  record Component(SpecialRegister register, int axis) {
    /** Whether it may differ between the blocks and launches that one {@link Block} serves. */
    boolean changes() {
      return register == CTAID || register == NCTAID;
    }

    long value(Warp warp, int lane) {
      return register.value(warp, lane, axis);
    }
  }

  /** What {@code %tid.x} and its like name; null for an ordinary register. */
  static Component find(String name) {
    String[] parts = name.substring(1).split("\\.");
    for (SpecialRegister register : values()) {
      if (register.name().equalsIgnoreCase(parts[0])) {
        return new Component(register, parts.length > 1 ? AXES.get(parts[1]) : 0);
      }
    }
    return null;
  }

  private long value(Warp warp, int lane, int axis) {
    Grid grid = warp.block.grid();
    int thread = warp.firstThread + lane;
    int bit = 1 << lane;
    return switch (this) {
      case TID ->
          switch (axis) {
            case 0 -> thread % grid.blockX();
            case 1 -> thread / grid.blockX() % grid.blockY();
            default -> thread / (grid.blockX() * grid.blockY());
          };
      case NTID -> axis == 0 ? grid.blockX() : axis == 1 ? grid.blockY() : grid.blockZ();
      case CTAID -> warp.block.coordinate(axis);
      case NCTAID -> axis == 0 ? grid.gridX() : axis == 1 ? grid.gridY() : grid.gridZ();
      case LANEID -> lane;
      case WARPID -> thread / Warp.LANES;
      case SMID -> 0;
      case NSMID -> 1;
      case LANEMASK_LT -> bit - 1;
      case LANEMASK_LE -> bit | (bit - 1);
      case LANEMASK_EQ -> bit;
      case LANEMASK_GE -> -bit;
      case LANEMASK_GT -> -bit & ~bit;
      case DYNAMIC_SMEM_SIZE -> grid.dynamicShared();
    };
  }
}
