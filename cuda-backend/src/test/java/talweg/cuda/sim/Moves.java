package talweg.cuda.sim;

import java.util.List;

/** {@code mov} with its packing and unpacking forms, and {@code cvta}. */
final class Moves {
  private Moves() {}

  static Instruction decode(Statement s, Names n) {
    String to = s.operand(0);
    String from = s.operand(1);
    PtxType type = s.type();
    if (to.startsWith("{")) {
      return unpack(parts(to), n.read(from, type), type, n);
    }
    if (from.startsWith("{")) {
      return pack(n.write(to), parts(from), type, n);
    }
    if (s.opcode().equals("cvta")) {
      return convertAddress(s, n);
    }
    return move(n.write(to), n.read(from, type));
  }

  private static List<String> parts(String vector) {
    return Statement.split(vector.substring(1, vector.length() - 1));
  }

  static Instruction move(int d, int a) {
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          r[d + lane] = r[a + lane];
        }
        return pc + 1;
      }
    };
  }

  private static Instruction unpack(List<String> parts, int a, PtxType type, Names n) {
    int bits = type.bits() / parts.size();
    int[] targets = new int[parts.size()];
    for (int i = 0; i < targets.length; i++) {
      targets[i] = n.write(parts.get(i));
    }
    long mask = (1L << bits) - 1;
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          long value = r[a + lane];
          for (int t = 0; t < targets.length; t++) {
            r[targets[t] + lane] = value >>> t * bits & mask;
          }
        }
        return pc + 1;
      }
    };
  }

  private static Instruction pack(int d, List<String> parts, PtxType type, Names n) {
    int bits = type.bits() / parts.size();
    PtxType part = PtxType.of("b" + bits);
    int[] sources = new int[parts.size()];
    for (int i = 0; i < sources.length; i++) {
      sources[i] = n.read(parts.get(i), part);
    }
    return new Instruction() {
      @Override
      int run(Warp w, int pc) {
        long[] r = w.registers;
        for (int i = 0; i < w.count; i++) {
          int lane = w.lanes[i];
          long value = 0;
          for (int t = 0; t < sources.length; t++) {
            value |= part.extend(r[sources[t] + lane]) << t * bits;
          }
          r[d + lane] = value;
        }
        return pc + 1;
      }
    };
  }

  /** Between addresses within a space and generic ones, which have the space's window added. */
  private static Instruction convertAddress(Statement s, Names n) {
    Space space = Space.of(s.modifiers());
    int d = n.write(s.operand(0));
    int a = n.read(s.operand(1), s.type());
    long window = space.window();
    if (window == 0) {
      return move(d, a);
    }
    return s.has("to") ? Lanewise.of(d, a, x -> x - window) : Lanewise.of(d, a, x -> x + window);
  }
}
