package talweg.cpu;

/** The two passes of LAMB for F64 as plain loops. */
final class ScalarDoubleLamb {
  private ScalarDoubleLamb() {}

  static void moments(
      LambFactors factors,
      double[] w,
      double[] g,
      double[] m,
      double[] v,
      double[] u,
      int from,
      int to,
      double[] squares,
      int at) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double keep1 = factors.beta1();
    double take1 = factors.take1();
    double keep2 = factors.beta2();
    double take2 = 1 - factors.beta2();
    double meanScale = factors.meanScale();
    double rootScale = factors.rootScale();
    double eps = factors.eps();
    double decay = factors.decay();
    double weights = 0;
    double directions = 0;
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      m[i] = keep1 * m[i] + take1 * grad;
      v[i] = keep2 * v[i] + take2 * (grad * grad);
      double root = Math.sqrt(v[i]) * rootScale + eps;
      double direction = m[i] * meanScale / root + decay * w[i];
      weights += w[i] * w[i];
      if (u != null) {
        u[i] = direction;
      }
      directions += direction * direction;
    }
    squares[at] += weights;
    squares[at + 1] += directions;
  }

  static void descend(
      LambFactors factors,
      double step,
      double[] w,
      double[] m,
      double[] v,
      double[] u,
      int from,
      int to) {
    if (u != null) {
      for (int i = from; i < to; i++) {
        w[i] = w[i] - step * u[i];
      }
      return;
    }
    double meanScale = factors.meanScale();
    double rootScale = factors.rootScale();
    double eps = factors.eps();
    double decay = factors.decay();
    double rate = step;
    for (int i = from; i < to; i++) {
      double root = Math.sqrt(v[i]) * rootScale + eps;
      double direction = m[i] * meanScale / root + decay * w[i];
      w[i] = w[i] - rate * direction;
    }
  }
}
