package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrderTest {
  private static final int POOL_ROWS = Order.Blocks.BLOCK * Order.Blocks.POOL;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 255, 256, 257, 5000, POOL_ROWS, POOL_ROWS + 1, 3 * POOL_ROWS + 77})
  void blocksGiveEveryRowOnce(int n) {
    for (long epoch = 0; epoch < 4; epoch++) {
      int[] order = new Order.Blocks(n, 7, epoch).rows(0, n);
      int[] sorted = order.clone();
      Arrays.sort(sorted);
      assertArrayEquals(IntStream.range(0, n).toArray(), sorted, "epoch " + epoch);
      // Any position can be asked for, in any order.
      Order again = new Order.Blocks(n, 7, epoch);
      for (int to = n; to > 0; to -= 97) {
        int from = Math.max(0, to - 97);
        assertArrayEquals(Arrays.copyOfRange(order, from, to), again.rows(from, to));
      }
    }
  }

  @Test
  void blocksDependOnSeedAndEpochOnly() {
    int n = 40_000;
    int[] order = new Order.Blocks(n, 1, 2).rows(0, n);
    assertArrayEquals(order, new Order.Blocks(n, 1, 2).rows(0, n));
    assertFalse(Arrays.equals(order, new Order.Blocks(n, 1, 3).rows(0, n)));
    assertFalse(Arrays.equals(order, new Order.Blocks(n, 2, 2).rows(0, n)));
  }

  @Test
  void neighboursInTheFileStayNearInTime() {
    int n = 10 * POOL_ROWS;
    int[] order = new Order.Blocks(n, 3, 0).rows(0, n);
    int[] position = new int[n];
    for (int i = 0; i < n; i++) {
      position[order[i]] = i;
    }
    for (int row = 0; row < n; row += Order.Blocks.BLOCK) {
      int pool = position[row] / POOL_ROWS;
      for (int i = row; i < row + Order.Blocks.BLOCK; i++) {
        assertEquals(pool, position[i] / POOL_ROWS);
      }
    }
    // Yet the first rows come from everywhere.
    assertTrue(Arrays.stream(order, 0, 1000).map(row -> row / POOL_ROWS).distinct().count() == 10);
  }
}
