package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.tensor.Tensor;

/**
 * Adagrad's direction (Duchi, Hazan and Singer 2011): with the sum of all squared gradients so far
 * it is {@code g / (sqrt(sum) + eps) / (1 + (t - 1) rateDecay)} at step t.
 *
 * @param initialAccumulator what the sum starts at
 */
public record ScaleByAdagrad(double rateDecay, double eps, double initialAccumulator)
    implements GradientTransform {
  private static final String SUM = "sum";

  public ScaleByAdagrad {
    Require.notNegative("adagrad", "rate decay", rateDecay);
    Require.notNegative("adagrad", "eps", eps);
    Require.notNegative("adagrad", "initial accumulator", initialAccumulator);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    Tensor sum = segment.evolve(SUM, old -> old.add(g.square()));
    Tensor direction = g.div(sum.sqrt().add(eps));
    if (rateDecay == 0) {
      return direction;
    }
    Tensor rate = segment.step().affine(rateDecay, 1 - rateDecay).reciprocal();
    return direction.mul(rate.to(g.dtype()));
  }

  @Override
  public List<String> stateNames() {
    return List.of(SUM);
  }

  @Override
  public double initialValue(String state) {
    return initialAccumulator;
  }
}
