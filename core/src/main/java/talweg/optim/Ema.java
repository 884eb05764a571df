package talweg.optim;

import static talweg.spi.StepState.WRITE;

import talweg.check.Require;
import talweg.error.TalwegException;
import talweg.nn.Parameter;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * An exponential moving average of the weights that an optimizer trains (Polyak and Juditsky 1992):
 * {@code average = decay * average + (1 - decay) * w}, starting at the weights when it is made. It
 * lives on the device in one buffer beside the flat weights. Averages often generalise better than
 * the last weights:
 *
 * <pre>{@code
 * Ema ema = new Ema(optimizer, 0.999);
 * // after each optimizer.step():
 * ema.update();
 * // for evaluation:
 * try (var _ = ema.swapIn()) {
 *   trainer.evaluate(test);
 * }
 * }</pre>
 *
 * <p>Buffers such as batch normalisation's statistics are no weights and are not averaged.
 */
public final class Ema implements AutoCloseable {
  private final Session session;
  private final FlatGroup flat;
  private final StepStateVector state;
  private final double decay;
  private final Tensor average;
  private boolean swapped;

  /**
   * An average that starts at the current weights.
   *
   * @param decay share of the old average that stays, from 0 (included) to 1 (excluded)
   */
  public Ema(Optimizer optimizer, double decay) {
    Require.decay("ema", "decay", decay);
    this.session = optimizer.session();
    this.flat = optimizer.flat();
    this.state = optimizer.stepState();
    this.decay = decay;
    this.average =
        session
            .emptyIn(session.root(), flat.params().dtype(), flat.params().shape())
            .named("average of the weights");
    average.assign(flat.params());
  }

  /**
   * Takes the weights of the last step into the average; does nothing after a step that was left
   * out for its gradients. The device decides that, so nothing waits, and it may be captured.
   *
   * @throws TalwegException while the average is swapped in
   */
  public void update() {
    requireTraining();
    try (var _ = session.noGrad();
        var _ = session.scope("average of the weights")) {
      Tensor written = state.entry(WRITE);
      Tensor share = written.mul(1 - decay).to(average.dtype());
      average.assign(average.add(flat.params().sub(average).mul(share)));
    }
  }

  /**
   * Puts the average in the place of the weights until the result is closed. Do not train in
   * between.
   *
   * @throws TalwegException if it is swapped in already
   */
  public Swapped swapIn() {
    requireTraining();
    exchange();
    swapped = true;
    return new Swapped(this);
  }

  /** While it is open, the model has the averaged weights. */
  public static final class Swapped implements AutoCloseable {
    private final Ema ema;
    private boolean closed;

    private Swapped(Ema ema) {
      this.ema = ema;
    }

    /**
     * Puts the trained weights back.
     *
     * @throws TalwegException if all weights were replaced meanwhile, naming one of them
     */
    @Override
    public void close() {
      if (!closed) {
        closed = true;
        ema.swapped = false;
        ema.requireWeights();
        ema.exchange();
      }
    }
  }

  /**
   * The average of one parameter.
   *
   * @throws IllegalArgumentException if the optimizer does not train it
   */
  public Tensor of(Parameter parameter) {
    return flat.view(swapped ? flat.params() : average, flat.segmentOf(parameter));
  }

  /** Returns the memory of the average, which must not be swapped in. */
  @Override
  public void close() {
    if (swapped) {
      throw new TalwegException(
          "ema: the average is swapped in; close what swapIn() returned first");
    }
    average.free();
  }

  private void exchange() {
    try (var _ = session.noGrad();
        var _ = session.scope("exchange of weights and average")) {
      Tensor copy = session.zeros(average.dtype(), Math.toIntExact(average.size()));
      copy.assign(average);
      average.assign(flat.params());
      flat.params().assign(copy);
    }
  }

  private void requireWeights() {
    if (flat.params().storage().isClosed()) {
      try {
        flat.requireStanding();
      } catch (TalwegException e) {
        throw new TalwegException(
            "ema: the trained weights cannot be put back: " + e.getMessage(), e);
      }
    }
  }

  private void requireTraining() {
    flat.requireStanding();
    if (swapped) {
      throw new TalwegException(
          "ema: the average is swapped in; close what swapIn() returned before going on");
    }
  }
}
