package talweg.cuda.sim;

/** {@code setp}, {@code set}, {@code selp}, {@code slct} and {@code testp}. */
final class Comparisons {
  private interface Test {
    boolean holds(long a, long b);
  }

  private Comparisons() {}

  static Instruction decode(Statement s, Names n) {
    return switch (s.opcode()) {
      case "setp" -> setPredicate(s, n);
      case "set" -> set(s, n);
      case "selp" -> {
        int d = n.write(s.operand(0));
        int a = n.read(s.operand(1), s.type());
        int b = n.read(s.operand(2), s.type());
        int p = n.read(s.operand(3), PtxType.PRED);
        yield Lanewise.of(d, a, b, p, (x, y, z) -> z != 0 ? x : y);
      }
      case "slct" -> {
        PtxType by = s.type();
        int d = n.write(s.operand(0));
        int a = n.read(s.operand(1), s.typeBeforeLast());
        int b = n.read(s.operand(2), s.typeBeforeLast());
        int c = n.read(s.operand(3), by);
        yield Lanewise.of(
            d,
            a,
            b,
            c,
            (x, y, z) -> (by.floating() ? Bits.real(z, by) >= 0 : by.extend(z) >= 0) ? x : y);
      }
      case "testp" -> {
        PtxType type = s.type();
        int d = n.write(s.operand(0));
        int a = n.read(s.operand(1), type);
        Lanewise.F1 f = property(s.modifier(0), type);
        yield f == null ? null : Lanewise.of(d, a, f);
      }
      default -> null;
    };
  }

  private static Lanewise.F1 property(String name, PtxType type) {
    return switch (name) {
      case "finite" -> x -> Bits.of(Double.isFinite(Bits.real(x, type)));
      case "infinite" -> x -> Bits.of(Double.isInfinite(Bits.real(x, type)));
      case "notanumber" -> x -> Bits.of(Double.isNaN(Bits.real(x, type)));
      case "number" -> x -> Bits.of(!Double.isNaN(Bits.real(x, type)));
      default -> null;
    };
  }

  /** {@code setp.lt.f32 p, a, b}, also {@code p|q} and {@code setp.lt.and.f32 p, a, b, c}. */
  private static Instruction setPredicate(Statement s, Names n) {
    PtxType type = s.type();
    Test test = test(s.modifier(0), type);
    String[] targets = s.operand(0).split("\\|");
    int p = n.write(targets[0].strip());
    int q = targets.length > 1 ? n.write(targets[1].strip()) : -1;
    int a = n.read(s.operand(1), type);
    int b = n.read(s.operand(2), type);
    if (q < 0 && s.operands().size() == 3) {
      return new Plain(p, a, b, test);
    }
    boolean combined = s.operands().size() > 3;
    String third = combined ? s.operand(3) : "";
    boolean negated = third.startsWith("!");
    int c = combined ? n.read(negated ? third.substring(1) : third, PtxType.PRED) : -1;
    return new Combined(p, q, a, b, c, negated, test, combined ? s.modifier(1) : "");
  }

  private static final class Plain extends Instruction {
    private final int p;
    private final int a;
    private final int b;
    private final Test test;

    Plain(int p, int a, int b, Test test) {
      this.p = p;
      this.a = a;
      this.b = b;
      this.test = test;
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        r[p + lane] = test.holds(r[a + lane], r[b + lane]) ? 1 : 0;
      }
      return pc + 1;
    }
  }

  /** Two results, and the comparison joined with a third predicate. */
  private static final class Combined extends Instruction {
    private final int p;
    private final int q;
    private final int a;
    private final int b;
    private final int c;
    private final boolean negated;
    private final Test test;
    private final String how;

    Combined(int p, int q, int a, int b, int c, boolean negated, Test test, String how) {
      this.p = p;
      this.q = q;
      this.a = a;
      this.b = b;
      this.c = c;
      this.negated = negated;
      this.test = test;
      this.how = how;
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        boolean holds = test.holds(r[a + lane], r[b + lane]);
        boolean third = c >= 0 && (r[c + lane] != 0) != negated;
        r[p + lane] = Bits.of(join(holds, third));
        if (q >= 0) {
          r[q + lane] = Bits.of(join(!holds, third));
        }
      }
      return pc + 1;
    }

    private boolean join(boolean a, boolean b) {
      return switch (how) {
        case "and" -> a && b;
        case "or" -> a || b;
        case "xor" -> a != b;
        default -> a;
      };
    }
  }

  /** The old form that writes a number: all ones or 1.0 where the comparison holds. */
  private static Instruction set(Statement s, Names n) {
    PtxType type = s.type();
    Test test = test(s.modifier(0), type);
    long yes = s.typeBeforeLast() == PtxType.F32 ? Bits.of(1f) : -1L;
    int a = n.read(s.operand(1), type);
    int b = n.read(s.operand(2), type);
    return Lanewise.of(n.write(s.operand(0)), a, b, (x, y) -> test.holds(x, y) ? yes : 0);
  }

  private static Test test(String name, PtxType type) {
    if (type.floating()) {
      return floating(name, type);
    }
    if (type.bytes() == 8 && type.signed()) {
      return signedLongs(name);
    }
    return switch (name) {
      case "eq" -> (x, y) -> type.extend(x) == type.extend(y);
      case "ne" -> (x, y) -> type.extend(x) != type.extend(y);
      case "lt", "lo" -> (x, y) -> IntegerOps.compare(type, x, y) < 0;
      case "le", "ls" -> (x, y) -> IntegerOps.compare(type, x, y) <= 0;
      case "gt", "hi" -> (x, y) -> IntegerOps.compare(type, x, y) > 0;
      case "ge", "hs" -> (x, y) -> IntegerOps.compare(type, x, y) >= 0;
      default -> throw PtxFault.undecodable("no comparison \"" + name + "\"");
    };
  }

  private static Test signedLongs(String name) {
    return switch (name) {
      case "eq" -> (x, y) -> x == y;
      case "ne" -> (x, y) -> x != y;
      case "lt" -> (x, y) -> x < y;
      case "le" -> (x, y) -> x <= y;
      case "gt" -> (x, y) -> x > y;
      case "ge" -> (x, y) -> x >= y;
      default -> throw PtxFault.undecodable("no comparison \"" + name + "\"");
    };
  }

  private static Test floating(String name, PtxType type) {
    return switch (name) {
      case "eq" -> (x, y) -> Bits.real(x, type) == Bits.real(y, type);
      case "ne" -> (x, y) -> ordered(x, y, type) && Bits.real(x, type) != Bits.real(y, type);
      case "lt" -> (x, y) -> Bits.real(x, type) < Bits.real(y, type);
      case "le" -> (x, y) -> Bits.real(x, type) <= Bits.real(y, type);
      case "gt" -> (x, y) -> Bits.real(x, type) > Bits.real(y, type);
      case "ge" -> (x, y) -> Bits.real(x, type) >= Bits.real(y, type);
      case "equ" -> (x, y) -> !ordered(x, y, type) || Bits.real(x, type) == Bits.real(y, type);
      case "neu" -> (x, y) -> Bits.real(x, type) != Bits.real(y, type);
      case "ltu" -> (x, y) -> !(Bits.real(x, type) >= Bits.real(y, type));
      case "leu" -> (x, y) -> !(Bits.real(x, type) > Bits.real(y, type));
      case "gtu" -> (x, y) -> !(Bits.real(x, type) <= Bits.real(y, type));
      case "geu" -> (x, y) -> !(Bits.real(x, type) < Bits.real(y, type));
      case "num" -> (x, y) -> ordered(x, y, type);
      case "nan" -> (x, y) -> !ordered(x, y, type);
      default -> throw PtxFault.undecodable("no comparison \"" + name + "\"");
    };
  }

  private static boolean ordered(long x, long y, PtxType type) {
    return !Double.isNaN(Bits.real(x, type)) && !Double.isNaN(Bits.real(y, type));
  }
}
