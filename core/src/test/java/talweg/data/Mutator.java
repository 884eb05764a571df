package talweg.data;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Damages valid inputs, as transfers, editors and attackers would. */
class Mutator {
  private static final int[] TELLING = {
    0, 1, -1, 2, 16, 255, 256, 0x7fff, 0x10000, 0x7fffffff, 0x80000000, 0x803, 0x801
  };

  private final Random random;
  private final List<byte[]> seeds;
  private final List<byte[]> tokens;

  /**
   * A mutator.
   *
   * @param seeds valid inputs
   * @param tokens pieces that mean something in the format
   */
  Mutator(Random random, List<byte[]> seeds, List<byte[]> tokens) {
    this.random = random;
    this.seeds = seeds;
    this.tokens = tokens;
  }

  /** A valid input with one to eight changes. */
  byte[] next() {
    byte[] input = any(seeds).clone();
    for (int changes = 1 + random.nextInt(8); changes > 0; changes--) {
      input = change(input);
    }
    return input;
  }

  private byte[] change(byte[] input) {
    int at = random.nextInt(input.length + 1);
    int end = Math.min(input.length, at + 1 + random.nextInt(16));
    switch (random.nextInt(10)) {
      case 0, 1 -> {
        if (at < input.length) {
          input[at] ^= (byte) (1 << random.nextInt(8));
        }
        return input;
      }
      case 2 -> {
        if (at < input.length) {
          input[at] = (byte) random.nextInt(256);
        }
        return input;
      }
      case 3 -> {
        int telling = TELLING[random.nextInt(TELLING.length)];
        if (at + Integer.BYTES <= input.length) {
          ByteBuffer.wrap(input).putInt(at, telling);
        }
        return input;
      }
      case 4 -> {
        return Arrays.copyOf(input, at);
      }
      case 5 -> {
        return spliced(input, at, new byte[0], end);
      }
      case 6 -> {
        return spliced(input, at, Arrays.copyOfRange(input, at, end), at);
      }
      case 7 -> {
        byte[] other = any(seeds);
        int from = random.nextInt(other.length + 1);
        int to = Math.min(other.length, from + random.nextInt(64));
        return spliced(input, at, Arrays.copyOfRange(other, from, to), at);
      }
      case 8 -> {
        return spliced(input, at, any(tokens), random.nextBoolean() ? at : end);
      }
      default -> {
        byte[] noise = new byte[1 + random.nextInt(8)];
        random.nextBytes(noise);
        return spliced(input, at, noise, end);
      }
    }
  }

  /** The input with what is between two positions replaced. */
  private static byte[] spliced(byte[] input, int from, byte[] middle, int to) {
    byte[] head = TestFiles.join(Arrays.copyOf(input, from), middle);
    return TestFiles.join(head, Arrays.copyOfRange(input, to, input.length));
  }

  private byte[] any(List<byte[]> list) {
    return list.get(random.nextInt(list.size()));
  }
}
