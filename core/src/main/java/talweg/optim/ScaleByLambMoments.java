package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.tensor.Tensor;

/**
 * Adam's direction with the choices of NVIDIA's LAMB: {@code m = b1 m + (averageGradients ? 1 - b1
 * : 1) g; v = b2 v + (1 - b2) g^2}, and {@code (m / c1) / (sqrt(v / c2) + eps)} with the usual bias
 * corrections c, or 1 without them. With both choices on it is {@link
 * GradientTransform.ScaleByAdam}.
 */
public record ScaleByLambMoments(
    double beta1, double beta2, double eps, boolean biasCorrection, boolean averageGradients)
    implements GradientTransform {
  public ScaleByLambMoments {
    Require.decay("lamb", "beta1", beta1);
    Require.decay("lamb", "beta2", beta2);
    Require.notNegative("lamb", "eps", eps);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    double share = averageGradients ? 1 - beta1 : 1;
    Tensor m = segment.evolve("exp_avg", old -> old.mul(beta1).add(g.mul(share)));
    Tensor v = segment.evolve("exp_avg_sq", old -> old.mul(beta2).add(g.square().mul(1 - beta2)));
    if (!biasCorrection) {
      return m.div(v.sqrt().add(eps));
    }
    Tensor scale1 = segment.biasCorrection(beta1).reciprocal().to(g.dtype());
    Tensor scale2 = segment.biasCorrection(beta2).rsqrt().to(g.dtype());
    return m.mul(scale1).div(v.sqrt().mul(scale2).add(eps));
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }
}
