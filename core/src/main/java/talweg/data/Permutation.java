package talweg.data;

/**
 * Reproducible random orders, a function of (length, seed, stream) only: the same on every JVM.
 *
 * <p>Fisher-Yates (Durstenfeld's form, from the last position down to 1), fed by SplitMix64
 * (Steele, Lea, Flood 2014: add {@code 0x9e3779b97f4a7c15}, then finalise) started at {@code
 * mix(mix(seed) + stream)}. The upper 32 bits of each output make one bounded integer by Lemire's
 * multiplication with rejection (2019), which has no bias. This description is part of the contract
 * of resumed runs: a change of it changes the order of every batch.
 */
final class Permutation {
  /** The stream for splitting a data set; epochs use streams from 0 up. */
  static final long SPLIT = -1;

  /** The stream for choosing validation examples from those that a test part leaves. */
  static final long VALIDATION = -2;

  private static final long GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  private Permutation(long state) {
    this.state = state;
  }

  /** The numbers {@code 0..n-1} in an order that depends on the arguments only. */
  static int[] of(int n, long seed, long stream) {
    return new Permutation(mix(mix(seed) + stream)).shuffled(n);
  }

  /**
   * The same for one of the parts that a stream is cut into: {@code mix(mix(mix(seed) + stream) +
   * part)}.
   */
  static int[] of(int n, long seed, long stream, long part) {
    return new Permutation(mix(mix(mix(seed) + stream) + part)).shuffled(n);
  }

  private int[] shuffled(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }

  private int nextInt(int bound) {
    long product = next32() * bound;
    long low = product & 0xffffffffL;
    if (low < bound) {
      long threshold = (1L << 32) % bound;
      while (low < threshold) {
        product = next32() * bound;
        low = product & 0xffffffffL;
      }
    }
    return (int) (product >>> 32);
  }

  private long next32() {
    state += GAMMA;
    return mix(state) >>> 32;
  }

  private static long mix(long z) {
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
