package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * NAdam's direction (Dozat 2016): Adam with Nesterov momentum under the schedule {@code mu(t) =
 * beta1 (1 - 0.96^(t momentumDecay) / 2)}. With m and v as in Adam, P the product of mu(1) to mu(t)
 * and D the denominator of Adam it is {@code (1 - mu(t)) / (1 - P) g / D + mu(t + 1) / (1 - P mu(t
 * + 1)) m / D}.
 */
public record ScaleByNadam(double beta1, double beta2, double eps, double momentumDecay)
    implements GradientTransform {
  private static final String PRODUCT = "mu_product";

  public ScaleByNadam {
    Require.decay("nadam", "beta1", beta1);
    Require.decay("nadam", "beta2", beta2);
    Require.notNegative("nadam", "eps", eps);
    Require.notNegative("nadam", "momentum decay", momentumDecay);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    DType dtype = g.dtype();
    Tensor m = segment.evolve("exp_avg", old -> old.mul(beta1).add(g.mul(1 - beta1)));
    Tensor v = segment.evolve("exp_avg_sq", old -> old.mul(beta2).add(g.square().mul(1 - beta2)));
    Tensor mu = momentum(segment.step());
    Tensor next = momentum(segment.step().add(1));
    Tensor product = segment.evolve(PRODUCT, old -> old.mul(mu));
    Tensor shareOfG = mu.affine(-1, 1).div(product.affine(-1, 1));
    Tensor shareOfM = next.div(product.mul(next).affine(-1, 1));
    Tensor scale = segment.biasCorrection(beta2).rsqrt().to(dtype);
    Tensor denominator = v.sqrt().mul(scale).add(eps);
    return g.mul(shareOfG.to(dtype)).add(m.mul(shareOfM.to(dtype))).div(denominator);
  }

  /** mu(t) of an F64 scalar t. */
  private Tensor momentum(Tensor t) {
    Tensor power = t.session().scalar(DType.F64, 0.96).pow(t.mul(momentumDecay));
    return power.affine(-0.5 * beta1, beta1);
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }

  @Override
  public List<String> scalarNames() {
    return List.of(PRODUCT);
  }

  @Override
  public double initialValue(String state) {
    return state.equals(PRODUCT) ? 1 : 0;
  }
}
