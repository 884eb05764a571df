package talweg.cpu;

import java.util.Arrays;

/** The optimizer updates for F32 as plain loops, which the just-in-time compiler vectorises. */
final class ScalarFloatUpdates implements UpdateKernels<float[]> {
  @Override
  public double sumOfSquares(float[] x, int xo, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = xo;
    int end = xo + n;
    for (; i + 4 <= end; i += 4) {
      s0 += (double) x[i] * x[i];
      s1 += (double) x[i + 1] * x[i + 1];
      s2 += (double) x[i + 2] * x[i + 2];
      s3 += (double) x[i + 3] * x[i + 3];
    }
    for (; i < end; i++) {
      s0 += (double) x[i] * x[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public void adam(
      AdamFactors factors,
      float[] w,
      float[] g,
      float[] m,
      float[] v,
      float[] vMax,
      int from,
      int to) {
    // The steps of a block find its elements in the innermost cache.
    for (int i = from; i < to; i += Blocks.LENGTH) {
      int end = Math.min(i + Blocks.LENGTH, to);
      moments(factors, w, g, m, v, i, end);
      if (vMax != null) {
        maximum(v, vMax, i, end);
      }
      descend(factors, w, m, vMax == null ? v : vMax, i, end);
    }
  }

  private static void moments(
      AdamFactors factors, float[] w, float[] g, float[] m, float[] v, int from, int to) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float keep1 = (float) factors.beta1();
    float take1 = (float) (1 - factors.beta1());
    float keep2 = (float) factors.beta2();
    float take2 = (float) (1 - factors.beta2());
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      m[i] = keep1 * m[i] + take1 * grad;
      v[i] = keep2 * v[i] + take2 * (grad * grad);
    }
  }

  private static void maximum(float[] v, float[] vMax, int from, int to) {
    for (int i = from; i < to; i++) {
      vMax[i] = Math.max(vMax[i], v[i]);
    }
  }

  private static void descend(
      AdamFactors factors, float[] w, float[] m, float[] v, int from, int to) {
    float shrink = (float) factors.shrink();
    float stepSize = (float) factors.stepSize();
    float rootScale = (float) factors.rootScale();
    float eps = (float) factors.eps();
    for (int i = from; i < to; i++) {
      float root = (float) Math.sqrt(v[i]) * rootScale + eps;
      w[i] = w[i] * shrink - stepSize * m[i] / root;
    }
  }

  @Override
  public void sgd(SgdFactors factors, float[] w, float[] g, float[] b, int from, int to) {
    if (b == null) {
      plain(factors, w, g, from, to);
      return;
    }
    if (factors.first()) {
      Arrays.fill(b, from, to, 0);
    }
    if (factors.nesterov()) {
      nesterov(factors, w, g, b, from, to);
    } else {
      momentum(factors, w, g, b, from, to);
    }
  }

  private static void plain(SgdFactors factors, float[] w, float[] g, int from, int to) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float rate = (float) factors.rate();
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      w[i] = w[i] - rate * grad;
    }
  }

  private static void momentum(
      SgdFactors factors, float[] w, float[] g, float[] b, int from, int to) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float keep = (float) factors.momentum();
    float take = (float) factors.take();
    float rate = (float) factors.rate();
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      float next = keep * b[i] + take * grad;
      b[i] = next;
      w[i] = w[i] - rate * next;
    }
  }

  private static void nesterov(
      SgdFactors factors, float[] w, float[] g, float[] b, int from, int to) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float keep = (float) factors.momentum();
    float take = (float) factors.take();
    float rate = (float) factors.rate();
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      float next = keep * b[i] + take * grad;
      b[i] = next;
      w[i] = w[i] - rate * (grad + keep * next);
    }
  }

  @Override
  public void rmsProp(
      RmsPropFactors factors,
      float[] w,
      float[] g,
      float[] s,
      float[] a,
      float[] b,
      int from,
      int to) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float keep = (float) factors.alpha();
    float take = (float) (1 - factors.alpha());
    float eps = (float) factors.eps();
    float momentum = (float) factors.momentum();
    float rate = (float) factors.rate();
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      s[i] = keep * s[i] + take * (grad * grad);
      float variance = s[i];
      if (a != null) {
        a[i] = keep * a[i] + take * grad;
        variance = Math.max(s[i] - a[i] * a[i], 0);
      }
      float direction = grad / ((float) Math.sqrt(variance) + eps);
      if (b != null) {
        b[i] = momentum * b[i] + direction;
        direction = b[i];
      }
      w[i] = w[i] - rate * direction;
    }
  }

  @Override
  public void adagrad(AdagradFactors factors, float[] w, float[] g, float[] s, int from, int to) {
    float scale = (float) factors.gradScale();
    float clip = (float) factors.clip();
    float l2 = (float) factors.l2();
    float eps = (float) factors.eps();
    float rate = (float) factors.rate();
    for (int i = from; i < to; i++) {
      float grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      s[i] = s[i] + grad * grad;
      w[i] = w[i] - rate * (grad / ((float) Math.sqrt(s[i]) + eps));
    }
  }

  @Override
  public void lambMoments(
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
    ScalarFloatLamb.moments(factors, w, g, m, v, u, from, to, squares, at);
  }

  @Override
  public void lambDescend(
      LambFactors factors,
      double step,
      float[] w,
      float[] m,
      float[] v,
      float[] u,
      int from,
      int to) {
    ScalarFloatLamb.descend(factors, step, w, m, v, u, from, to);
  }
}
