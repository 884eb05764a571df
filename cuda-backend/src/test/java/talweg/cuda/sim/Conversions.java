package talweg.cuda.sim;

/** {@code cvt}: between integer and floating types. */
final class Conversions {
  private Conversions() {}

  static Instruction decode(Statement s, Names n) {
    PtxType from = s.type();
    PtxType to = s.typeBeforeLast();
    int d = n.write(s.operand(0));
    int a = n.read(s.operand(1), from);
    if (to == PtxType.BF16X2 || to == PtxType.F16X2) {
      PtxType half = to == PtxType.F16X2 ? PtxType.F16 : PtxType.BF16;
      int b = n.read(s.operand(2), from);
      return s.has("relu")
          ? null
          : Lanewise.of(
              d,
              a,
              b,
              (x, y) ->
                  Bits.round(Bits.real(x, from), half) << 16
                      | Bits.round(Bits.real(y, from), half));
    }
    if (to == PtxType.TF32) {
      return s.has("rna") ? Lanewise.of(d, a, x -> Bits.toTf32(Bits.f32(x))) : null;
    }
    Lanewise.F1 f =
        from.floating()
            ? to.floating() ? floatToFloat(s, from, to) : floatToInteger(s, from, to)
            : to.floating() ? integerToFloat(s, from, to) : integerToInteger(s, from, to);
    return Lanewise.of(d, a, f);
  }

  /** Rounding to a whole number: {@code .rni .rzi .rmi .rpi}, identity without one. */
  private static double whole(Statement s, double x) {
    if (s.has("rni")) {
      return Math.rint(x);
    }
    if (s.has("rzi")) {
      return x < 0 ? Math.ceil(x) : Math.floor(x);
    }
    return s.has("rmi") ? Math.floor(x) : s.has("rpi") ? Math.ceil(x) : x;
  }

  private static Lanewise.F1 floatToFloat(Statement s, PtxType from, PtxType to) {
    Rounding rounding = Rounding.of(s);
    boolean saturate = s.has("sat");
    boolean toWhole = s.has("rni") || s.has("rzi") || s.has("rmi") || s.has("rpi");
    if (rounding != Rounding.NEAREST && to != PtxType.F32 && to.bytes() < from.bytes()) {
      return truncated(rounding, from, to);
    }
    return x -> {
      double value = Bits.real(x, from);
      if (toWhole) {
        value = whole(s, value);
      }
      if (saturate) {
        value = Double.isNaN(value) ? 0 : Math.clamp(value, 0.0, 1.0);
      }
      return to == PtxType.F32 ? Bits.of(rounding.round(value)) : Bits.round(value, to);
    };
  }

  private static Lanewise.F1 truncated(Rounding rounding, PtxType from, PtxType to) {
    if (rounding == Rounding.ZERO && from == PtxType.F32 && to == PtxType.BF16) {
      return x -> x >>> 16 & 0xffff;
    }
    throw PtxFault.undecodable("no conversion " + from + " to " + to + " rounded " + rounding);
  }

  private static Lanewise.F1 floatToInteger(Statement s, PtxType from, PtxType to) {
    return x -> {
      double value = whole(s, Bits.real(x, from));
      if (Double.isNaN(value)) {
        return to.bytes() == 8 ? Long.MIN_VALUE : 0;
      }
      if (to == PtxType.U64) {
        return unsigned(value);
      }
      long low = to.signed() ? -1L << to.bits() - 1 : 0;
      long high = to.signed() ? ~low : (1L << to.bits()) - 1;
      return Math.clamp((long) value, low, high);
    };
  }

  private static long unsigned(double value) {
    if (value <= 0) {
      return 0;
    }
    if (value >= 0x1p64) {
      return -1;
    }
    return value < 0x1p63 ? (long) value : (long) (value - 0x1p63) + Long.MIN_VALUE;
  }

  private static Lanewise.F1 integerToFloat(Statement s, PtxType from, PtxType to) {
    Rounding rounding = Rounding.of(s);
    return x -> {
      long value = from.extend(x);
      if (from == PtxType.U64 && value < 0) {
        // Halved with a sticky last bit, so that one rounding remains.
        long half = value >>> 1 | value & 1;
        return to == PtxType.F32 ? Bits.of((float) half * 2) : Bits.of((double) half * 2);
      }
      if (to == PtxType.F64) {
        return Bits.of((double) value);
      }
      if (to == PtxType.F32) {
        return rounding == Rounding.NEAREST
            ? Bits.of((float) value)
            : Bits.of(rounding.round((double) value));
      }
      return Bits.round((double) value, to);
    };
  }

  private static Lanewise.F1 integerToInteger(Statement s, PtxType from, PtxType to) {
    if (!s.has("sat")) {
      return x -> to.extend(from.extend(x));
    }
    long low = to.signed() ? -1L << to.bits() - 1 : 0;
    long high = to.signed() ? ~low : to.bits() == 64 ? Long.MAX_VALUE : (1L << to.bits()) - 1;
    return x -> {
      long value = from.extend(x);
      return from == PtxType.U64 && value < 0 ? high : Math.clamp(value, low, high);
    };
  }
}
