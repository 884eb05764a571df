package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.tensor.Tensor;

/**
 * RMSprop's direction (Hinton 2012): with {@code s = alpha s + (1 - alpha) g^2} it is {@code g /
 * (sqrt(s) + eps)}; centered (Graves 2013), the square of {@code a = alpha a + (1 - alpha) g} is
 * taken off s under the root. That difference is a variance, so what rounding leaves below 0 counts
 * as 0.
 */
public record ScaleByRms(double alpha, double eps, boolean centered) implements GradientTransform {
  private static final String SQUARE = "square_avg";
  private static final String MEAN = "grad_avg";

  public ScaleByRms {
    Require.fraction("rmsprop", "alpha", alpha);
    Require.notNegative("rmsprop", "eps", eps);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    Tensor s = segment.evolve(SQUARE, old -> old.mul(alpha).add(g.square().mul(1 - alpha)));
    if (!centered) {
      return g.div(s.sqrt().add(eps));
    }
    Tensor a = segment.evolve(MEAN, old -> old.mul(alpha).add(g.mul(1 - alpha)));
    Tensor variance = s.sub(a.square()).clamp(0, Double.POSITIVE_INFINITY);
    return g.div(variance.sqrt().add(eps));
  }

  @Override
  public List<String> stateNames() {
    return centered ? List.of(SQUARE, MEAN) : List.of(SQUARE);
  }
}
