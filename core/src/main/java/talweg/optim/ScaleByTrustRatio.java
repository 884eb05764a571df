package talweg.optim;

import java.util.List;
import talweg.op.BinaryKind;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * LAMB's layer-wise rate (You et al. 2020, Algorithm 2): the update times phi(|w|) / |update| with
 * 2-norms over one parameter, or unchanged where either norm is 0. The state {@code trust_ratio} is
 * the factor of the last step.
 *
 * @param adapts whether there is such a factor; NVIDIA's LAMB has 1 for a group without decay
 * @param minPhi phi clamps its argument from below to this; 0 for no bound
 * @param maxPhi and from above to this; infinity for no bound
 */
public record ScaleByTrustRatio(boolean adapts, double minPhi, double maxPhi)
    implements GradientTransform {
  private static final String RATIO = "trust_ratio";

  public ScaleByTrustRatio {
    if (!(0 <= minPhi && minPhi <= maxPhi && minPhi < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "trust ratio: expected 0 <= minPhi <= maxPhi, got %s and %s".formatted(minPhi, maxPhi));
    }
  }

  @Override
  public Tensor apply(Tensor update, SegmentUpdate segment) {
    if (!adapts) {
      return update;
    }
    Tensor ratio = segment.evolve(RATIO, _ -> ratio(norm(segment.weights()), norm(update)));
    return update.mul(ratio.to(update.dtype()));
  }

  private Tensor ratio(Tensor weightNorm, Tensor updateNorm) {
    Tensor one = weightNorm.session().scalar(DType.F64, 1);
    Tensor zero = weightNorm.mul(updateNorm).compare(BinaryKind.EQ, 0);
    return zero.where(one, weightNorm.clamp(minPhi, maxPhi).div(updateNorm));
  }

  private static Tensor norm(Tensor x) {
    return x.to(DType.F64).square().sum().sqrt();
  }

  @Override
  public List<String> scalarNames() {
    return List.of(RATIO);
  }

  @Override
  public double initialValue(String state) {
    return 1;
  }
}
