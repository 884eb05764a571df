package talweg.cpu;

import talweg.op.RandomKind;
import talweg.spi.Philox;

/** Random numbers as {@link Philox} specifies them, one block of random bits after the other. */
final class Randoms {
  private final int[] words = new int[4];
  private final double[] uniforms = new double[4];

  /** Fills n elements of {@code out}, from {@code from} on, with the stream's first n numbers. */
  void fill(RandomKind kind, long seed, int site, long counter, float[] out, int from, int n) {
    for (int i = 0; i < n; i += 4) {
      Philox.block(seed, site, counter, i >>> 2, words);
      for (int lane = 0; lane < 4; lane++) {
        uniforms[lane] = Philox.uniform(words[lane]);
      }
      for (int lane = 0; lane < Math.min(4, n - i); lane++) {
        out[from + i + lane] = (float) number(kind, lane);
      }
    }
  }

  /** Fills n elements of {@code out}, from {@code from} on, with the stream's first n numbers. */
  void fill(RandomKind kind, long seed, int site, long counter, double[] out, int from, int n) {
    for (int i = 0; i < n; i += 2) {
      Philox.block(seed, site, counter, i >>> 1, words);
      uniforms[0] = Philox.uniform(words[0], words[1]);
      uniforms[1] = Philox.uniform(words[2], words[3]);
      for (int lane = 0; lane < Math.min(2, n - i); lane++) {
        out[from + i + lane] = number(kind, lane);
      }
    }
  }

  private double number(RandomKind kind, int lane) {
    return switch (kind) {
      case UNIFORM -> uniforms[lane];
      case NORMAL -> Philox.normal(uniforms[lane & ~1], uniforms[lane | 1], (lane & 1) == 1);
    };
  }
}
