package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.tensor.Tensor;

/**
 * Lion's direction (Chen et al. 2023, "Symbolic Discovery of Optimization Algorithms"): the sign of
 * {@code beta1 m + (1 - beta1) g}, after which {@code m = beta2 m + (1 - beta2) g}.
 */
public record ScaleByLion(double beta1, double beta2) implements GradientTransform {
  private static final String MEAN = "exp_avg";

  public ScaleByLion {
    Require.decay("lion", "beta1", beta1);
    Require.decay("lion", "beta2", beta2);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    Tensor direction = segment.state(MEAN).mul(beta1).add(g.mul(1 - beta1)).sign();
    segment.evolve(MEAN, old -> old.mul(beta2).add(g.mul(1 - beta2)));
    return direction;
  }

  @Override
  public List<String> stateNames() {
    return List.of(MEAN);
  }
}
