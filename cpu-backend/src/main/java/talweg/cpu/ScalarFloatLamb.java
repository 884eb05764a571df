package talweg.cpu;

/** The two passes of LAMB for F32 as plain loops. */
final class ScalarFloatLamb {
  private ScalarFloatLamb() {}

  static void moments(
      LambFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      float[] u,
      int from,
      int to,
      double[] squares,
      int at) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float keep1 = (float) factors.beta1();
    float take1 = (float) factors.take1();
    float keep2 = (float) factors.beta2();
    float take2 = (float) (1 - factors.beta2());
    double weights = 0;
    double directions = 0;
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      m[i] = keep1 * m[i] + take1 * grad;
      v[i] = keep2 * v[i] + take2 * (grad * grad);
      float direction = direction(factors, w[i], m[i], v[i]);
      weights += (double) w[i] * w[i];
      if (u != null) {
        u[i] = direction;
      }
      directions += (double) direction * direction;
    }
    squares[at] += weights;
    squares[at + 1] += directions;
  }

  /** Adds the sums of squares of w and of the direction that belongs to the moments, in double. */
  static void squares(
      LambFactors factors,
      float[] w,
      float[] m,
      float[] v,
      int from,
      int to,
      double[] squares,
      int at) {
    for (int i = from; i < to; i++) {
      float direction = direction(factors, w[i], m[i], v[i]);
      squares[at] += (double) w[i] * w[i];
      squares[at + 1] += (double) direction * direction;
    }
  }

  static void descend(
      LambFactors factors,
      double step,
      float[] w,
      float[] m,
      float[] v,
      float[] u,
      int from,
      int to) {
    if (u != null) {
      for (int i = from; i < to; i++) {
        w[i] = w[i] - (float) step * u[i];
      }
      return;
    }
    float rate = (float) step;
    for (int i = from; i < to; i++) {
      float direction = direction(factors, w[i], m[i], v[i]);
      w[i] = w[i] - rate * direction;
    }
  }

  private static float direction(LambFactors factors, float w, float m, float v) {
    float root = (float) Math.sqrt(v) * (float) factors.rootScale() + (float) factors.eps();
    return m * (float) factors.meanScale() / root + (float) factors.decay() * w;
  }
}
