package talweg.optim;

import static talweg.spi.StepState.APPLIED;
import static talweg.spi.StepState.GRAD_SCALE;
import static talweg.spi.StepState.WRITE;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import talweg.op.BinaryKind;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * Runs any chain segment by segment in plain tensor operations: right everywhere, and the oracle of
 * the fused plans.
 */
final class ComposedPlan implements UpdatePlan {
  private final FlatGroup flat;
  private final List<ParameterGroup> groups;
  private final RateRing rates;
  private final StepStateVector state;
  private final Clip clip;
  private final String reason;

  ComposedPlan(
      FlatGroup flat,
      List<ParameterGroup> groups,
      RateRing rates,
      StepStateVector state,
      Clip clip,
      String reason) {
    this.flat = flat;
    this.groups = groups;
    this.rates = rates;
    this.state = state;
    this.clip = clip;
    this.reason = reason;
    for (ParameterGroup group : groups) {
      for (GradientTransform transform : group.optimizer().chain()) {
        transform.stateNames().forEach(flat::state);
        transform.scalarNames().forEach(flat::scalar);
      }
    }
  }

  @Override
  public void update() {
    Session session = flat.session();
    Tensor write = state.entry(WRITE);
    Tensor mayWrite = write.compare(BinaryKind.NE, 0);
    Tensor scale = state.entry(GRAD_SCALE).to(flat.params().dtype());
    for (int i = 0; i < flat.size(); i++) {
      if (flat.hasGradient(i)) {
        try (var _ = session.scope("update of " + flat.parameters().get(i).name())) {
          updateSegment(i, write, mayWrite, scale);
        }
      }
    }
    state.advance();
  }

  private void updateSegment(int i, Tensor write, Tensor mayWrite, Tensor scale) {
    Tensor step = FlatGroup.entry(flat.steps(), i);
    step.assign(step.add(write));
    Tensor weights = flat.view(flat.params(), i);
    SegmentUpdate segment = new SegmentUpdate(weights, statesOf(i), step, mayWrite);
    Tensor update = flat.view(flat.grads(), i).mul(scale);
    if (clip instanceof Clip.ByValue byValue) {
      update = update.clamp(-byValue.limit(), byValue.limit());
    }
    for (GradientTransform transform : groups.get(flat.group(i)).optimizer().chain()) {
      update = transform.apply(update, segment);
    }
    Tensor rate = rates.current(flat.group(i), state.entry(APPLIED));
    segment.write(weights, weights.sub(update.mul(rate.to(weights.dtype()))));
  }

  private Map<String, Tensor> statesOf(int i) {
    Map<String, Tensor> views = new LinkedHashMap<>();
    flat.states().forEach((name, tensor) -> views.put(name, flat.view(tensor, i)));
    flat.scalars().forEach((name, tensor) -> views.put(name, FlatGroup.entry(tensor, i)));
    return views;
  }

  @Override
  public String explain() {
    return "composed from tensor operations, segment by segment: " + reason;
  }
}
