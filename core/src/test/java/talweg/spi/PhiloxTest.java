package talweg.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** The known answers published with the generator (Random123, kat_vectors). */
  @Test
  void givesTheKnownAnswers() {
    assertBlock(0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertBlock(-1, -1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertBlock(
        0x299f31d0_a4093822L,
        0x85a308d3,
        0x03707344_13198a2eL,
        0x243f6a88,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(long seed, int site, long counter, int block, int... expected) {
    assertArrayEquals(expected, block(seed, site, counter, block));
  }

  @Test
  void everyPartOfTheAddressMatters() {
    int[] base = block(1, 2, 3, 4);
    assertFalse(Arrays.equals(base, block(1 + (1L << 32), 2, 3, 4)));
    assertFalse(Arrays.equals(base, block(1, 3, 3, 4)));
    assertFalse(Arrays.equals(base, block(1, 2, 3 + (1L << 32), 4)));
    assertFalse(Arrays.equals(base, block(1, 2, 3, 5)));
  }

  @Test
  void uniformsLieInTheHalfOpenUnitInterval() {
    assertEquals(0f, Philox.uniform(0));
    assertEquals(0f, Philox.uniform(0xFF));
    assertEquals(0x1p-24f, Philox.uniform(0x100));
    assertEquals(0.5f, Philox.uniform(0x80000000));
    assertEquals(1 - 0x1p-24f, Philox.uniform(-1));
    assertEquals(0.0, Philox.uniform(0, 0x7FF));
    assertEquals(0x1p-53, Philox.uniform(0, 0x800));
    assertEquals(0.5, Philox.uniform(0x80000000, 0));
    assertEquals(1 - 0x1p-53, Philox.uniform(-1, -1));
  }

  @Test
  void uniformsHaveTheMomentsOfTheUniformDistribution() {
    int blocks = 50_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < blocks; i++) {
      for (int word : block(42, 7, 1, i)) {
        double u = Philox.uniform(word) - 0.5;
        sum += u;
        squares += u * u;
      }
    }
    int n = 4 * blocks;
    // Five standard deviations of each estimate.
    assertEquals(0, sum / n, 5 * Math.sqrt(1.0 / 12 / n));
    assertEquals(1.0 / 12, squares / n, 5 * Math.sqrt(1.0 / 180 / n));
  }

  @Test
  void normalsHaveTheMomentsOfTheNormalDistribution() {
    int blocks = 50_000;
    double[] sums = new double[5];
    for (int i = 0; i < blocks; i++) {
      int[] words = block(42, 7, 2, i);
      double u = Philox.uniform(words[0], words[1]);
      double v = Philox.uniform(words[2], words[3]);
      double first = Philox.normal(u, v, false);
      double second = Philox.normal(u, v, true);
      for (int power = 1; power <= 4; power++) {
        sums[power] += Math.pow(first, power) + Math.pow(second, power);
      }
      sums[0] += first * second;
    }
    int n = 2 * blocks;
    assertEquals(0, sums[1] / n, 5 * Math.sqrt(1.0 / n));
    assertEquals(1, sums[2] / n, 5 * Math.sqrt(2.0 / n));
    assertEquals(0, sums[3] / n, 5 * Math.sqrt(15.0 / n));
    assertEquals(3, sums[4] / n, 5 * Math.sqrt(96.0 / n));
    assertEquals(0, sums[0] / blocks, 5 * Math.sqrt(1.0 / blocks));
  }

  @Test
  void normalsAreFiniteForEveryUniform() {
    assertEquals(0.0, Philox.normal(0, 0.3, false), 0);
    assertTrue(Double.isFinite(Philox.normal(1 - 0x1p-53, 0, false)));
    assertEquals(Math.sqrt(2 * 24 * Math.log(2)), Philox.normal(1 - 0x1p-24, 0, false), 1e-14);
  }

  private static int[] block(long seed, int site, long counter, int block) {
    int[] words = new int[4];
    Philox.block(seed, site, counter, block, words);
    return words;
  }
}
