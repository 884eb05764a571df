package talweg.cuda.sim;

/** Arithmetic and logic on integers and predicates. */
final class IntegerOps {
  private IntegerOps() {}

  static Instruction decode(Statement s, Names n) {
    PtxType type = s.type();
    int d = n.write(s.operand(0));
    int a = n.read(s.operand(1), type);
    int b = s.operands().size() > 2 ? n.read(s.operand(2), type) : -1;
    int c = s.operands().size() > 3 ? n.read(s.operand(3), type) : -1;
    int carry = n.hidden("carry");
    return switch (s.opcode()) {
      case "add", "sub", "addc", "subc" -> sum(s, type, d, a, b, carry);
      case "mul", "mul24" -> product(s, type, d, a, b);
      case "mad", "mad24", "madc" -> productSum(s, type, d, a, b, c, carry);
      case "div", "rem" -> Lanewise.of(d, a, b, quotient(type, s.opcode().equals("div")));
      case "min" -> Lanewise.of(d, a, b, (x, y) -> compare(type, x, y) <= 0 ? x : y);
      case "max" -> Lanewise.of(d, a, b, (x, y) -> compare(type, x, y) >= 0 ? x : y);
      case "neg" -> Lanewise.of(d, a, x -> -x);
      case "abs" -> Lanewise.of(d, a, x -> Math.abs(type.extend(x)));
      case "sad" ->
          Lanewise.of(d, a, b, c, (x, y, z) -> z + Math.abs(type.extend(x) - type.extend(y)));
      default -> logic(s, type, n, d, a, b, c);
    };
  }

  private static Instruction logic(Statement s, PtxType type, Names n, int d, int a, int b, int c) {
    return switch (s.opcode()) {
      case "and" -> Lanewise.of(d, a, b, (x, y) -> x & y);
      case "or" -> Lanewise.of(d, a, b, (x, y) -> x | y);
      case "xor" -> Lanewise.of(d, a, b, (x, y) -> x ^ y);
      case "not" ->
          type == PtxType.PRED ? Lanewise.of(d, a, x -> x ^ 1) : Lanewise.of(d, a, x -> ~x);
      case "cnot" -> Lanewise.of(d, a, x -> Bits.of(type.extend(x) == 0));
      case "shl" -> Lanewise.of(d, a, b, (x, y) -> shiftLeft(type, x, y));
      case "shr" -> Lanewise.of(d, a, b, (x, y) -> shiftRight(type, x, y));
      case "shf" -> funnel(s, d, a, b, c);
      case "popc" -> Lanewise.of(d, a, x -> Long.bitCount(type.extend(x)));
      case "clz" ->
          Lanewise.of(d, a, x -> Long.numberOfLeadingZeros(type.extend(x)) - (64 - type.bits()));
      case "brev" -> Lanewise.of(d, a, x -> Long.reverse(x) >>> 64 - type.bits());
      case "bfind" -> Lanewise.of(d, a, x -> findHighest(type, x, s.has("shiftamt")));
      case "bfe" -> Lanewise.of(d, a, b, c, (x, y, z) -> extract(type, x, y, z));
      case "bfi" -> {
        int length = n.read(s.operand(4), PtxType.U32);
        yield new BitFieldInsert(type, d, a, b, c, length);
      }
      case "prmt" -> Lanewise.of(d, a, b, c, IntegerOps::permute);
      case "lop3" -> {
        int table = (int) Operand.immediate(s.operand(4), PtxType.U32);
        yield Lanewise.of(d, a, b, c, (x, y, z) -> lookUp(table, x, y, z));
      }
      default -> null;
    };
  }

  static int compare(PtxType type, long x, long y) {
    return type.signed()
        ? Long.compare(type.extend(x), type.extend(y))
        : Long.compareUnsigned(type.extend(x), type.extend(y));
  }

  private static Instruction sum(Statement s, PtxType type, int d, int a, int b, int carry) {
    boolean minus = s.opcode().startsWith("sub");
    boolean takes = s.opcode().endsWith("c");
    boolean gives = s.has("cc");
    if (s.has("sat")) {
      return Lanewise.of(
          d,
          a,
          b,
          (x, y) -> {
            long wide = minus ? (long) (int) x - (int) y : (long) (int) x + (int) y;
            return Math.clamp(wide, Integer.MIN_VALUE, Integer.MAX_VALUE);
          });
    }
    if (!takes && !gives) {
      return minus ? Lanewise.of(d, a, b, (x, y) -> x - y) : Lanewise.of(d, a, b, Long::sum);
    }
    return new CarryingSum(type, d, a, b, carry, minus, takes, gives);
  }

  /** Addition or subtraction that passes the carry on, for numbers of several words. */
  private static final class CarryingSum extends Instruction {
    private final PtxType type;
    private final int d;
    private final int a;
    private final int b;
    private final int carry;
    private final boolean minus;
    private final boolean takes;
    private final boolean gives;

    CarryingSum(
        PtxType type, int d, int a, int b, int carry, boolean minus, boolean takes, boolean gives) {
      this.type = type;
      this.d = d;
      this.a = a;
      this.b = b;
      this.carry = carry;
      this.minus = minus;
      this.takes = takes;
      this.gives = gives;
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      PtxType unsigned = type.bytes() == 8 ? PtxType.U64 : PtxType.U32;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        long x = unsigned.extend(r[a + lane]);
        long y = unsigned.extend(r[b + lane]);
        long in = takes ? r[carry + lane] : 0;
        long result = unsigned.extend(minus ? x - y - in : x + y + in);
        if (gives) {
          int side = minus ? Long.compareUnsigned(x, y) : Long.compareUnsigned(result, x);
          r[carry + lane] = Bits.of(side < 0 || side == 0 && in != 0);
        }
        r[d + lane] = result;
      }
      return pc + 1;
    }
  }

  private static Instruction product(Statement s, PtxType type, int d, int a, int b) {
    if (s.has("wide")) {
      return Lanewise.of(d, a, b, (x, y) -> type.extend(x) * type.extend(y));
    }
    return s.has("hi")
        ? Lanewise.of(d, a, b, (x, y) -> high(type, x, y))
        : Lanewise.of(d, a, b, (x, y) -> x * y);
  }

  private static Instruction productSum(
      Statement s, PtxType type, int d, int a, int b, int c, int carry) {
    if (s.has("cc") || s.opcode().equals("madc")) {
      return new CarryingProductSum(s, type, d, a, b, c, carry);
    }
    if (s.has("wide")) {
      return Lanewise.of(d, a, b, c, (x, y, z) -> type.extend(x) * type.extend(y) + z);
    }
    return s.has("hi")
        ? Lanewise.of(d, a, b, c, (x, y, z) -> high(type, x, y) + z)
        : Lanewise.of(d, a, b, c, (x, y, z) -> x * y + z);
  }

  /** Multiply-add that passes the carry on. */
  private static final class CarryingProductSum extends Instruction {
    private final PtxType type;
    private final int d;
    private final int a;
    private final int b;
    private final int c;
    private final int carry;
    private final boolean high;
    private final boolean takes;
    private final boolean gives;

    CarryingProductSum(Statement s, PtxType type, int d, int a, int b, int c, int carry) {
      this.type = type;
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
      this.carry = carry;
      this.high = s.has("hi");
      this.takes = s.opcode().equals("madc");
      this.gives = s.has("cc");
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      PtxType unsigned = type.bytes() == 8 ? PtxType.U64 : PtxType.U32;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        long x = r[a + lane];
        long y = r[b + lane];
        long product = unsigned.extend(high ? high(type, x, y) : x * y);
        long in = takes ? r[carry + lane] : 0;
        long result = unsigned.extend(product + unsigned.extend(r[c + lane]) + in);
        if (gives) {
          int side = Long.compareUnsigned(result, product);
          r[carry + lane] = Bits.of(side < 0 || side == 0 && in != 0);
        }
        r[d + lane] = result;
      }
      return pc + 1;
    }
  }

  private static long high(PtxType type, long x, long y) {
    if (type.bytes() == 8) {
      return type.signed() ? Math.multiplyHigh(x, y) : Math.unsignedMultiplyHigh(x, y);
    }
    return type.extend(x) * type.extend(y) >> type.bits();
  }

  /** Division; by zero it gives all ones, as the hardware happens to do. */
  private static Lanewise.F2 quotient(PtxType type, boolean divide) {
    return (x, y) -> {
      long p = type.extend(x);
      long q = type.extend(y);
      if (q == 0) {
        return divide ? -1 : p;
      }
      if (type.signed()) {
        return divide ? p / q : p % q;
      }
      return divide ? Long.divideUnsigned(p, q) : Long.remainderUnsigned(p, q);
    };
  }

  private static long shiftLeft(PtxType type, long x, long by) {
    long n = by & 0xffff_ffffL;
    return n >= type.bits() ? 0 : x << n;
  }

  private static long shiftRight(PtxType type, long x, long by) {
    long n = Math.min(by & 0xffff_ffffL, type.bits());
    long value = type.extend(x);
    if (type.signed()) {
      return value >> Math.min(n, 63);
    }
    return n >= 64 ? 0 : value >>> n;
  }

  /** Shifts the 64 bits of which a is the low word and b the high one, and keeps a word. */
  private static Instruction funnel(Statement s, int d, int a, int b, int c) {
    boolean left = s.has("l");
    boolean wrap = s.has("wrap");
    return Lanewise.of(
        d,
        a,
        b,
        c,
        (low, high, by) -> {
          long n = wrap ? by & 31 : Math.min(by & 0xffff_ffffL, 32);
          long both = high << 32 | low & 0xffff_ffffL;
          return left ? both << n >>> 32 : both >>> n;
        });
  }

  private static long findHighest(PtxType type, long x, boolean asShift) {
    long value = type.extend(x);
    if (type.signed() && value < 0) {
      value = ~value;
    }
    if (value == 0) {
      return -1;
    }
    int position = 63 - Long.numberOfLeadingZeros(value);
    return asShift ? type.bits() - 1 - position : position;
  }

  private static long extract(PtxType type, long x, long position, long length) {
    int at = (int) position & 0xff;
    int bits = Math.min((int) length & 0xff, type.bits());
    if (bits == 0) {
      return 0;
    }
    long value = type.extend(x) >> Math.min(at, 63);
    if (!type.signed() && at > 0) {
      value = at >= type.bits() ? 0 : type.extend(x) >>> at;
    }
    return bits == 64
        ? value
        : type.signed() ? value << 64 - bits >> 64 - bits : value & (1L << bits) - 1;
  }

  /** Puts the low bits of a into b. */
  private static final class BitFieldInsert extends Instruction {
    private final PtxType type;
    private final int d;
    private final int a;
    private final int b;
    private final int position;
    private final int length;

    BitFieldInsert(PtxType type, int d, int a, int b, int position, int length) {
      this.type = type;
      this.d = d;
      this.a = a;
      this.b = b;
      this.position = position;
      this.length = length;
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        int at = (int) r[position + lane] & 0xff;
        int bits = (int) r[length + lane] & 0xff;
        long field = bits >= 64 ? -1 : (1L << bits) - 1;
        long mask = at >= type.bits() ? 0 : field << at;
        r[d + lane] = r[b + lane] & ~mask | r[a + lane] << at & mask;
      }
      return pc + 1;
    }
  }

  private static long permute(long low, long high, long selector) {
    long bytes = high << 32 | low & 0xffff_ffffL;
    long result = 0;
    for (int i = 0; i < 4; i++) {
      int pick = (int) (selector >> 4 * i) & 0xf;
      long value = bytes >>> 8 * (pick & 7) & 0xff;
      if ((pick & 8) != 0) {
        value = (value & 0x80) != 0 ? 0xff : 0;
      }
      result |= value << 8 * i;
    }
    return result;
  }

  private static long lookUp(int table, long x, long y, long z) {
    long result = 0;
    for (int i = 0; i < 8; i++) {
      if ((table >> i & 1) != 0) {
        result |= ((i & 4) != 0 ? x : ~x) & ((i & 2) != 0 ? y : ~y) & ((i & 1) != 0 ? z : ~z);
      }
    }
    return result;
  }
}
