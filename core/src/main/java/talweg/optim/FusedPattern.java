package talweg.optim;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import talweg.op.FusedCall;
import talweg.optim.GradientTransform.AddDecayedWeights;
import talweg.optim.GradientTransform.Momentum;
import talweg.optim.GradientTransform.ScaleByAdam;
import talweg.spi.View;
import talweg.tensor.Tensor;

/** A family of chains that one fused call can run. */
sealed interface FusedPattern {
  /** The families, each chain belonging to one at most. */
  List<FusedPattern> ALL =
      List.of(
          new AdamChain(), new SgdChain(), new RmsPropChain(), new AdagradChain(), new LambChain());

  /** The call that runs the family. */
  Class<? extends FusedCall> call();

  /**
   * A chain's constants in the columns of the call, or null if the chain is not of this family.
   *
   * @param clip bound of gradient elements, infinity for none
   */
  double[] constants(List<GradientTransform> chain, double clip);

  /** Whether the groups' chains, all of this family, have the same states. */
  default boolean sharesOneCall(List<List<GradientTransform>> chains) {
    return true;
  }

  /** Makes the call. */
  FusedCall bind(
      FlatGroup flat,
      List<List<GradientTransform>> chains,
      FusedCall.Update update,
      View constants);

  /** [decay] adam [decay]: the first is an L2 penalty, the second decoupled. */
  record AdamChain() implements FusedPattern {
    @Override
    public Class<? extends FusedCall> call() {
      return FusedCall.AdamStep.class;
    }

    @Override
    public double[] constants(List<GradientTransform> chain, double clip) {
      Links links = new Links(chain);
      double l2 = links.decay();
      ScaleByAdam adam = links.next(ScaleByAdam.class);
      double decay = links.decay();
      return adam == null || !links.isEmpty()
          ? null
          : new double[] {adam.beta1(), adam.beta2(), adam.eps(), l2, decay, clip};
    }

    @Override
    public boolean sharesOneCall(List<List<GradientTransform>> chains) {
      return chains.stream().map(c -> Links.find(c, ScaleByAdam.class).amsgrad()).distinct().count()
          == 1;
    }

    @Override
    public FusedCall bind(
        FlatGroup flat,
        List<List<GradientTransform>> chains,
        FusedCall.Update update,
        View constants) {
      boolean amsgrad = Links.find(chains.getFirst(), ScaleByAdam.class).amsgrad();
      View m = flat.state("exp_avg").view();
      View v = flat.state("exp_avg_sq").view();
      View vMax = amsgrad ? flat.state("max_exp_avg_sq").view() : null;
      return new FusedCall.AdamStep(update, constants, m, v, vMax);
    }
  }

  /** [decay] [momentum]. */
  record SgdChain() implements FusedPattern {
    @Override
    public Class<? extends FusedCall> call() {
      return FusedCall.SgdStep.class;
    }

    @Override
    public double[] constants(List<GradientTransform> chain, double clip) {
      Links links = new Links(chain);
      double l2 = links.decay();
      Momentum given = links.next(Momentum.class);
      Momentum momentum = given == null ? new Momentum(0, 0, false) : given;
      return links.isEmpty()
          ? new double[] {
            momentum.momentum(), momentum.dampening(), momentum.nesterov() ? 1 : 0, l2, clip
          }
          : null;
    }

    @Override
    public FusedCall bind(
        FlatGroup flat,
        List<List<GradientTransform>> chains,
        FusedCall.Update update,
        View constants) {
      return new FusedCall.SgdStep(update, constants, Links.momentumBuffer(flat, chains));
    }
  }

  /** [decay] rms [momentum]. */
  record RmsPropChain() implements FusedPattern {
    @Override
    public Class<? extends FusedCall> call() {
      return FusedCall.RmsPropStep.class;
    }

    @Override
    public double[] constants(List<GradientTransform> chain, double clip) {
      Links links = new Links(chain);
      double l2 = links.decay();
      ScaleByRms rms = links.next(ScaleByRms.class);
      Momentum given = links.next(Momentum.class);
      Momentum momentum = given == null ? new Momentum(0, 0, false) : given;
      boolean plain = !momentum.nesterov() && momentum.dampening() == 0;
      return rms == null || !plain || !links.isEmpty()
          ? null
          : new double[] {rms.alpha(), rms.eps(), momentum.momentum(), l2, clip};
    }

    @Override
    public boolean sharesOneCall(List<List<GradientTransform>> chains) {
      return chains.stream().map(c -> Links.find(c, ScaleByRms.class).centered()).distinct().count()
          == 1;
    }

    @Override
    public FusedCall bind(
        FlatGroup flat,
        List<List<GradientTransform>> chains,
        FusedCall.Update update,
        View constants) {
      boolean centered = Links.find(chains.getFirst(), ScaleByRms.class).centered();
      View squares = flat.state("square_avg").view();
      View means = centered ? flat.state("grad_avg").view() : null;
      View buffer = Links.momentumBuffer(flat, chains);
      return new FusedCall.RmsPropStep(update, constants, squares, means, buffer);
    }
  }

  /** [decay] adagrad. */
  record AdagradChain() implements FusedPattern {
    @Override
    public Class<? extends FusedCall> call() {
      return FusedCall.AdagradStep.class;
    }

    @Override
    public double[] constants(List<GradientTransform> chain, double clip) {
      Links links = new Links(chain);
      double l2 = links.decay();
      ScaleByAdagrad adagrad = links.next(ScaleByAdagrad.class);
      return adagrad == null || !links.isEmpty()
          ? null
          : new double[] {adagrad.eps(), adagrad.rateDecay(), l2, clip};
    }

    @Override
    public FusedCall bind(
        FlatGroup flat,
        List<List<GradientTransform>> chains,
        FusedCall.Update update,
        View constants) {
      return new FusedCall.AdagradStep(update, constants, flat.state("sum").view());
    }
  }

  /**
   * [decay] moments [decay] trust ratio, with moments as in Adam or as NVIDIA's LAMB varies them.
   */
  record LambChain() implements FusedPattern {
    @Override
    public Class<? extends FusedCall> call() {
      return FusedCall.LambStep.class;
    }

    @Override
    public double[] constants(List<GradientTransform> chain, double clip) {
      Links links = new Links(chain);
      double l2 = links.decay();
      ScaleByLambMoments moments = links.lambMoments();
      double decay = links.decay();
      ScaleByTrustRatio ratio = links.next(ScaleByTrustRatio.class);
      return moments == null || ratio == null || !links.isEmpty()
          ? null
          : new double[] {
            moments.beta1(),
            moments.beta2(),
            moments.eps(),
            l2,
            decay,
            moments.averageGradients() ? 1 - moments.beta1() : 1,
            moments.biasCorrection() ? 1 : 0,
            ratio.adapts() ? 1 : 0,
            ratio.minPhi(),
            ratio.maxPhi(),
            clip
          };
    }

    @Override
    public FusedCall bind(
        FlatGroup flat,
        List<List<GradientTransform>> chains,
        FusedCall.Update update,
        View constants) {
      Tensor ratios = flat.scalar("trust_ratio");
      View m = flat.state("exp_avg").view();
      View v = flat.state("exp_avg_sq").view();
      return new FusedCall.LambStep(update, constants, m, v, ratios.view());
    }
  }

  /** A chain that is taken apart from its front. */
  final class Links {
    private final Deque<GradientTransform> rest;

    Links(List<GradientTransform> chain) {
      this.rest = new ArrayDeque<>(chain);
    }

    boolean isEmpty() {
      return rest.isEmpty();
    }

    /** Takes the next link if it is of this type; null otherwise. */
    <T extends GradientTransform> T next(Class<T> type) {
      return type.isInstance(rest.peek()) ? type.cast(rest.poll()) : null;
    }

    /** Takes a decay; 0 if there is none. */
    double decay() {
      AddDecayedWeights decayed = next(AddDecayedWeights.class);
      return decayed == null ? 0 : decayed.decay();
    }

    /** Takes moments of either kind; null if there are none that LAMB knows. */
    ScaleByLambMoments lambMoments() {
      ScaleByAdam adam = next(ScaleByAdam.class);
      if (adam == null) {
        return next(ScaleByLambMoments.class);
      }
      return adam.amsgrad()
          ? null
          : new ScaleByLambMoments(adam.beta1(), adam.beta2(), adam.eps(), true, true);
    }

    static <T extends GradientTransform> T find(List<GradientTransform> chain, Class<T> type) {
      return chain.stream().filter(type::isInstance).map(type::cast).findFirst().orElseThrow();
    }

    /** The buffer that all groups share, or null if none has momentum. */
    static View momentumBuffer(FlatGroup flat, List<List<GradientTransform>> chains) {
      boolean any =
          chains.stream()
              .flatMap(List::stream)
              .anyMatch(t -> t instanceof Momentum m && m.momentum() != 0);
      return any ? flat.state("momentum_buffer").view() : null;
    }
  }
}
