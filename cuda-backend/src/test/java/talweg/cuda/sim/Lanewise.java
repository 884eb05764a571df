package talweg.cuda.sim;

/**
 * Instructions that compute each lane's result from that lane's operands. Registers hold 64 bits
 * whatever their type; the upper bits of a narrow value are arbitrary, so that each reader narrows.
 */
final class Lanewise {
  interface F1 {
    long apply(long a);
  }

  interface F2 {
    long apply(long a, long b);
  }

  interface F3 {
    long apply(long a, long b, long c);
  }

  private Lanewise() {}

  static Instruction of(int d, int a, F1 f) {
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          r[d + lane] = f.apply(r[a + lane]);
        }
        return pc + 1;
      }
    };
  }

  static Instruction of(int d, int a, int b, F2 f) {
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          r[d + lane] = f.apply(r[a + lane], r[b + lane]);
        }
        return pc + 1;
      }
    };
  }

  static Instruction of(int d, int a, int b, int c, F3 f) {
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          r[d + lane] = f.apply(r[a + lane], r[b + lane], r[c + lane]);
        }
        return pc + 1;
      }
    };
  }

  /** Runs an instruction for those active lanes only whose predicate holds. */
  static Instruction guarded(int predicate, boolean negated, Instruction body) {
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        w.narrow(predicate, negated);
        if (w.count > 0) {
          body.run(w, pc);
        }
        w.widen();
        return pc + 1;
      }
    };
  }
}
