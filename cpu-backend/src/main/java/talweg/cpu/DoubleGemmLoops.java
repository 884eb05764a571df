package talweg.cpu;

/** The inner loops of the matrix product for F64, which the just-in-time compiler vectorises. */
final class DoubleGemmLoops implements GemmLoops<double[]> {
  @Override
  public void update(
      double[] c0,
      double[] c1,
      double[] a0,
      double[] a1,
      int k,
      double[] b0,
      double[] b1,
      double[] b2,
      double[] b3,
      int n) {
    double a00 = a0[k];
    double a01 = a0[k + 1];
    double a02 = a0[k + 2];
    double a03 = a0[k + 3];
    double a10 = a1[k];
    double a11 = a1[k + 1];
    double a12 = a1[k + 2];
    double a13 = a1[k + 3];
    for (int j = 0; j < n; j++) {
      c0[j] = c0[j] + a00 * b0[j] + a01 * b1[j] + a02 * b2[j] + a03 * b3[j];
      c1[j] = c1[j] + a10 * b0[j] + a11 * b1[j] + a12 * b2[j] + a13 * b3[j];
    }
  }

  @Override
  public void addScaled(double alpha, double[] x, double[] c, int at, int stride, int n) {
    double factor = alpha;
    for (int j = 0; j < n; j++) {
      c[at + j * stride] += factor * x[j];
    }
  }

  @Override
  public void scale(double beta, double[] c, int at, int stride, int n) {
    double factor = beta;
    for (int j = 0; j < n; j++) {
      c[at + j * stride] = factor == 0 ? 0 : factor * c[at + j * stride];
    }
  }
}
