package talweg.data;

import java.util.List;

/**
 * Examples to predict something for.
 *
 * @param names where each example is from: {@code line 7} of a table, an image's file
 * @param shape of one example
 * @param x features, row-major {@code [names.size(), shape...]}
 */
public record Inputs(List<String> names, int[] shape, float[] x) {
  /** Number of examples. */
  public int size() {
    return names.size();
  }
}
