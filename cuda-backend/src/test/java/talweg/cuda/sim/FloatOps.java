package talweg.cuda.sim;

/** Arithmetic on f32, f64, f16 and bf16. Approximate instructions are computed exactly here. */
final class FloatOps {
  private FloatOps() {}

  static Instruction decode(Statement s, Names n) {
    PtxType type = s.type();
    int d = n.write(s.operand(0));
    int a = n.read(s.operand(1), type);
    int b = s.operands().size() > 2 ? n.read(s.operand(2), type) : -1;
    int c = s.operands().size() > 3 ? n.read(s.operand(3), type) : -1;
    boolean modified = s.has("ftz") || s.has("sat");
    Instruction op =
        switch (type) {
          case F32 -> single(s, d, a, b, c);
          case F64 -> twice(s, d, a, b, c);
          case F16, BF16 -> half(s, type, d, a, b, c);
          case F16X2, BF16X2 -> pair(s, type, d, a, b, c);
          default -> null;
        };
    return op != null && modified && type == PtxType.F32
        ? new Clamped(op, d, s.has("ftz"), s.has("sat"))
        : op;
  }

  /** Applies {@code .ftz} and {@code .sat} to a result. */
  private static final class Clamped extends Instruction {
    private final Instruction body;
    private final int d;
    private final boolean flush;
    private final boolean saturate;

    Clamped(Instruction body, int d, boolean flush, boolean saturate) {
      this.body = body;
      this.d = d;
      this.flush = flush;
      this.saturate = saturate;
    }

    @Override
    int run(Warp w, int pc) {
      body.run(w, pc);
      for (int i = 0; i < w.count; i++) {
        int at = d + w.lanes[i];
        float value = Bits.f32(w.registers[at]);
        if (flush && Math.abs(value) < Float.MIN_NORMAL) {
          value = Math.copySign(0f, value);
        }
        if (saturate) {
          value = Float.isNaN(value) ? 0 : Math.clamp(value, 0f, 1f);
        }
        w.registers[at] = Bits.of(value);
      }
      return pc + 1;
    }
  }

  private static Instruction single(Statement s, int d, int a, int b, int c) {
    Rounding rounding = Rounding.of(s);
    boolean nearest = rounding == Rounding.NEAREST;
    return switch (s.opcode()) {
      case "add" ->
          nearest
              ? Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f32(x) + Bits.f32(y)))
              : Lanewise.of(d, a, b, (x, y) -> rounding.fma(1, Bits.f32(x), Bits.f32(y)));
      case "sub" ->
          nearest
              ? Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f32(x) - Bits.f32(y)))
              : Lanewise.of(d, a, b, (x, y) -> rounding.fma(1, Bits.f32(x), -Bits.f32(y)));
      case "mul" ->
          nearest
              ? Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f32(x) * Bits.f32(y)))
              : Lanewise.of(d, a, b, (x, y) -> rounding.fma(Bits.f32(x), Bits.f32(y), 0));
      case "fma", "mad" ->
          nearest
              ? new FusedMultiplyAdd(d, a, b, c)
              : Lanewise.of(
                  d, a, b, c, (x, y, z) -> rounding.fma(Bits.f32(x), Bits.f32(y), Bits.f32(z)));
      case "div" -> Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f32(x) / Bits.f32(y)));
      case "max" -> Lanewise.of(d, a, b, extreme(s, true));
      case "min" -> Lanewise.of(d, a, b, extreme(s, false));
      case "neg" -> Lanewise.of(d, a, x -> x ^ 0x8000_0000L);
      case "abs" -> Lanewise.of(d, a, x -> x & 0x7fff_ffffL);
      case "copysign" -> Lanewise.of(d, a, b, (x, y) -> (y & 0x7fff_ffffL) | (x & 0x8000_0000L));
      case "sqrt" -> Lanewise.of(d, a, x -> Bits.of((float) Math.sqrt(Bits.f32(x))));
      case "rcp" -> Lanewise.of(d, a, x -> Bits.of(1f / Bits.f32(x)));
      case "rsqrt" -> Lanewise.of(d, a, x -> Bits.of((float) (1 / Math.sqrt(Bits.f32(x)))));
      case "ex2" -> Lanewise.of(d, a, x -> Bits.of((float) Math.pow(2, Bits.f32(x))));
      case "lg2" -> Lanewise.of(d, a, x -> Bits.of((float) (Math.log(Bits.f32(x)) / Math.log(2))));
      case "sin" -> Lanewise.of(d, a, x -> Bits.of((float) Math.sin(Bits.f32(x))));
      case "cos" -> Lanewise.of(d, a, x -> Bits.of((float) Math.cos(Bits.f32(x))));
      case "tanh" -> Lanewise.of(d, a, x -> Bits.of((float) Math.tanh(Bits.f32(x))));
      default -> null;
    };
  }

  private static Lanewise.F2 extreme(Statement s, boolean max) {
    boolean passNan = s.has("NaN");
    return (x, y) -> {
      float a = Bits.f32(x);
      float b = Bits.f32(y);
      if (!passNan && Float.isNaN(a)) {
        return y;
      }
      if (!passNan && Float.isNaN(b)) {
        return x;
      }
      return Bits.of(max ? Math.max(a, b) : Math.min(a, b));
    };
  }

  /** By far the most frequent instruction of matrix products. */
  private static final class FusedMultiplyAdd extends Instruction {
    private final int d;
    private final int a;
    private final int b;
    private final int c;

    FusedMultiplyAdd(int d, int a, int b, int c) {
      this.d = d;
      this.a = a;
      this.b = b;
      this.c = c;
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        r[d + lane] =
            Bits.of(Math.fma(Bits.f32(r[a + lane]), Bits.f32(r[b + lane]), Bits.f32(r[c + lane])));
      }
      return pc + 1;
    }
  }

  private static Instruction twice(Statement s, int d, int a, int b, int c) {
    if (s.has("rm") || s.has("rp") || s.has("rz")) {
      return null;
    }
    return switch (s.opcode()) {
      case "add" -> Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f64(x) + Bits.f64(y)));
      case "sub" -> Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f64(x) - Bits.f64(y)));
      case "mul" -> Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f64(x) * Bits.f64(y)));
      case "fma", "mad" ->
          Lanewise.of(
              d, a, b, c, (x, y, z) -> Bits.of(Math.fma(Bits.f64(x), Bits.f64(y), Bits.f64(z))));
      case "div" -> Lanewise.of(d, a, b, (x, y) -> Bits.of(Bits.f64(x) / Bits.f64(y)));
      case "max" -> Lanewise.of(d, a, b, extremeOfDoubles(true));
      case "min" -> Lanewise.of(d, a, b, extremeOfDoubles(false));
      case "neg" -> Lanewise.of(d, a, x -> x ^ Long.MIN_VALUE);
      case "abs" -> Lanewise.of(d, a, x -> x & Long.MAX_VALUE);
      case "copysign" ->
          Lanewise.of(d, a, b, (x, y) -> (y & Long.MAX_VALUE) | (x & Long.MIN_VALUE));
      case "sqrt" -> Lanewise.of(d, a, x -> Bits.of(Math.sqrt(Bits.f64(x))));
      case "rcp" -> Lanewise.of(d, a, x -> Bits.of(1 / Bits.f64(x)));
      case "rsqrt" -> Lanewise.of(d, a, x -> Bits.of(1 / Math.sqrt(Bits.f64(x))));
      default -> null;
    };
  }

  private static Lanewise.F2 extremeOfDoubles(boolean max) {
    return (x, y) -> {
      double a = Bits.f64(x);
      double b = Bits.f64(y);
      if (Double.isNaN(a)) {
        return y;
      }
      if (Double.isNaN(b)) {
        return x;
      }
      return Bits.of(max ? Math.max(a, b) : Math.min(a, b));
    };
  }

  private static Instruction half(Statement s, PtxType type, int d, int a, int b, int c) {
    if (s.has("ftz") || s.has("sat") || s.has("relu")) {
      return null;
    }
    Lanewise.F3 f = halfFunction(s, type);
    return f == null ? null : Lanewise.of(d, a, b < 0 ? a : b, c < 0 ? a : c, f);
  }

  /** Two halves of a register, each for itself. */
  private static Instruction pair(Statement s, PtxType type, int d, int a, int b, int c) {
    if (s.has("ftz") || s.has("sat") || s.has("relu")) {
      return null;
    }
    Lanewise.F3 f = halfFunction(s, type == PtxType.F16X2 ? PtxType.F16 : PtxType.BF16);
    return f == null
        ? null
        : Lanewise.of(
            d,
            a,
            b < 0 ? a : b,
            c < 0 ? a : c,
            (x, y, z) -> f.apply(x >>> 16, y >>> 16, z >>> 16) << 16 | f.apply(x, y, z));
  }

  private static Lanewise.F3 halfFunction(Statement s, PtxType type) {
    return switch (s.opcode()) {
      case "add" -> (x, y, z) -> Bits.round(Bits.real(x, type) + Bits.real(y, type), type);
      case "sub" -> (x, y, z) -> Bits.round(Bits.real(x, type) - Bits.real(y, type), type);
      case "mul" -> (x, y, z) -> Bits.round(Bits.real(x, type) * Bits.real(y, type), type);
      case "fma" ->
          (x, y, z) ->
              Bits.round(
                  Math.fma(Bits.real(x, type), Bits.real(y, type), Bits.real(z, type)), type);
      case "neg" -> (x, y, z) -> (x ^ 0x8000) & 0xffff;
      case "abs" -> (x, y, z) -> x & 0x7fff;
      case "max" -> (x, y, z) -> Bits.real(x, type) >= Bits.real(y, type) ? x : y;
      case "min" -> (x, y, z) -> Bits.real(x, type) <= Bits.real(y, type) ? x : y;
      default -> null;
    };
  }
}
