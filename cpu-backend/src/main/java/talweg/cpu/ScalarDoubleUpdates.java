package talweg.cpu;

import java.util.Arrays;

/** The optimizer updates for F64 as plain loops, which the just-in-time compiler vectorises. */
final class ScalarDoubleUpdates implements UpdateKernels<double[]> {
  @Override
  public double sumOfSquares(double[] x, int xo, int n) {
    double s0 = 0;
    double s1 = 0;
    double s2 = 0;
    double s3 = 0;
    int i = xo;
    int end = xo + n;
    for (; i + 4 <= end; i += 4) {
      s0 += x[i] * x[i];
      s1 += x[i + 1] * x[i + 1];
      s2 += x[i + 2] * x[i + 2];
      s3 += x[i + 3] * x[i + 3];
    }
    for (; i < end; i++) {
      s0 += x[i] * x[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  @Override
  public void adam(
      AdamFactors factors,
      double[] w,
      double[] g,
      double[] m,
      double[] v,
      double[] vMax,
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
      AdamFactors factors, double[] w, double[] g, double[] m, double[] v, int from, int to) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double keep1 = factors.beta1();
    double take1 = (1 - factors.beta1());
    double keep2 = factors.beta2();
    double take2 = (1 - factors.beta2());
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      m[i] = keep1 * m[i] + take1 * grad;
      v[i] = keep2 * v[i] + take2 * (grad * grad);
    }
  }

  private static void maximum(double[] v, double[] vMax, int from, int to) {
    for (int i = from; i < to; i++) {
      vMax[i] = Math.max(vMax[i], v[i]);
    }
  }

  private static void descend(
      AdamFactors factors, double[] w, double[] m, double[] v, int from, int to) {
    double shrink = factors.shrink();
    double stepSize = factors.stepSize();
    double rootScale = factors.rootScale();
    double eps = factors.eps();
    for (int i = from; i < to; i++) {
      double root = Math.sqrt(v[i]) * rootScale + eps;
      w[i] = w[i] * shrink - stepSize * m[i] / root;
    }
  }

  @Override
  public void sgd(SgdFactors factors, double[] w, double[] g, double[] b, int from, int to) {
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

  private static void plain(SgdFactors factors, double[] w, double[] g, int from, int to) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double rate = factors.rate();
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      w[i] = w[i] - rate * grad;
    }
  }

  private static void momentum(
      SgdFactors factors, double[] w, double[] g, double[] b, int from, int to) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double keep = factors.momentum();
    double take = factors.take();
    double rate = factors.rate();
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      double next = keep * b[i] + take * grad;
      b[i] = next;
      w[i] = w[i] - rate * next;
    }
  }

  private static void nesterov(
      SgdFactors factors, double[] w, double[] g, double[] b, int from, int to) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double keep = factors.momentum();
    double take = factors.take();
    double rate = factors.rate();
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      double next = keep * b[i] + take * grad;
      b[i] = next;
      w[i] = w[i] - rate * (grad + keep * next);
    }
  }

  @Override
  public void rmsProp(
      RmsPropFactors factors,
      double[] w,
      double[] g,
      double[] s,
      double[] a,
      double[] b,
      int from,
      int to) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double keep = factors.alpha();
    double take = 1 - factors.alpha();
    double eps = factors.eps();
    double momentum = factors.momentum();
    double rate = factors.rate();
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      s[i] = keep * s[i] + take * (grad * grad);
      double variance = s[i];
      if (a != null) {
        a[i] = keep * a[i] + take * grad;
        variance = Math.max(s[i] - a[i] * a[i], 0);
      }
      double direction = grad / (Math.sqrt(variance) + eps);
      if (b != null) {
        b[i] = momentum * b[i] + direction;
        direction = b[i];
      }
      w[i] = w[i] - rate * direction;
    }
  }

  @Override
  public void adagrad(
      AdagradFactors factors, double[] w, double[] g, double[] s, int from, int to) {
    double scale = factors.gradScale();
    double clip = factors.clip();
    double l2 = factors.l2();
    double eps = factors.eps();
    double rate = factors.rate();
    for (int i = from; i < to; i++) {
      double grad = Math.min(Math.max(g[i] * scale, -clip), clip) + l2 * w[i];
      s[i] = s[i] + grad * grad;
      w[i] = w[i] - rate * (grad / (Math.sqrt(s[i]) + eps));
    }
  }

  @Override
  public void lambMoments(
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
    ScalarDoubleLamb.moments(factors, w, g, m, v, u, from, to, squares, at);
  }

  @Override
  public void lambDescend(
      LambFactors factors,
      double step,
      double[] w,
      double[] m,
      double[] v,
      double[] u,
      int from,
      int to) {
    ScalarDoubleLamb.descend(factors, step, w, m, v, u, from, to);
  }
}
