package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class LayoutTest {
  private final Layout layout = new Layout();

  private static View view(long[] strides, int... dims) {
    return new View(new DeviceBuffer(DType.U8, Long.MAX_VALUE, 0), 0, Shape.of(dims), strides);
  }

  private static View view(int... dims) {
    return view(View.rowMajorStrides(Shape.of(dims)), dims);
  }

  /** What a kernel makes of the structure: offsets of one element, in bytes as elements are. */
  private static long[] offsets(MemorySegment layout, int index, int operands) {
    long[] offsets = new long[operands];
    long rest = index;
    for (int axis = 0; axis < layout.get(JAVA_INT, 0); axis++) {
      long extent = layout.get(JAVA_INT, 8 + 4L * axis);
      long multiplier = layout.get(JAVA_INT, 32 + 4L * axis) & 0xFFFFFFFFL;
      int shift = layout.get(JAVA_INT, 56 + 4L * axis);
      long above = ((rest * multiplier >>> 32) + rest & 0xFFFFFFFFL) >>> shift;
      for (int k = 0; k < operands; k++) {
        offsets[k] += (rest - above * extent) * layout.get(JAVA_LONG, 80 + 8L * (6 * k + axis));
      }
      rest = above;
    }
    return offsets;
  }

  @Test
  void everyElementIsVisitedOnceInAllOperandsTogether() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int turn = 0; turn < 300; turn++) {
      int rank = random.nextInt(9);
      int[] dims = random.ints(rank, 1, 4).toArray();
      long[] first = new long[rank];
      long[] second = random.longs(rank, 0, 9).toArray();
      List<Integer> order = new ArrayList<>();
      for (int axis = 0; axis < rank; axis++) {
        order.add(random.nextInt(order.size() + 1), axis);
      }
      long reach = 1;
      for (int axis : order) {
        first[axis] = reach;
        reach *= dims[axis] + random.nextInt(2);
      }
      List<String> expected = new ArrayList<>();
      collect(dims, 0, first, second, 0, 0, expected);
      List<String> visited = new ArrayList<>();
      View out = view(first, dims);
      View in = view(second, dims);
      layout.of(out, in);
      while (layout.next()) {
        for (int i = 0; i < layout.size(); i++) {
          long[] at = layout.isDense() ? new long[] {i, i} : offsets(layout.segment(), i, 2);
          visited.add((layout.address(0) + at[0]) + " " + (layout.address(1) + at[1]));
        }
      }
      Collections.sort(expected);
      Collections.sort(visited);
      assertEquals(expected, visited);
    }
  }

  private static void collect(
      int[] dims, int axis, long[] first, long[] second, long x, long y, List<String> found) {
    if (axis == dims.length) {
      found.add(x + " " + y);
      return;
    }
    for (int i = 0; i < dims[axis]; i++) {
      collect(dims, axis + 1, first, second, x + i * first[axis], y + i * second[axis], found);
    }
  }

  @Test
  void quotientsAreExactUpToTheLargestIndex() {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int turn = 0; turn < 20000; turn++) {
      int extent = 2 + random.nextInt(turn % 2 == 0 ? 5000 : 1 << 29);
      int rows = Math.min(Integer.MAX_VALUE / extent, 1 + random.nextInt(1 << 30));
      if (rows < 2) {
        continue;
      }
      layout.of(
          view(new long[] {0, 1}, rows, extent), view(new long[] {1L << 32, 1}, rows, extent));
      int index = random.nextInt(rows * extent);
      int near = Math.max(0, index / extent * extent - turn % 2);
      for (int i : new int[] {index, near, rows * extent - 1}) {
        // A stride of 0 in the output puts the rows inside, so the quotient is the column.
        long at = offsets(layout.segment(), i, 2)[1];
        assertEquals(((long) (i % rows) << 32) + i / rows, at, rows + " x " + extent + " at " + i);
      }
    }
  }

  @Test
  void sameOrderInAllOperandsIsDense() {
    assertTrue(layout.of(view(3, 4), view(3, 4)).isDense());
    assertTrue(layout.of(view(3, 4).transpose(), view(3, 4).transpose()).isDense());
    assertTrue(layout.of(view(1, 1)).isDense());
    assertFalse(layout.of(view(3, 4), view(4, 3).transpose()).isDense());
    assertFalse(layout.of(view(3, 4), view(4).expand(Shape.of(3, 4))).isDense());
  }

  @Test
  void moreThanAnIndexHoldsIsSplit() {
    int large = 1 << 20;
    View out = view(5, large, large / 1024);
    layout.of(out, view(1).expand(out.shape()));
    long elements = 0;
    while (layout.next()) {
      assertTrue(layout.size() <= Integer.MAX_VALUE);
      assertEquals(elements, layout.address(0));
      assertEquals(0, layout.address(1));
      elements += layout.size();
    }
    assertEquals(out.size(), elements);
    assertEquals(out.size(), layout.of(out, out).size());
  }
}
