package talweg.cpu;

/** The inner loops of the matrix product for F32, which the just-in-time compiler vectorises. */
final class FloatGemmLoops implements GemmLoops<float[]> {
  @Override
  public void update(
      float[] c0,
      float[] c1,
      float[] a0,
      float[] a1,
      int k,
      float[] b0,
      float[] b1,
      float[] b2,
      float[] b3,
      int n) {
    float a00 = a0[k];
    float a01 = a0[k + 1];
    float a02 = a0[k + 2];
    float a03 = a0[k + 3];
    float a10 = a1[k];
    float a11 = a1[k + 1];
    float a12 = a1[k + 2];
    float a13 = a1[k + 3];
    for (int j = 0; j < n; j++) {
      c0[j] = c0[j] + a00 * b0[j] + a01 * b1[j] + a02 * b2[j] + a03 * b3[j];
      c1[j] = c1[j] + a10 * b0[j] + a11 * b1[j] + a12 * b2[j] + a13 * b3[j];
    }
  }

  @Override
  public void addScaled(double alpha, float[] x, float[] c, int at, int stride, int n) {
    float factor = (float) alpha;
    for (int j = 0; j < n; j++) {
      c[at + j * stride] += factor * x[j];
    }
  }

  @Override
  public void scale(double beta, float[] c, int at, int stride, int n) {
    float factor = (float) beta;
    for (int j = 0; j < n; j++) {
      c[at + j * stride] = factor == 0 ? 0 : factor * c[at + j * stride];
    }
  }
}
