package talweg.optim;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import talweg.op.FusedCall;

/**
 * Decides how a chain runs: as one fused pass where the chain is a known one and the backend offers
 * it, else composed.
 */
final class FusionPlanner {
  private FusionPlanner() {}

  static UpdatePlan plan(
      FlatGroup flat,
      List<ParameterGroup> groups,
      RateRing rates,
      StepStateVector state,
      OptimizerOptions options) {
    Clip clip = options.clip();
    if (options.composed()) {
      return new ComposedPlan(flat, groups, rates, state, clip, "as the options ask for");
    }
    List<List<GradientTransform>> chains = groups.stream().map(g -> g.optimizer().chain()).toList();
    Optional<FusedPattern> pattern =
        FusedPattern.ALL.stream()
            .filter(p -> chains.stream().map(c -> p.constants(c, 0)).allMatch(Objects::nonNull))
            .findFirst();
    if (pattern.isEmpty()) {
      return new ComposedPlan(flat, groups, rates, state, clip, "no fused call covers this chain");
    }
    Class<? extends FusedCall> call = pattern.get().call();
    if (!flat.session().backend().supports(call)) {
      String backend = flat.session().backend().name();
      String reason = "backend " + backend + " does not offer " + call.getSimpleName();
      return new ComposedPlan(flat, groups, rates, state, clip, reason);
    }
    double[][] rows =
        chains.stream()
            .map(c -> pattern.get().constants(c, clipValue(clip)))
            .toArray(double[][]::new);
    if (!pattern.get().sharesOneCall(chains)) {
      String reason = "the groups need different states, which one call cannot update";
      return new ComposedPlan(flat, groups, rates, state, clip, reason);
    }
    return new FusedPlan(
        flat,
        rates,
        state,
        rows,
        (update, constants) -> pattern.get().bind(flat, chains, update, constants));
  }

  private static double clipValue(Clip clip) {
    return clip instanceof Clip.ByValue byValue ? byValue.limit() : Double.POSITIVE_INFINITY;
  }
}
