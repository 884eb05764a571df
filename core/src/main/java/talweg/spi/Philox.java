package talweg.spi;

/**
 * Philox4x32-10, the counter-based random generator of Salmon, Moraes, Dror and Shaw, "Parallel
 * random numbers: as easy as 1, 2, 3" (SC 2011), and the way in which Talweg reads its streams.
 *
 * <p>A draw is addressed by (seed, site, counter, element), so it does not depend on how work is
 * split. One block of four 32-bit words comes from key = (low, high half of the seed) and counter
 * words (block number, site, low, high half of the step counter). F32 elements take one word each:
 * element i is word {@code i % 4} of block {@code i / 4}. F64 elements take two: element i is words
 * {@code 2 (i % 2)} (high) and the next (low) of block {@code i / 2}.
 *
 * <p>Uniforms are {@code (word >>> 8) * 2^-24} and {@code (word64 >>> 11) * 2^-53}. Normals come in
 * pairs (elements 2j and 2j+1) from the two uniforms u, v at those places: {@code sqrt(-2 ln(1 -
 * u)) * cos(2 pi v)} and {@code ... sin(2 pi v)}, computed in double and rounded once.
 */
public final class Philox {
  private static final int M0 = 0xD2511F53;
  private static final int M1 = 0xCD9E8D57;
  private static final int W0 = 0x9E3779B9;
  private static final int W1 = 0xBB67AE85;

  private Philox() {}

  /** Writes the four words of one block to {@code out[0..3]}. */
  public static void block(long seed, int site, long counter, int block, int[] out) {
    int c0 = block;
    int c1 = site;
    int c2 = (int) counter;
    int c3 = (int) (counter >>> 32);
    int k0 = (int) seed;
    int k1 = (int) (seed >>> 32);
    for (int round = 0; round < 10; round++) {
      long p0 = (M0 & 0xFFFFFFFFL) * (c0 & 0xFFFFFFFFL);
      long p1 = (M1 & 0xFFFFFFFFL) * (c2 & 0xFFFFFFFFL);
      c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
      c1 = (int) p1;
      c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
      c3 = (int) p0;
      k0 += W0;
      k1 += W1;
    }
    out[0] = c0;
    out[1] = c1;
    out[2] = c2;
    out[3] = c3;
  }

  /** A uniform number on [0, 1) with 24 bits. */
  public static float uniform(int word) {
    return (word >>> 8) * 0x1p-24f;
  }

  /** A uniform number on [0, 1) with 53 bits. */
  public static double uniform(int high, int low) {
    return ((((long) high << 32) | (low & 0xFFFFFFFFL)) >>> 11) * 0x1p-53;
  }

  /**
   * The first (cosine) or second (sine) of the pair of normals that belong to the uniforms u and v.
   */
  public static double normal(double u, double v, boolean second) {
    double radius = Math.sqrt(-2 * Math.log1p(-u));
    double angle = 2 * Math.PI * v;
    return radius * (second ? Math.sin(angle) : Math.cos(angle));
  }
}
