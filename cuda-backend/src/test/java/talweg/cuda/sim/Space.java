package talweg.cuda.sim;

import java.util.List;

/** Where an address points to. */
enum Space {
  GENERIC(0),
  /** Also constants: both have true addresses. */
  GLOBAL(0),
  SHARED(1L << 44),
  LOCAL(2L << 44),
  PARAM(3L << 44);

  private static final long WITHIN = (1L << 44) - 1;

  private final long window;

  Space(long window) {
    this.window = window;
  }

  static Space of(List<String> modifiers) {
    for (String modifier : modifiers) {
      switch (modifier) {
        case "global", "const" -> {
          return GLOBAL;
        }
        case "shared", "shared__cta" -> {
          return SHARED;
        }
        case "local" -> {
          return LOCAL;
        }
        case "param", "param__entry", "param__func" -> {
          return PARAM;
        }
        default -> {}
      }
    }
    return GENERIC;
  }

  /** What a generic address has added. */
  long window() {
    return window;
  }

  /** The space that an address in this space really is in. */
  Space resolve(long address) {
    if (this != GENERIC) {
      return this;
    }
    return switch ((int) (address >>> 44)) {
      case 1 -> SHARED;
      case 2 -> LOCAL;
      case 3 -> PARAM;
      default -> GLOBAL;
    };
  }

  /** The address within the resolved space. */
  long within(long address) {
    return this == GENERIC ? address & WITHIN : address & 0xffff_ffffL;
  }
}
