package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {
  // Computed by an independent program in Python from the description in Permutation's Javadoc.
  @Test
  void equalsTheValuesComputedElsewhere() {
    assertArrayEquals(new int[] {0, 3, 5, 7, 9, 8, 2, 1, 4, 6}, Permutation.of(10, 42, 0));
    assertArrayEquals(new int[] {6, 5, 1, 4, 7, 3, 2, 9, 8, 0}, Permutation.of(10, 42, 1));
    assertArrayEquals(new int[] {4, 9, 2, 5, 1, 7, 6, 0, 3, 8}, Permutation.of(10, 0, 0));
    assertArrayEquals(
        new int[] {9, 0, 1, 2, 7, 8, 3, 6, 4, 5}, Permutation.of(10, 42, Permutation.SPLIT));
    assertArrayEquals(new int[] {4, 0, 1, 2, 3}, Permutation.of(5, -7, 3));
    ByteBuffer bytes = ByteBuffer.allocate(400_000);
    bytes.asIntBuffer().put(Permutation.of(100_000, 42, 7));
    CRC32 crc = new CRC32();
    crc.update(bytes);
    assertEquals(74390293L, crc.getValue());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 7, 64, 1000, 65_537})
  void holdsEveryNumberOnce(int n) {
    int[] sorted = Permutation.of(n, 5, 9);
    Arrays.sort(sorted);
    int[] expected = new int[n];
    Arrays.setAll(expected, i -> i);
    assertArrayEquals(expected, sorted);
  }

  @Test
  void differsWithSeedAndWithStream() {
    int[] order = Permutation.of(100, 1, 0);
    assertArrayEquals(order, Permutation.of(100, 1, 0));
    assertFalse(Arrays.equals(order, Permutation.of(100, 2, 0)));
    assertFalse(Arrays.equals(order, Permutation.of(100, 1, 1)));
    // Seed and stream must not merely be added up.
    assertFalse(Arrays.equals(Permutation.of(100, 1, 1), Permutation.of(100, 2, 0)));
  }

  @Test
  void everyPositionIsEquallyLikely() {
    int n = 5;
    int rounds = 20_000;
    int[][] counts = new int[n][n];
    for (int round = 0; round < rounds; round++) {
      int[] order = Permutation.of(n, 1, round);
      for (int i = 0; i < n; i++) {
        counts[i][order[i]]++;
      }
    }
    // Binomial with p = 1/5: standard deviation 57; five of them.
    for (int[] row : counts) {
      for (int count : row) {
        assertTrue(Math.abs(count - rounds / n) < 5 * 57, Arrays.deepToString(counts));
      }
    }
  }
}
