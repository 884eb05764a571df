package talweg.cuda.sim;

/** {@code cp.async} and the instructions that group and await such copies. */
final class AsyncCopy {
  private interface Action {
    void apply(AsyncCopies copies, int lane);
  }

  private AsyncCopy() {}

  static Instruction decode(Statement s, Names n) {
    if (s.has("commit_group")) {
      return each(AsyncCopies::commit);
    }
    if (s.has("wait_group")) {
      int mayRemain = (int) Operand.immediate(s.operand(0), PtxType.U32);
      return each((copies, lane) -> copies.await(lane, mayRemain));
    }
    if (s.has("wait_all")) {
      return each((copies, lane) -> {
        copies.commit(lane);
        copies.await(lane, 0);
      });
    }
    return s.has("shared") && s.has("global") && !s.has("bulk") ? new Begin(s, n) : null;
  }

  private static Instruction each(Action action) {
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        for (int i = 0; i < w.count; i++) {
          action.apply(w.copies, w.lanes[i]);
        }
        return pc + 1;
      }
    };
  }

  private static final class Begin extends Instruction {
    private final int to;
    private final long toOffset;
    private final int from;
    private final long fromOffset;
    private final int bytes;
    private final int sourceBytes;

    Begin(Statement s, Names n) {
      Operand.Address target = Operand.address(s.operand(0));
      Operand.Address source = Operand.address(s.operand(1));
      this.to = n.read(target.base(), PtxType.U64);
      this.toOffset = target.offset();
      this.from = n.read(source.base(), PtxType.U64);
      this.fromOffset = source.offset();
      this.bytes = (int) Operand.immediate(s.operand(2), PtxType.U32);
      String valid = s.operands().size() > 3 ? s.operand(3) : s.operand(2);
      this.sourceBytes = n.read(valid, PtxType.U32);
    }

    @Override
    int run(Warp w, int pc) {
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        w.lane = lane;
        long target = w.registers[to + lane] + toOffset & 0xffff_ffffL;
        long source = w.registers[from + lane] + fromOffset;
        int valid = (int) w.registers[sourceBytes + lane];
        if (!w.block.shared.contains(target, bytes)) {
          throw PtxFault.illegalAddress("shared memory has no " + bytes + " bytes at " + target);
        }
        if ((target & bytes - 1) != 0 || valid > 0 && (source & bytes - 1) != 0) {
          throw PtxFault.misaligned("addresses of a copy of " + bytes + " bytes");
        }
        byte[] content = new byte[bytes];
        if (valid > 0) {
          Region region = w.block.memory.find(source, valid);
          System.arraycopy(region.data(), (int) (source - region.base()), content, 0, valid);
        }
        byte[] shared = w.block.shared.data();
        w.copies.begin(lane, () -> System.arraycopy(content, 0, shared, (int) target, bytes));
      }
      return pc + 1;
    }
  }
}
