package talweg.optim;

import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import talweg.check.Require;
import talweg.error.NonFiniteException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** How gradients are bounded before an update. */
public sealed interface Clip {
  /** What PyTorch adds to a norm before it divides by it. */
  double PYTORCH_EPS = 1e-6;

  /** No bound. */
  record None() implements Clip {}

  /** Every element to plus or minus {@code limit}; NaN stays NaN. */
  record ByValue(double limit) implements Clip {
    public ByValue {
      Require.bound("clip by value", "limit", limit);
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
    public ByGlobalNorm {
      Require.bound("clip by global norm", "max norm", maxNorm);
      Require.bound("clip by global norm", "order of the norm", p);
      Require.notNegative("clip by global norm", "eps", eps);
    }

    /** The bound as PyTorch has it. */
    public ByGlobalNorm(double maxNorm, double p) {
      this(maxNorm, p, Clip.PYTORCH_EPS);
    }
  }

  /**
   * A bound that each tensor has for itself: there is no factor that all gradients share, so that
   * an update cannot apply it in passing.
   */
  sealed interface PerTensor extends Clip permits ByTensorNorm, Adaptive {
    /**
     * What to multiply a gradient by.
     *
     * @param gradient sum of the accumulated gradients
     * @param weights in the same shape
     * @param average factor that makes the sum an average
     * @return F64, one element or of a shape that broadcasts to the gradient's; NaN for a NaN norm
     */
    Tensor factor(Tensor gradient, Tensor weights, double average);

    /** The bound in words, which follow "clipped". */
    String describe();
  }

  /** As {@link ByGlobalNorm}, but the gradient of each parameter alone. */
  record ByTensorNorm(double maxNorm, double p) implements PerTensor {
    public ByTensorNorm {
      Require.bound("clip by tensor norm", "max norm", maxNorm);
      Require.bound("clip by tensor norm", "order of the norm", p);
    }

    @Override
    public Tensor factor(Tensor gradient, Tensor weights, double average) {
      Tensor norm = globalNorm(gradient.session(), List.of(gradient), p);
      return Clip.factor(norm.mul(average), maxNorm, PYTORCH_EPS);
    }

    @Override
    public String describe() {
      return "tensor by tensor to a norm of " + maxNorm;
    }
  }

  /**
   * Adaptive gradient clipping (Brock et al. 2021, eq. 3): a unit's gradient G to {@code |G| <=
   * ratio * max(|W|, eps)} with 2-norms. Units are what an output depends on: the rows of a matrix,
   * the filters of a convolution; vectors such as biases are one unit. The paper leaves the last
   * linear layer unclipped; here it is treated as all others.
   */
  record Adaptive(double ratio, double eps) implements PerTensor {
    public Adaptive {
      Require.positive("adaptive clipping", "ratio", ratio);
      Require.positive("adaptive clipping", "eps", eps);
    }

    @Override
    public Tensor factor(Tensor gradient, Tensor weights, double average) {
      Tensor bound = unitNorms(weights).clamp(eps, Double.POSITIVE_INFINITY).mul(ratio);
      // A gradient of zero has the factor infinity here, which becomes 1.
      return bound.div(unitNorms(gradient).mul(average)).clamp(0, 1);
    }

    @Override
    public String describe() {
      return "unit by unit to %s of the norm of the weights".formatted(ratio);
    }

    /** 2-norms over all axes but the first; over everything for vectors and scalars. */
    private static Tensor unitNorms(Tensor x) {
      int[] axes = IntStream.range(x.rank() < 2 ? 0 : 1, x.rank()).toArray();
      return x.to(DType.F64).square().sum(true, axes).sqrt();
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

  /** {@link ByTensorNorm} with the 2-norm. */
  static Clip byTensorNorm(double maxNorm) {
    return new ByTensorNorm(maxNorm, 2);
  }

  /** {@link Adaptive} with the paper's eps of 1e-3. */
  static Clip adaptive(double ratio) {
    return new Adaptive(ratio, 1e-3);
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
    Tensor factor = factor(norm, clip.maxNorm(), clip.eps());
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

  /**
   * Scales one gradient in place, see {@link PerTensor}.
   *
   * @param weights in the gradient's shape
   * @param average factor that the gradient is going to be multiplied by
   */
  static void scale(Tensor gradient, Tensor weights, double average, PerTensor clip) {
    Tensor factor = clip.factor(gradient, weights, average);
    gradient.assign(gradient.mul(factor.to(gradient.dtype())));
  }

  /** Clamps gradients in place. */
  static void byValue(List<Tensor> gradients, ByValue clip) {
    gradients.stream()
        .filter(Objects::nonNull)
        .forEach(g -> g.assign(g.clamp(-clip.limit(), clip.limit())));
  }

  /** The p-norm of all gradients as one vector, an F64 scalar; 0 if there are none. */
  static Tensor globalNorm(Session session, List<Tensor> gradients, double p) {
    List<Tensor> present =
        gradients.stream()
            .filter(g -> g != null && g.size() > 0)
            .map(g -> g.to(DType.F64))
            .toList();
    if (present.isEmpty()) {
      return session.scalar(DType.F64, 0);
    }
    if (p == 1) {
      return each(present, g -> g.abs().sum()).sum();
    }
    if (p == 2) {
      return each(present, g -> g.square().sum()).sum().sqrt();
    }
    Tensor largest = each(present, g -> g.abs().max(false)).max(false);
    if (Double.isInfinite(p)) {
      return largest;
    }
    // Powers of numbers up to 1 do not overflow, and that of the largest does not vanish.
    Tensor unit = largest.clamp(Double.MIN_NORMAL, Double.MAX_VALUE);
    return each(present, g -> g.div(unit).abs().pow(p).sum()).sum().pow(1 / p).mul(unit);
  }

  private static Tensor each(List<Tensor> gradients, UnaryOperator<Tensor> scalar) {
    Tensor[] parts = gradients.stream().map(g -> scalar.apply(g).reshape(1)).toArray(Tensor[]::new);
    return Tensor.concat(0, parts);
  }

  /** {@code min(1, maxNorm / (norm + eps))}; NaN for a NaN norm. */
  static Tensor factor(Tensor norm, double maxNorm, double eps) {
    return norm.add(eps).reciprocal().mul(maxNorm).clamp(0, 1);
  }
}
