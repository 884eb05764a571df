package talweg.cuda.sim;

import java.util.List;

/** Loads, stores and atomic operations; each access is checked for bounds and alignment. */
final class MemoryOps {
  private MemoryOps() {}

  static Instruction decode(Statement s, Names n) {
    Space space = Space.of(s.modifiers());
    boolean load = s.opcode().equals("ld") || s.opcode().equals("ldu");
    PtxType type = s.type();
    String values = s.operand(load ? 0 : 1);
    Operand.Address address = Operand.address(s.operand(load ? 1 : 0));
    List<String> parts =
        values.startsWith("{")
            ? Statement.split(values.substring(1, values.length() - 1))
            : List.of(values);
    if (space == Space.PARAM && !address.base().startsWith("%") && !n.isSymbol(address.base())) {
      return passParameter(n, load, parts, address, type);
    }
    int base = n.read(address.base(), PtxType.U64);
    int[] registers = new int[parts.size()];
    for (int i = 0; i < registers.length; i++) {
      registers[i] = load ? n.write(parts.get(i)) : n.read(parts.get(i), type);
    }
    return load
        ? new Load(space, base, address.offset(), type, registers)
        : new Store(space, base, address.offset(), type, registers);
  }

  /** Parameters of a call travel in registers. */
  private static Instruction passParameter(
      Names n, boolean load, List<String> parts, Operand.Address address, PtxType type) {
    if (parts.size() > 1) {
      throw PtxFault.undecodable("a vector as parameter of a call");
    }
    int slot = n.parameter(address);
    return load
        ? Moves.move(n.write(parts.getFirst()), slot)
        : Moves.move(slot, n.read(parts.getFirst(), type));
  }

  /** Finds the memory that an address is in and checks the access. */
  abstract static class Access extends Instruction {
    final Space space;
    final int base;
    final long offset;
    private Region last;

    Access(Space space, int base, long offset) {
      this.space = space;
      this.base = base;
      this.offset = offset;
    }

    /** The address within its space. */
    final long address(Warp w, int lane) {
      long raw = w.registers[base + lane] + offset;
      return space == Space.GLOBAL || space.resolve(raw) == Space.GLOBAL ? raw : space.within(raw);
    }

    final Region region(Warp w, int lane, long address, int bytes) {
      w.lane = lane;
      Space real =
          space == Space.GENERIC ? space.resolve(w.registers[base + lane] + offset) : space;
      Region region = last;
      if (real != Space.GLOBAL) {
        region =
            switch (real) {
              case SHARED -> w.block.shared;
              case LOCAL -> w.local[lane];
              default -> w.block.parameters();
            };
        if (!region.contains(address, bytes)) {
          throw PtxFault.illegalAddress(
              region.name() + " has " + region.size() + " bytes, access at " + address);
        }
      } else if (region == null || !region.contains(address, bytes)) {
        region = w.block.memory.find(address, bytes);
        last = region;
      }
      if ((address & bytes - 1) != 0) {
        throw PtxFault.misaligned(
            "address 0x" + Long.toHexString(address) + " is not aligned to " + bytes + " bytes");
      }
      return region;
    }
  }

  private static final class Load extends Access {
    private final PtxType type;
    private final int[] targets;
    private final int target;

    Load(Space space, int base, long offset, PtxType type, int[] targets) {
      super(space, base, offset);
      this.type = type;
      this.targets = targets;
      this.target = targets[0];
    }

    @Override
    int run(Warp w, int pc) {
      int bytes = type.bytes() * targets.length;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        long address = address(w, lane);
        Region region = region(w, lane, address, bytes);
        if (targets.length == 1) {
          w.registers[target + lane] = region.load(address, type);
        } else {
          loadVector(w, lane, region, address);
        }
      }
      return pc + 1;
    }

    private void loadVector(Warp w, int lane, Region region, long address) {
      for (int k = 0; k < targets.length; k++) {
        w.registers[targets[k] + lane] = region.load(address + k * type.bytes(), type);
      }
    }
  }

  private static final class Store extends Access {
    private final int size;
    private final int[] sources;

    Store(Space space, int base, long offset, PtxType type, int[] sources) {
      super(space, base, offset);
      this.size = type.bytes();
      this.sources = sources;
    }

    @Override
    int run(Warp w, int pc) {
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        long address = address(w, lane);
        Region region = region(w, lane, address, size * sources.length);
        for (int k = 0; k < sources.length; k++) {
          region.store(address + k * size, size, w.registers[sources[k] + lane]);
        }
      }
      return pc + 1;
    }
  }

  /** {@code atom} and {@code red}. Atomic sums of floats are refused: their order is not fixed. */
  static Instruction decodeAtomic(Statement s, Names n) {
    PtxType type = s.type();
    boolean silent = s.opcode().equals("red");
    int first = silent ? 0 : 1;
    Operand.Address address = Operand.address(s.operand(first));
    int value = n.read(s.operand(first + 1), type);
    boolean swap = s.has("cas");
    int second = swap ? n.read(s.operand(first + 2), type) : value;
    Lanewise.F3 f = atomicFunction(s, type);
    if (f == null) {
      return null;
    }
    int d = n.write(silent ? "_" : s.operand(0));
    int base = n.read(address.base(), PtxType.U64);
    return new Atomic(Space.of(s.modifiers()), base, address.offset(), type, d, value, second, f);
  }

  private static Lanewise.F3 atomicFunction(Statement s, PtxType type) {
    if (s.has("exch")) {
      return (old, x, y) -> x;
    }
    if (s.has("cas")) {
      return (old, x, y) -> type.extend(old) == type.extend(x) ? y : old;
    }
    if (!type.integer()) {
      return null;
    }
    return s.has("add")
        ? (old, x, y) -> old + x
        : s.has("min")
            ? (old, x, y) -> IntegerOps.compare(type, old, x) <= 0 ? old : x
            : s.has("max")
                ? (old, x, y) -> IntegerOps.compare(type, old, x) >= 0 ? old : x
                : bitwise(s, type);
  }

  private static Lanewise.F3 bitwise(Statement s, PtxType type) {
    if (s.has("inc")) {
      return (old, x, y) -> IntegerOps.compare(type, old, x) >= 0 ? 0 : old + 1;
    }
    if (s.has("dec")) {
      return (old, x, y) ->
          type.extend(old) == 0 || IntegerOps.compare(type, old, x) > 0 ? x : old - 1;
    }
    return s.has("and")
        ? (old, x, y) -> old & x
        : s.has("or") ? (old, x, y) -> old | x : s.has("xor") ? (old, x, y) -> old ^ x : null;
  }

  private static final class Atomic extends Access {
    private final PtxType type;
    private final int d;
    private final int a;
    private final int b;
    private final Lanewise.F3 f;

    Atomic(Space space, int base, long offset, PtxType type, int d, int a, int b, Lanewise.F3 f) {
      super(space, base, offset);
      this.type = type;
      this.d = d;
      this.a = a;
      this.b = b;
      this.f = f;
    }

    @Override
    int run(Warp w, int pc) {
      long[] r = w.registers;
      for (int i = 0; i < w.count; i++) {
        int lane = w.lanes[i];
        long address = address(w, lane);
        Region region = region(w, lane, address, type.bytes());
        long old = region.load(address, type);
        region.store(address, type.bytes(), f.apply(old, r[a + lane], r[b + lane]));
        r[d + lane] = old;
      }
      return pc + 1;
    }
  }
}
