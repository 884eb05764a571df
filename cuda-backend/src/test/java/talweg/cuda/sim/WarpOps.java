package talweg.cuda.sim;

/** Exchange within a warp: shuffles, votes, matches, reductions. */
final class WarpOps {
  private WarpOps() {}

  static Instruction decode(Statement s, Names n) {
    return switch (s.opcode()) {
      case "shfl" -> shuffle(s, n);
      case "vote" -> vote(s, n);
      case "match" -> match(s, n);
      case "redux" -> reduce(s, n);
      case "activemask" -> {
        int d = n.write(s.operand(0));
        yield new Instruction() {
          @Override
          int run(Warp w, int pc) {
            for (int i = 0; i < w.count; i++) {
              w.registers[d + w.lanes[i]] = w.activeMask;
            }
            return pc + 1;
          }
        };
      }
      default -> null;
    };
  }

  /** A collective whose mask is an operand. */
  abstract static class Masked extends Collective {
    private final int mask;

    Masked(int mask) {
      this.mask = mask;
    }

    @Override
    final int mask(Warp warp, int lane) {
      return (int) warp.registers[mask + lane];
    }
  }

  /** {@code bar.warp.sync}. */
  static Instruction meet(Statement s, Names n) {
    return new Masked(n.read(s.operand(0), PtxType.U32)) {
      @Override
      void perform(Warp warp) {}
    };
  }

  private static Instruction shuffle(Statement s, Names n) {
    if (!s.has("sync")) {
      return null;
    }
    String[] targets = s.operand(0).split("\\|");
    int d = n.write(targets[0].strip());
    int p = targets.length > 1 ? n.write(targets[1].strip()) : n.hidden("shuffle predicate");
    int a = n.read(s.operand(1), PtxType.U32);
    int b = n.read(s.operand(2), PtxType.U32);
    int c = n.read(s.operand(3), PtxType.U32);
    String mode = s.modifier(1);
    return new Masked(n.read(s.operand(4), PtxType.U32)) {
      @Override
      void perform(Warp w) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          w.exchange[w.lanes[i]] = r[a + w.lanes[i]];
        }
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          int source = source(mode, lane, (int) r[b + lane] & 31, (int) r[c + lane]);
          boolean inside = source >= 0;
          int from = inside ? source : lane;
          r[p + lane] = Bits.of(inside);
          // A lane that takes no part has nothing to give: whoever uses this sees it.
          r[d + lane] = (w.activeMask >> from & 1) != 0 ? w.exchange[from] : 0xffff_ffffL;
        }
      }
    };
  }

  /** The lane to read from by the rules of the PTX manual, or -1 if it is out of the segment. */
  private static int source(String mode, int lane, int by, int clampAndSegment) {
    int segment = clampAndSegment >> 8 & 31;
    int clamp = clampAndSegment & 31;
    int last = lane & segment | clamp & ~segment;
    int first = lane & segment;
    return switch (mode) {
      case "up" -> lane - by >= last ? lane - by : -1;
      case "down" -> lane + by <= last ? lane + by : -1;
      case "bfly" -> (lane ^ by) <= last ? lane ^ by : -1;
      case "idx" -> (first | by & ~segment) <= last ? first | by & ~segment : -1;
      default -> throw PtxFault.undecodable("no shuffle \"" + mode + "\"");
    };
  }

  private static Instruction vote(Statement s, Names n) {
    String mode = s.modifier(1);
    String source = s.operand(1);
    boolean negated = source.startsWith("!");
    int d = n.write(s.operand(0));
    int a = n.read(negated ? source.substring(1) : source, PtxType.PRED);
    return new Masked(n.read(s.operand(2), PtxType.U32)) {
      @Override
      void perform(Warp w) {
        int yes = 0;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          yes |= (w.registers[a + lane] != 0) != negated ? 1 << lane : 0;
        }
        long result =
            switch (mode) {
              case "ballot" -> yes & 0xffff_ffffL;
              case "any" -> Bits.of(yes != 0);
              case "all" -> Bits.of(yes == w.activeMask);
              case "uni" -> Bits.of(yes == 0 || yes == w.activeMask);
              default -> throw PtxFault.undecodable("no vote \"" + mode + "\"");
            };
        for (int i = 0; i < w.count; i++) {
          w.registers[d + w.lanes[i]] = result;
        }
      }
    };
  }

  private static Instruction match(Statement s, Names n) {
    PtxType type = s.type();
    if (!s.has("any")) {
      return null;
    }
    int d = n.write(s.operand(0));
    int a = n.read(s.operand(1), type);
    return new Masked(n.read(s.operand(2), PtxType.U32)) {
      @Override
      void perform(Warp w) {
        for (int i = 0; i < w.count; i++) {
          w.exchange[w.lanes[i]] = type.extend(w.registers[a + w.lanes[i]]);
        }
        for (int i = 0; i < w.count; i++) {
          int equal = 0;
          for (int k = 0; k < w.count; k++) {
            if (w.exchange[w.lanes[k]] == w.exchange[w.lanes[i]]) {
              equal |= 1 << w.lanes[k];
            }
          }
          w.registers[d + w.lanes[i]] = equal;
        }
      }
    };
  }

  private static Instruction reduce(Statement s, Names n) {
    PtxType type = s.type();
    Lanewise.F2 f =
        switch (s.modifier(1)) {
          case "add" -> Long::sum;
          case "min" -> (x, y) -> IntegerOps.compare(type, x, y) <= 0 ? x : y;
          case "max" -> (x, y) -> IntegerOps.compare(type, x, y) >= 0 ? x : y;
          case "and" -> (x, y) -> x & y;
          case "or" -> (x, y) -> x | y;
          case "xor" -> (x, y) -> x ^ y;
          default -> throw PtxFault.undecodable("no reduction \"" + s.modifier(1) + "\"");
        };
    if (!type.integer()) {
      return null;
    }
    int d = n.write(s.operand(0));
    int a = n.read(s.operand(1), type);
    return new Masked(n.read(s.operand(2), PtxType.U32)) {
      @Override
      void perform(Warp w) {
        long result = w.registers[a + w.lanes[0]];
        for (int i = 1; i < w.count; i++) {
          result = f.apply(result, w.registers[a + w.lanes[i]]);
        }
        for (int i = 0; i < w.count; i++) {
          w.registers[d + w.lanes[i]] = result;
        }
      }
    };
  }
}
