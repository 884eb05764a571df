package talweg.optim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import talweg.op.FusedCall;
import talweg.optim.GradientTransform.AddDecayedWeights;
import talweg.optim.GradientTransform.Momentum;
import talweg.optim.GradientTransform.ScaleByAdam;
import talweg.tensor.Tensor;

/**
 * Decides how a chain runs: as one fused pass where the chain is a known one and the backend offers
 * it, else composed.
 */
final class FusionPlanner {
  private FusionPlanner() {}

  static UpdatePlan plan(
      FlatGroup flat, List<ParameterGroup> groups, RateRing rates, OptimizerOptions options) {
    Clip clip = options.clip();
    if (options.composed()) {
      return new ComposedPlan(flat, groups, rates, clip, "as the options ask for");
    }
    List<AdamChain> adam =
        groups.stream().map(g -> AdamChain.match(g.optimizer().chain())).toList();
    if (adam.stream()
        .allMatch(c -> c != null && c.adam.amsgrad() == adam.getFirst().adam.amsgrad())) {
      return supported(flat, FusedCall.AdamStep.class)
          ? fusedAdam(flat, adam, rates, clip)
          : composed(flat, groups, rates, clip, FusedCall.AdamStep.class);
    }
    List<SgdChain> sgd = groups.stream().map(g -> SgdChain.match(g.optimizer().chain())).toList();
    if (sgd.stream().allMatch(c -> c != null)) {
      return supported(flat, FusedCall.SgdStep.class)
          ? fusedSgd(flat, sgd, rates, clip)
          : composed(flat, groups, rates, clip, FusedCall.SgdStep.class);
    }
    return new ComposedPlan(flat, groups, rates, clip, "no fused call covers this chain");
  }

  private static boolean supported(FlatGroup flat, Class<? extends FusedCall> call) {
    return flat.session().backend().supports(call);
  }

  private static UpdatePlan composed(
      FlatGroup flat, List<ParameterGroup> groups, RateRing rates, Clip clip, Class<?> call) {
    String backend = flat.session().backend().name();
    return new ComposedPlan(
        flat,
        groups,
        rates,
        clip,
        "backend " + backend + " does not offer " + call.getSimpleName());
  }

  private static UpdatePlan fusedAdam(
      FlatGroup flat, List<AdamChain> chains, RateRing rates, Clip clip) {
    double[][] rows =
        chains.stream()
            .map(c ->
                new double[] {
                  c.adam.beta1(), c.adam.beta2(), c.adam.eps(), c.l2, c.decay, clipValue(clip)
                })
            .toArray(double[][]::new);
    boolean amsgrad = chains.getFirst().adam.amsgrad();
    Tensor m = flat.state("exp_avg");
    Tensor v = flat.state("exp_avg_sq");
    Tensor vMax = amsgrad ? flat.state("max_exp_avg_sq") : null;
    return new FusedPlan(
        flat,
        rates,
        rows,
        (update, constants) ->
            new FusedCall.AdamStep(
                update, constants, m.view(), v.view(), vMax == null ? null : vMax.view()));
  }

  private static UpdatePlan fusedSgd(
      FlatGroup flat, List<SgdChain> chains, RateRing rates, Clip clip) {
    double[][] rows =
        chains.stream()
            .map(c ->
                new double[] {
                  c.momentum.momentum(),
                  c.momentum.dampening(),
                  c.momentum.nesterov() ? 1 : 0,
                  c.l2,
                  clipValue(clip)
                })
            .toArray(double[][]::new);
    boolean withMomentum = chains.stream().anyMatch(c -> c.momentum.momentum() != 0);
    Tensor buffer = withMomentum ? flat.state("momentum_buffer") : null;
    return new FusedPlan(
        flat,
        rates,
        rows,
        (update, constants) ->
            new FusedCall.SgdStep(update, constants, buffer == null ? null : buffer.view()));
  }

  private static double clipValue(Clip clip) {
    return clip instanceof Clip.ByValue byValue ? byValue.limit() : Double.POSITIVE_INFINITY;
  }

  /** [decay] adam [decay]: the first is an L2 penalty, the second decoupled. */
  private record AdamChain(double l2, ScaleByAdam adam, double decay) {
    static AdamChain match(List<GradientTransform> chain) {
      Deque<GradientTransform> rest = new ArrayDeque<>(chain);
      double l2 = takeDecay(rest);
      if (!(rest.poll() instanceof ScaleByAdam adam)) {
        return null;
      }
      double decay = takeDecay(rest);
      return rest.isEmpty() ? new AdamChain(l2, adam, decay) : null;
    }
  }

  /** [decay] [momentum]. */
  private record SgdChain(double l2, Momentum momentum) {
    static SgdChain match(List<GradientTransform> chain) {
      Deque<GradientTransform> rest = new ArrayDeque<>(chain);
      double l2 = takeDecay(rest);
      Momentum momentum = rest.peek() instanceof Momentum m ? m : new Momentum(0, 0, false);
      if (rest.peek() instanceof Momentum) {
        rest.poll();
      }
      return rest.isEmpty() ? new SgdChain(l2, momentum) : null;
    }
  }

  /** Removes a decay from the front of a chain; 0 if there is none. */
  private static double takeDecay(Deque<GradientTransform> chain) {
    if (chain.peek() instanceof AddDecayedWeights decayed) {
      chain.poll();
      return decayed.decay();
    }
    return 0;
  }
}
