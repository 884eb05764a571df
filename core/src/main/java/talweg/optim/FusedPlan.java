package talweg.optim;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.BiFunction;
import talweg.op.FusedCall;
import talweg.session.Session;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Updates the whole flat group by one call of the backend. */
final class FusedPlan implements UpdatePlan {
  private final Session session;
  private final StepStateVector state;
  private final Tensor table;
  private final FusedCall call;
  private final int segments;

  /**
   * Prepares the call.
   *
   * @param constants one row per group, in the columns of the call
   * @param call makes the call from the shared part and the constants on the device
   */
  FusedPlan(
      FlatGroup flat,
      RateRing rates,
      StepStateVector state,
      double[][] constants,
      BiFunction<FusedCall.Update, View, FusedCall> call) {
    this.session = flat.session();
    this.segments = flat.size();
    Shape shape = Shape.of(constants.length, constants[0].length);
    this.state = state;
    this.table = session.emptyIn(session.root(), DType.F64, shape).named("optimizer constants");
    table.assign(Arrays.stream(constants).flatMapToDouble(Arrays::stream).toArray());
    FusedCall.Update update =
        new FusedCall.Update(
            flat.params().view(),
            flat.grads().view(),
            flat.segments().view(),
            flat.steps().view(),
            rates.ring().view(),
            state.vector().view());
    this.call = call.apply(update, table.view());
  }

  @Override
  public void update() {
    session.backend().run(call);
    state.random().restart();
  }

  @Override
  public void free() {
    table.free();
  }

  @Override
  public String explain() {
    return String.format(
        Locale.ROOT,
        "fused: one %s over %d segments on %s",
        call.getClass().getSimpleName(),
        segments,
        session.backend().name());
  }
}
