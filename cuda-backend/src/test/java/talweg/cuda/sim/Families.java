package talweg.cuda.sim;

/** Sends each instruction to the family that decodes it. */
final class Families {
  private Families() {}

  static Instruction decode(Statement s, Names n) {
    Instruction decoded =
        switch (s.opcode()) {
          case "mov", "cvta" -> Moves.decode(s, n);
          case "cvt" -> Conversions.decode(s, n);
          case "setp", "set", "selp", "slct", "testp" -> Comparisons.decode(s, n);
          case "ld", "ldu", "st" -> MemoryOps.decode(s, n);
          case "atom", "red" -> MemoryOps.decodeAtomic(s, n);
          case "shfl", "vote", "match", "redux", "activemask" -> WarpOps.decode(s, n);
          case "mma" -> MatrixMultiply.decode(s, n);
          case "bar", "barrier" -> barrier(s, n);
          case "cp" -> AsyncCopy.decode(s, n);
          case "membar", "fence", "griddepcontrol", "nanosleep", "prefetch", "prefetchu" ->
              new Control.Nothing();
          default -> arithmetic(s, n);
        };
    if (decoded == null) {
      throw PtxFault.undecodable("unknown instruction");
    }
    return decoded;
  }

  private static Instruction arithmetic(Statement s, Names n) {
    PtxType type = s.type();
    return type.integer() || type == PtxType.PRED ? IntegerOps.decode(s, n) : FloatOps.decode(s, n);
  }

  private static Instruction barrier(Statement s, Names n) {
    if (s.has("warp")) {
      return WarpOps.meet(s, n);
    }
    if (s.has("red")) {
      int id = (int) Operand.immediate(s.operand(1), PtxType.U32);
      Barrier.Reduction how =
          s.has("popc")
              ? Barrier.Reduction.COUNT
              : s.has("and") ? Barrier.Reduction.AND : Barrier.Reduction.OR;
      String predicate = s.operand(s.operands().size() - 1);
      return s.operands().size() > 3
          ? null
          : new Barrier(id, how, n.write(s.operand(0)), n.read(predicate, PtxType.PRED));
    }
    if (!s.has("sync") || s.operands().size() > 1) {
      return null;
    }
    int id = (int) Operand.immediate(s.operand(0), PtxType.U32);
    return new Barrier(id, Barrier.Reduction.NONE, 0, 0);
  }
}
