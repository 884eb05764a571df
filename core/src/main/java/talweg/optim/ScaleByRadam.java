package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.op.BinaryKind;
import talweg.tensor.Tensor;

/**
 * RAdam's direction (Liu et al. 2020): Adam's, times a factor that corrects for the variance of an
 * average of few squares; while the average is shorter than 5 steps, the corrected first moment
 * alone. As in PyTorch eps is added before the second moment's bias correction.
 */
public record ScaleByRadam(double beta1, double beta2, double eps) implements GradientTransform {
  /** Length of the average from which on its variance is tractable. */
  private static final double TRACTABLE = 5;

  public ScaleByRadam {
    Require.decay("radam", "beta1", beta1);
    Require.decay("radam", "beta2", beta2);
    Require.notNegative("radam", "eps", eps);
  }

  @Override
  public Tensor apply(Tensor g, SegmentUpdate segment) {
    Tensor m = segment.evolve("exp_avg", old -> old.mul(beta1).add(g.mul(1 - beta1)));
    Tensor v = segment.evolve("exp_avg_sq", old -> old.mul(beta2).add(g.square().mul(1 - beta2)));
    Tensor mean = m.mul(segment.biasCorrection(beta1).reciprocal().to(g.dtype()));
    Tensor correction = segment.biasCorrection(beta2);
    Tensor length = length(segment.step(), correction);
    Tensor scale = rectification(length).mul(correction.sqrt()).to(g.dtype());
    Tensor rectified = mean.div(v.sqrt().add(eps)).mul(scale);
    return length.compare(BinaryKind.GT, TRACTABLE).where(rectified, mean);
  }

  /** rho(t) = rho(infinity) - 2 t beta2^t / (1 - beta2^t). */
  private Tensor length(Tensor step, Tensor correction) {
    Tensor odds = correction.affine(-1, 1).div(correction);
    return step.mul(odds).affine(-2, longest());
  }

  private double longest() {
    return 2 / (1 - beta2) - 1;
  }

  /** NaN for lengths that are not tractable, where it is not used. */
  private Tensor rectification(Tensor length) {
    double end = longest();
    Tensor square = length.sub(4).mul(length.sub(2)).div(length);
    return square.mul(end / ((end - 4) * (end - 2))).sqrt();
  }

  @Override
  public List<String> stateNames() {
    return List.of("exp_avg", "exp_avg_sq");
  }
}
