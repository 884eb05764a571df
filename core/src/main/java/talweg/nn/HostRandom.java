package talweg.nn;

import talweg.spi.Philox;

/**
 * One host-side stream of Philox numbers, so that initial weights are the same on every backend.
 */
public final class HostRandom {
  private final long seed;
  private final int stream;
  private final int[] words = new int[4];
  private int block;
  private int used = 4;
  private double spareNormal = Double.NaN;

  /** Streams with different numbers are independent. */
  public HostRandom(long seed, int stream) {
    this.seed = seed;
    this.stream = stream;
  }

  /** Uniform on [0, 1). */
  public double uniform() {
    if (used == 4) {
      Philox.block(seed, stream, 0, block++, words);
      used = 0;
    }
    used += 2;
    return Philox.uniform(words[used - 2], words[used - 1]);
  }

  /** Standard normal. */
  public double normal() {
    if (!Double.isNaN(spareNormal)) {
      double spare = spareNormal;
      spareNormal = Double.NaN;
      return spare;
    }
    double u = uniform();
    double v = uniform();
    spareNormal = Philox.normal(u, v, true);
    return Philox.normal(u, v, false);
  }
}
