package talweg.cuda.sim;

import java.util.List;

/**
 * {@code mma.sync}: D = A B + C for a tile of 16 rows and 8 columns, of which each lane holds parts
 * as the PTX manual lays out ("Matrix Fragments for mma.m16n8k8/k16"). Sums are taken in double and
 * rounded once; the hardware keeps fewer bits.
 */
final class MatrixMultiply extends Collective {
  private static final int ROWS = 16;
  private static final int COLUMNS = 8;

  private final PtxType type;
  private final int depth;
  private final int[] d;
  private final int[] a;
  private final int[] b;
  private final int[] c;
  private final long[] sums = new long[4 * Warp.LANES];

  private MatrixMultiply(PtxType type, int depth, int[] d, int[] a, int[] b, int[] c) {
    this.type = type;
    this.depth = depth;
    this.d = d;
    this.a = a;
    this.b = b;
    this.c = c;
  }

  /** Those with F32 sums, whose operands are tf32, bf16 or f16; null for any other. */
  static Instruction decode(Statement s, Names n) {
    boolean shape = s.has("m16n8k8") || s.has("m16n8k16");
    List<String> types = s.modifiers().subList(s.modifiers().size() - 4, s.modifiers().size());
    PtxType type = PtxType.of(types.get(1));
    boolean operands = type == PtxType.TF32 || type == PtxType.BF16 || type == PtxType.F16;
    boolean sums = types.getFirst().equals("f32") && types.getLast().equals("f32");
    int depth = s.has("m16n8k16") ? 16 : 8;
    if (!shape || !operands || !sums || type == PtxType.TF32 && depth == 16) {
      return null;
    }
    int[] d = new int[4];
    List<String> targets = parts(s.operand(0));
    for (int i = 0; i < d.length; i++) {
      d[i] = n.write(targets.get(i));
    }
    return new MatrixMultiply(
        type, depth, d, read(s.operand(1), n), read(s.operand(2), n), read(s.operand(3), n));
  }

  private static List<String> parts(String vector) {
    return Statement.split(vector.substring(1, vector.length() - 1));
  }

  private static int[] read(String vector, Names n) {
    return parts(vector).stream().mapToInt(part -> n.read(part, PtxType.U32)).toArray();
  }

  @Override
  int mask(Warp warp, int lane) {
    return -1;
  }

  @Override
  void perform(Warp w) {
    if (w.count < Warp.LANES) {
      w.lane = w.lanes[0];
      throw PtxFault.launchFailed("only " + w.count + " lanes take part in a matrix instruction");
    }
    double[] left = new double[ROWS * depth];
    double[] right = new double[depth * COLUMNS];
    for (int lane = 0; lane < Warp.LANES; lane++) {
      gather(w.registers, lane, left, right);
    }
    for (int lane = 0; lane < Warp.LANES; lane++) {
      for (int i = 0; i < d.length; i++) {
        int row = lane / 4 + i / 2 * 8;
        int column = lane % 4 * 2 + i % 2;
        double sum = Bits.f32(w.registers[c[i] + lane]);
        for (int k = 0; k < depth; k++) {
          sum += left[row * depth + k] * right[k * COLUMNS + column];
        }
        sums[i * Warp.LANES + lane] = Bits.of((float) sum);
      }
    }
    // Only now: D may be the same registers as C.
    for (int lane = 0; lane < Warp.LANES; lane++) {
      for (int i = 0; i < d.length; i++) {
        w.registers[d[i] + lane] = sums[i * Warp.LANES + lane];
      }
    }
  }

  /** Puts a lane's parts of A and B in their places. */
  private void gather(long[] r, int lane, double[] left, double[] right) {
    int group = lane / 4;
    int member = lane % 4;
    int packed = type == PtxType.TF32 ? 1 : 2;
    for (int i = 0; i < a.length * packed; i++) {
      int register = i / packed;
      int row = group + register % 2 * 8;
      int column = member * packed + i % packed + register / 2 * 4 * packed;
      left[row * depth + column] = element(r[a[register] + lane], i % packed);
    }
    for (int i = 0; i < b.length * packed; i++) {
      int register = i / packed;
      int row = member * packed + i % packed + register * 4 * packed;
      right[row * COLUMNS + group] = element(r[b[register] + lane], i % packed);
    }
  }

  private double element(long register, int half) {
    return type == PtxType.TF32
        ? Bits.f32(register & 0xffff_e000L)
        : Bits.real(register >>> 16 * half & 0xffff, type);
  }
}
