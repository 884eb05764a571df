package talweg.optim;

import java.util.List;
import talweg.check.Require;
import talweg.nn.Parameter;
import talweg.op.BinaryKind;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * One link of an optimizer: turns the gradient of one parameter into an update, or an update into a
 * better one. An optimizer is a chain of them, whose result times the learning rate is subtracted
 * from the weights (the idea of optax). This composed form is the specification; {@link
 * FusionPlanner} knows which chains a backend can run in one pass.
 *
 * <p>Decay, momentum and Adam's direction are here; every further link has a file of its own.
 */
public sealed interface GradientTransform
    permits GradientTransform.AddDecayedWeights,
        GradientTransform.Momentum,
        GradientTransform.ScaleByAdam,
        Orthogonalize,
        ScaleByAdadelta,
        ScaleByAdagrad,
        ScaleByLambMoments,
        ScaleByLion,
        ScaleByNadam,
        ScaleByRadam,
        ScaleByRms,
        ScaleByTrustRatio {
  /** The update that this link makes of {@code update}, in plain tensor operations. */
  Tensor apply(Tensor update, SegmentUpdate segment);

  /** Names of the state tensors with the parameter's shape, PyTorch's where it has them. */
  default List<String> stateNames() {
    return List.of();
  }

  /** Names of the states that are one number for each parameter, kept in F64. */
  default List<String> scalarNames() {
    return List.of();
  }

  /** What every element of a state holds before the first step. */
  default double initialValue(String state) {
    return 0;
  }

  /** Refuses, with a clear message, a parameter that this link cannot update. */
  default void requireFitting(Parameter parameter) {}

  /**
   * update + decay * w. In front of the chain this is an L2 penalty, behind {@link ScaleByAdam} the
   * decoupled decay of AdamW (Loshchilov and Hutter 2019).
   */
  record AddDecayedWeights(double decay) implements GradientTransform {
    public AddDecayedWeights {
      Require.notNegative("weight decay", "decay", decay);
    }

    @Override
    public Tensor apply(Tensor update, SegmentUpdate segment) {
      return decay == 0 ? update : update.add(segment.weights().mul(decay));
    }
  }

  /**
   * Momentum as PyTorch has it: b = g at the first step, later momentum * b + (1 - dampening) * g;
   * the result is b, with Nesterov g + momentum * b.
   */
  record Momentum(double momentum, double dampening, boolean nesterov)
      implements GradientTransform {
    private static final String BUFFER = "momentum_buffer";

    public Momentum {
      Require.fraction("momentum", "momentum", momentum);
      Require.fraction("momentum", "dampening", dampening);
      if (nesterov && (momentum <= 0 || dampening != 0)) {
        throw new IllegalArgumentException(
            "Nesterov momentum needs momentum > 0 and no dampening, got momentum %s and dampening %s"
                .formatted(momentum, dampening));
      }
    }

    @Override
    public Tensor apply(Tensor g, SegmentUpdate segment) {
      Tensor first = segment.step().compare(BinaryKind.EQ, 1);
      Tensor buffer =
          segment.evolve(
              BUFFER, old -> first.where(g, old.mul(momentum).add(g.mul(1 - dampening))));
      return nesterov ? g.add(buffer.mul(momentum)) : buffer;
    }

    @Override
    public List<String> stateNames() {
      return List.of(BUFFER);
    }
  }

  /**
   * Adam's direction (Kingma and Ba 2015): bias-corrected first moment over the root of the
   * bias-corrected second moment; with AMSGrad (Reddi et al. 2018) the largest uncorrected second
   * moment so far takes the second's place.
   */
  record ScaleByAdam(double beta1, double beta2, double eps, boolean amsgrad)
      implements GradientTransform {
    public ScaleByAdam {
      Require.decay("adam", "beta1", beta1);
      Require.decay("adam", "beta2", beta2);
      Require.notNegative("adam", "eps", eps);
    }

    @Override
    public Tensor apply(Tensor g, SegmentUpdate segment) {
      DType dtype = g.dtype();
      Tensor m = segment.evolve("exp_avg", old -> old.mul(beta1).add(g.mul(1 - beta1)));
      Tensor v = segment.evolve("exp_avg_sq", old -> old.mul(beta2).add(g.square().mul(1 - beta2)));
      Tensor top = amsgrad ? segment.evolve("max_exp_avg_sq", old -> old.maximum(v)) : v;
      Tensor scale1 = segment.biasCorrection(beta1).reciprocal().to(dtype);
      Tensor scale2 = segment.biasCorrection(beta2).rsqrt().to(dtype);
      return m.mul(scale1).div(top.sqrt().mul(scale2).add(eps));
    }

    @Override
    public List<String> stateNames() {
      return amsgrad
          ? List.of("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
          : List.of("exp_avg", "exp_avg_sq");
    }
  }
}
