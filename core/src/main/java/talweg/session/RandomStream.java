package talweg.session;

import java.util.OptionalLong;
import talweg.op.BinaryKind;
import talweg.op.RandomKind;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A stream of random numbers on the device. A draw is addressed by the stream's seed, a counter in
 * device memory, and the number of the draw since that counter last moved ({@link
 * talweg.spi.Philox}), so that a replayed step draws new numbers.
 *
 * <p>A session has a stream, and each optimizer has one of its own, from which the modules draw
 * that it trains. So training one model never changes the random numbers of another.
 */
public final class RandomStream {
  /** Draws of a session's own stream, whose counter moves with each of them, are at this site. */
  private static final int OWN_SITE = -1;

  private final Session session;
  private final Tensor state;
  private final boolean countsSteps;
  private OptionalLong seed = OptionalLong.empty();
  private int nextSite;
  private long moves;

  /**
   * A stream over a vector that {@link StepState} describes, in which the owner counts steps: draws
   * of one step are numbered, and {@link #restart} starts the next step.
   */
  public RandomStream(Session session, Tensor state) {
    this(session, state, true);
  }

  /** A stream with a vector of its own, which lives as long as the session; it is at step 0. */
  public static RandomStream on(Session session) {
    Tensor state =
        session
            .emptyIn(session.root(), DType.F64, Shape.of(StepState.LENGTH))
            .named("random numbers");
    RandomStream stream = new RandomStream(session, state);
    stream.reset();
    return stream;
  }

  private RandomStream(Session session, Tensor state, boolean countsSteps) {
    this.session = session;
    this.state = state;
    this.countsSteps = countsSteps;
  }

  /** A session's own stream, whose counter moves with each draw. */
  static RandomStream perDraw(Session session, Tensor state) {
    return new RandomStream(session, state, false);
  }

  /** Gives this stream a seed of its own; without one it has the session's. */
  public void seed(long seed) {
    session.requireOpen();
    this.seed = OptionalLong.of(seed);
    restart();
  }

  /** The session that it draws on. */
  public Session session() {
    return session;
  }

  /**
   * Starts a step, whose number its owner has written or lets the device write: its first draw is
   * number 0.
   */
  public void restart() {
    session.requireOpen();
    nextSite = 0;
    noteStep();
    session.captures().restarted(this);
  }

  /** Notes that the owner's step is about to move the counter, perhaps in a replay. */
  public void noteStep() {
    session.requireOpen();
    moves++;
  }

  /** How often the counter was moved, or may have been. */
  long moves() {
    return moves;
  }

  int nextSite() {
    return nextSite;
  }

  /** Numbers the next draw of this step. */
  void continueAt(int site) {
    nextSite = site;
  }

  /** Moves the counter of the device by one. */
  void advance() {
    View counter = entry(StepState.RANDOM);
    session
        .backend()
        .binary(BinaryKind.ADD, counter, entry(StepState.INCREMENTS + StepState.RANDOM), counter);
    restart();
  }

  /** Restarts at the first number of the first step. */
  public void reset() {
    session.backend().fill(entry(StepState.RANDOM), 0);
    restart();
  }

  void draw(RandomKind kind, View out) {
    long key = seed.orElse(session.seed());
    if (countsSteps) {
      session.captures().draws(this);
      session.backend().random(kind, key, nextSite++, state.view(), out);
    } else {
      session.backend().random(kind, key, OWN_SITE, state.view(), out);
      advance();
    }
  }

  private View entry(int index) {
    return state.view().slice(new int[] {index}, new int[] {1}, Shape.of(1));
  }
}
