package talweg.optim;

import java.util.Map;
import java.util.function.UnaryOperator;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * What a composed update of one parameter works with. Nothing is written where the step state
 * forbids it, which is decided on the device, without the host.
 */
public final class SegmentUpdate {
  private final Tensor weights;
  private final Map<String, Tensor> states;
  private final Tensor step;
  private final Tensor mayWrite;

  /**
   * One parameter's part of a step.
   *
   * @param weights view of the parameter
   * @param states views of its state tensors by name
   * @param step F64 scalar: number of this update for this parameter, from 1
   * @param mayWrite U8 scalar: whether the step is applied at all
   */
  SegmentUpdate(Tensor weights, Map<String, Tensor> states, Tensor step, Tensor mayWrite) {
    this.weights = weights;
    this.states = states;
    this.step = step;
    this.mayWrite = mayWrite;
  }

  /** The weights before the update. */
  Tensor weights() {
    return weights;
  }

  /** Number of this update for this parameter, from 1, as an F64 scalar. */
  Tensor step() {
    return step;
  }

  /** 1 - beta^step as an F64 scalar. */
  Tensor biasCorrection(double beta) {
    return step.session().scalar(DType.F64, beta).pow(step).affine(-1, 1);
  }

  /** A state as it is now. */
  Tensor state(String name) {
    return states.get(name);
  }

  /** Computes the next value of a state tensor and stores it. */
  Tensor evolve(String state, UnaryOperator<Tensor> next) {
    Tensor old = states.get(state);
    Tensor value = next.apply(old);
    write(old, value);
    return value;
  }

  /** Stores a new value, if this step may write. */
  void write(Tensor target, Tensor value) {
    target.assign(mayWrite.where(value, target));
  }
}
