package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.tensor.Tensor;

/**
 * Adadelta's direction (Zeiler 2012): with {@code s = rho s + (1 - rho) g^2} it is {@code d =
 * sqrt(a + eps) / sqrt(s + eps) g}, after which {@code a = rho a + (1 - rho) d^2}.
 */
public record ScaleByAdadelta(double rho, double eps) implements GradientTransform {
  private static final String SQUARE = "square_avg";
  private static final String DELTA = "acc_delta";

  public ScaleByAdadelta {
    Require.fraction("adadelta", "rho", rho);
    Require.notNegative("adadelta", "eps", eps);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    Tensor s = segment.evolve(SQUARE, old -> old.mul(rho).add(g.square().mul(1 - rho)));
    Tensor d = segment.state(DELTA).add(eps).sqrt().div(s.add(eps).sqrt()).mul(g);
    segment.evolve(DELTA, old -> old.mul(rho).add(d.square().mul(1 - rho)));
    return d;
  }

  @Override
  public List<String> stateNames() {
    return List.of(SQUARE, DELTA);
  }
}
