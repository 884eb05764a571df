package talweg.cpu;

import talweg.op.RandomKind;
import talweg.spi.Philox;

/** Random numbers as {@link Philox} specifies them, one block of random bits after the other. */
public final class Randoms {
  private final int[] words = new int[4];
  private final double[] uniforms = new double[4];

  /**
   * Fills n elements of {@code out}, from {@code origin + first} on, with the stream's numbers from
   * {@code first} on, a multiple of 4.
   */
  public void fill(
      RandomKind kind,
      long seed,
      int site,
      long counter,
      Object out,
      int first,
      int origin,
      int n) {
    if (out instanceof float[] floats) {
      fill(kind, seed, site, counter, floats, first, origin, n);
    } else {
      fill(kind, seed, site, counter, (double[]) out, first, origin, n);
    }
  }

  private void fill(
      RandomKind kind,
      long seed,
      int site,
      long counter,
      float[] out,
      int first,
      int origin,
      int n) {
    int end = first + n;
    for (int i = first; i < end; i += 4) {
      Philox.block(seed, site, counter, i >>> 2, words);
      for (int lane = 0; lane < 4; lane++) {
        uniforms[lane] = Philox.uniform(words[lane]);
      }
      for (int lane = 0; lane < Math.min(4, end - i); lane++) {
        out[origin + i + lane] = (float) number(kind, lane);
      }
    }
  }

  private void fill(
      RandomKind kind,
      long seed,
      int site,
      long counter,
      double[] out,
      int first,
      int origin,
      int n) {
    int end = first + n;
    for (int i = first; i < end; i += 2) {
      Philox.block(seed, site, counter, i >>> 1, words);
      uniforms[0] = Philox.uniform(words[0], words[1]);
      uniforms[1] = Philox.uniform(words[2], words[3]);
      for (int lane = 0; lane < Math.min(2, end - i); lane++) {
        out[origin + i + lane] = number(kind, lane);
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
