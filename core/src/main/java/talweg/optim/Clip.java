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
   * 2013). As in PyTorch the factor is {@code min(1, maxNorm / (norm + 1e-6))}. Norms are computed
   * in double, so float32 gradients cannot overflow them.
   */
  record ByGlobalNorm(double maxNorm, double p) implements Clip {
    public ByGlobalNorm {
      requirePositive("clip by norm", maxNorm);
      requirePositive("clip by norm: order", p);
    }
  }

  /** The bound on nothing. */
  static Clip none() {
    return new None();
  }

  /** {@link ByGlobalNorm} with the 2-norm. */
  static Clip byGlobalNorm(double maxNorm) {
    return new ByGlobalNorm(maxNorm, 2);
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
    Tensor factor = factor(norm, clip.maxNorm());
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

  /** {@code min(1, maxNorm / (norm + 1e-6))}; NaN for a NaN norm. */
  static Tensor factor(Tensor norm, double maxNorm) {
    return norm.add(1e-6).reciprocal().mul(maxNorm).clamp(0, 1);
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
