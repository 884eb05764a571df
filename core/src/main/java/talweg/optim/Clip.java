package talweg.optim;

import java.util.List;
import java.util.Objects;
import talweg.error.NonFiniteException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** How gradients are bounded before an update. */
public sealed interface Clip {
  /** No bound. */
  record None() implements Clip {}

  /** Every element to plus or minus {@code limit}; NaN stays NaN. */
  record ByValue(double limit) implements Clip {
    public ByValue {
      requirePositive("clip by value", limit);
    }
  }

  /**
   * All gradients together, as one vector, to a p-norm of at most {@code maxNorm} (Pascanu et al.
   * 2013). The factor is {@code min(1, maxNorm / (norm + eps))}. Norms are computed in double, so
   * float32 gradients cannot overflow them.
   *
   * @param p order of the norm, infinity for the largest absolute value
   * @param eps 1e-6 in PyTorch; 0 clips to the exact norm
   */
  record ByGlobalNorm(double maxNorm, double p, double eps) implements Clip {
    /** What PyTorch adds to the norm. */
    static final double PYTORCH_EPS = 1e-6;

    public ByGlobalNorm {
      requirePositive("clip by norm", maxNorm);
      requirePositive("clip by norm: order", p);
      if (!(eps >= 0)) {
        throw new IllegalArgumentException("clip by norm: eps must not be negative, got " + eps);
      }
    }

    /** The bound as PyTorch has it. */
    public ByGlobalNorm(double maxNorm, double p) {
      this(maxNorm, p, PYTORCH_EPS);
    }
  }

  /** The bound on nothing. */
  static Clip none() {
    return new None();
  }

  /** {@link ByGlobalNorm} with the 2-norm, as PyTorch has it. */
  static Clip byGlobalNorm(double maxNorm) {
    return new ByGlobalNorm(maxNorm, 2);
  }

  /** {@link ByGlobalNorm} with the 2-norm and no eps, as NVIDIA's LAMB has it. */
  static Clip byExactGlobalNorm(double maxNorm) {
    return new ByGlobalNorm(maxNorm, 2, 0);
  }

  /**
   * Scales gradients in place, see {@link ByGlobalNorm}.
   *
   * @param session where the gradients live
   * @param gradients tensors, null for a parameter without a gradient
   * @return the norm before clipping, an F64 scalar
   */
  static Tensor byGlobalNorm(Session session, List<Tensor> gradients, ByGlobalNorm clip) {
    Tensor norm = globalNorm(session, gradients, clip.p());
    Tensor factor = factor(norm, clip);
    gradients.stream().filter(Objects::nonNull).forEach(g -> g.assign(g.mul(factor.to(g.dtype()))));
    return norm;
  }

  /**
   * {@link #byGlobalNorm(Session, List, ByGlobalNorm)} that waits for the norm and refuses a
   * non-finite one.
   */
  static double byFiniteGlobalNorm(Session session, List<Tensor> gradients, ByGlobalNorm clip) {
    double norm = globalNorm(session, gradients, clip.p()).item();
    if (!Double.isFinite(norm)) {
      throw new NonFiniteException(
          "clip: the global norm of the gradients is %s; nothing was changed; look for the first NaN or infinity in the loss"
              .formatted(norm));
    }
    byGlobalNorm(session, gradients, clip);
    return norm;
  }

  /** Clamps gradients in place. */
  static void byValue(List<Tensor> gradients, ByValue clip) {
    gradients.stream()
        .filter(Objects::nonNull)
        .forEach(g -> g.assign(g.clamp(-clip.limit(), clip.limit())));
  }

  /** The p-norm of all gradients as one vector, an F64 scalar; 0 if there are none. */
  static Tensor globalNorm(Session session, List<Tensor> gradients, double p) {
    List<Tensor> present = gradients.stream().filter(Objects::nonNull).toList();
    if (present.isEmpty()) {
      return session.scalar(DType.F64, 0);
    }
    Tensor[] parts =
        present.stream().map(g -> powerSum(g.to(DType.F64), p).reshape(1)).toArray(Tensor[]::new);
    Tensor all = Tensor.concat(0, parts);
    if (Double.isInfinite(p)) {
      return all.max(false);
    }
    return p == 2 ? all.sum().sqrt() : all.sum().pow(1 / p);
  }

  /** {@code min(1, maxNorm / (norm + eps))}; NaN for a NaN norm. */
  static Tensor factor(Tensor norm, ByGlobalNorm clip) {
    return norm.add(clip.eps()).reciprocal().mul(clip.maxNorm()).clamp(0, 1);
  }

  private static Tensor powerSum(Tensor g, double p) {
    if (Double.isInfinite(p)) {
      return g.size() == 0 ? g.session().scalar(DType.F64, 0) : g.abs().max(false);
    }
    return p == 2 ? g.square().sum() : p == 1 ? g.abs().sum() : g.abs().pow(p).sum();
  }

  private static void requirePositive(String what, double value) {
    if (!(value > 0)) {
      throw new IllegalArgumentException(what + ": must be positive, got " + value);
    }
  }
}
