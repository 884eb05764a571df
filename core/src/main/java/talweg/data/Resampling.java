package talweg.data;

/**
 * Resamples images with a triangle filter, whose width grows where an image shrinks: bilinear
 * interpolation, without aliasing. The values are those of Pillow's {@code BILINEAR} before
 * rounding, so that a model sees what it would see in Python.
 */
final class Resampling {
  private Resampling() {}

  /**
   * Resizes planes.
   *
   * @param planes row-major {@code [channels, height, width]}
   * @return row-major {@code [channels, newHeight, newWidth]}
   */
  static float[] resize(
      float[] planes, int channels, int height, int width, int newHeight, int newWidth) {
    Weights across = Weights.of(width, newWidth);
    Weights down = Weights.of(height, newHeight);
    float[] result = new float[channels * newHeight * newWidth];
    double[] narrow = new double[height * newWidth];
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < newWidth; x++) {
          double sum = 0;
          for (int i = 0; i < across.weights[x].length; i++) {
            sum += across.weights[x][i] * planes[(c * height + y) * width + across.first[x] + i];
          }
          narrow[y * newWidth + x] = sum;
        }
      }
      for (int y = 0; y < newHeight; y++) {
        for (int x = 0; x < newWidth; x++) {
          double sum = 0;
          for (int i = 0; i < down.weights[y].length; i++) {
            sum += down.weights[y][i] * narrow[(down.first[y] + i) * newWidth + x];
          }
          result[(c * newHeight + y) * newWidth + x] = (float) sum;
        }
      }
    }
    return result;
  }

  /** For each new position the old ones that it is a mean of, and their weights. */
  private record Weights(int[] first, double[][] weights) {
    static Weights of(int from, int to) {
      double scale = (double) from / to;
      double support = Math.max(1, scale);
      int[] first = new int[to];
      double[][] weights = new double[to][];
      for (int i = 0; i < to; i++) {
        double centre = (i + 0.5) * scale;
        int low = (int) Math.max(0, Math.floor(centre - support + 0.5));
        int high = (int) Math.min(from, Math.floor(centre + support + 0.5));
        double[] w = new double[high - low];
        double sum = 0;
        for (int k = 0; k < w.length; k++) {
          w[k] = Math.max(0, 1 - Math.abs(low + k - centre + 0.5) / support);
          sum += w[k];
        }
        for (int k = 0; k < w.length; k++) {
          w[k] /= sum;
        }
        first[i] = low;
        weights[i] = w;
      }
      return new Weights(first, weights);
    }
  }
}
