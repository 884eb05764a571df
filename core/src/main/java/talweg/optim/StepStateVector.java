package talweg.optim;

import talweg.op.BinaryKind;
import talweg.session.RandomStream;
import talweg.session.Session;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * The step state of one optimizer, in device memory and laid out as {@link StepState} says, and the
 * random stream that is counted in it.
 */
final class StepStateVector {
  private final Session session;
  private final Tensor vector;
  private final RandomStream random;

  StepStateVector(Session session) {
    this.session = session;
    this.vector =
        session.emptyIn(session.root(), DType.F64, Shape.of(StepState.LENGTH)).named("step state");
    this.random = new RandomStream(session, vector);
    session.backend().fill(vector.view(), 0);
    session.backend().fill(counters(StepState.INCREMENTS), 1);
  }

  Tensor vector() {
    return vector;
  }

  RandomStream random() {
    return random;
  }

  /** One entry as a scalar view. */
  Tensor entry(int index) {
    return FlatGroup.entry(vector, index);
  }

  /** One entry's value; waits for the device. */
  double read(int index) {
    return vector.toDoubles()[index];
  }

  /** Forgets that a gradient was not finite, which would forbid all further updates. */
  void forgetBadStep() {
    for (int index : new int[] {StepState.BAD_SEGMENT, StepState.BAD_STEP}) {
      session.backend().fill(entry(index).view(), 0);
    }
  }

  /** Ends a step whose counters no fused update moved: adds the increments to them. */
  void advance() {
    View counters = counters(0);
    session.backend().binary(BinaryKind.ADD, counters, counters(StepState.INCREMENTS), counters);
    random.restart();
  }

  private View counters(int from) {
    return vector.view().slice(new int[] {from}, new int[] {1}, Shape.of(StepState.COUNTERS));
  }
}
