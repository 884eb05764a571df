package talweg.optim;

import static talweg.spi.StepState.APPLIED;
import static talweg.spi.StepState.ATTEMPTED;
import static talweg.spi.StepState.BAD_SEGMENT;
import static talweg.spi.StepState.BAD_STEP;
import static talweg.spi.StepState.GRAD_NORM;
import static talweg.spi.StepState.RANDOM;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import talweg.error.CaptureException;
import talweg.error.NonFiniteException;
import talweg.error.TalwegException;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.session.RandomStream;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * An optimizer bound to parameters. One step, in this order: average of the accumulated gradients,
 * finite check, global norm, clipping, the chain of transforms, learning rate, update. All of it
 * stays on the device.
 *
 * <p>An optimizer has its parameters for itself, and all that changes from step to step is its own:
 * counts, learning rates, clipping, random numbers. So a session takes any number of optimizers,
 * and none changes what another one does. To train the parameters with another optimizer, {@link
 * #close} this one.
 */
public final class Optimizer implements AutoCloseable {
  private final Session session;
  private final FlatGroup flat;
  private final StepStateVector state;
  private final Set<Module> modules;

  /** What each parameter is called in the names of its states. */
  private final List<String> names;

  private final GradientGuard guard;
  private final RateRing rates;
  private final UpdatePlan plan;
  private long attempted;
  private boolean closed;

  private Optimizer(
      Map<String, Parameter> paths, List<ParameterGroup> groups, OptimizerOptions options) {
    this.session = OptimizerSpec.sessionOf(groups);
    this.flat = new FlatGroup(session, groups);
    List<Runnable> undo = new ArrayList<>(List.of(flat::release));
    try {
      this.state = new StepStateVector(session);
      undo.add(state.vector()::free);
      this.guard = new GradientGuard(flat, state, options);
      this.rates = new RateRing(session, groups.stream().map(g -> g.optimizer().rate()).toList());
      undo.add(rates::free);
      this.plan = FusionPlanner.plan(flat, groups, rates, state, options);
    } catch (RuntimeException | Error e) {
      undo.forEach(Runnable::run);
      throw e;
    }
    Map<Parameter, String> pathOf = new IdentityHashMap<>();
    paths.forEach((path, parameter) -> pathOf.put(parameter, path));
    this.names = flat.parameters().stream().map(p -> pathOf.getOrDefault(p, p.name())).toList();
    this.modules = Module.covering(flat.parameters());
    modules.forEach(module -> module.drawFrom(state.random()));
    Module.drawPartlyFrom(state.random(), flat.parameters());
  }

  /**
   * Moves the parameters of all groups into one flat buffer and prepares the update.
   *
   * @throws talweg.error.TalwegException if another optimizer trains one of them, or it is frozen
   */
  public static Optimizer bind(List<ParameterGroup> groups, OptimizerOptions options) {
    return new Optimizer(Map.of(), groups, options);
  }

  /**
   * As {@link #bind(List, OptimizerOptions)}, with the states named by the parameters' paths in a
   * model, whatever larger module that is part of.
   *
   * @throws talweg.error.TalwegException if another optimizer trains one of them, or it is frozen
   */
  public static Optimizer bind(
      Module model, List<ParameterGroup> groups, OptimizerOptions options) {
    return new Optimizer(model.named(), groups, options);
  }

  /**
   * Updates the parameters from the gradients of the backward passes since the last step, which it
   * then forgets.
   *
   * @throws CaptureException inside a captured step: there, {@link #apply} is for the device and
   *     {@link #prepare}, before the capture and each replay, for the host
   */
  public void step() {
    stepKeepingGradients();
    flat.clearGradients();
  }

  /**
   * As {@link #step}, but the gradients stay: the next step uses the same ones, or those that
   * further backward passes add to them. It is for measuring a step without a backward pass, as
   * PyTorch's {@code step()} without {@code zero_grad()}.
   *
   * <p>Bounds of {@link Clip.PerTensor} are applied to the gradients themselves, so that those stay
   * clipped.
   */
  public void stepKeepingGradients() {
    session.requireOpen();
    requireNotCapturing("step()");
    flat.requireStanding();
    flat.refreshGradientFlags();
    prepare();
    update();
  }

  /**
   * Refuses to go on with values that nobody uses any more.
   *
   * @throws TalwegException if the optimizer was closed, or a parameter's values were replaced by
   *     {@link Module#init} or {@link Module#to}
   */
  public void requireStanding() {
    session.requireOpen();
    flat.requireStanding();
  }

  /** Forgets the gradients without using them. */
  public void zeroGrad() {
    session.requireOpen();
    flat.requireStanding();
    flat.clearGradients();
  }

  /**
   * The host's part of a step: counting, and uploading learning rates now and then. A loop that
   * replays captured steps calls it before the capture and before each replay.
   *
   * @throws CaptureException inside a captured step, as {@link #step} does
   */
  public void prepare() {
    session.requireOpen();
    requireNotCapturing("prepare()");
    flat.requireStanding();
    state.random().noteStep();
    if (attempted % RateRing.WINDOW == 0) {
      rates.refresh(attempted == 0 ? 0 : appliedSteps());
    }
    rates.requireValid(attempted, this::appliedSteps);
    attempted++;
  }

  /**
   * The device's part of a step, which may be captured; then it updates the parameters that had a
   * gradient in the last step as written.
   *
   * @throws CaptureException if others have one in the captured step, such as in the very first
   */
  public void apply() {
    session.requireOpen();
    requireKnownGradients();
    update();
    flat.clearGradients();
  }

  private void requireNotCapturing(String what) {
    if (session.isCapturing()) {
      throw new CaptureException(
          "optimizer: %s inside a captured step would count and bring learning rates once, not at each replay"
              .formatted(what),
          "call prepare() before the capture and before each replay, and inside apply() in place of"
              + " step()");
    }
  }

  /** Which parameters are updated is uploaded, so not from inside a captured step. */
  private void requireKnownGradients() {
    if (!session.isCapturing()) {
      flat.requireStanding();
      if (flat.hasNewGradients()) {
        flat.refreshGradientFlags();
      }
      return;
    }
    Parameter other = flat.hasNewGradients() ? flat.firstOtherGradient() : null;
    if (other != null) {
      // The device may have recorded the backward pass without doing it.
      flat.clearGradients();
      throw new CaptureException(
          "optimizer: parameter %s has %s gradient in the captured step, other than in the last step as written"
              .formatted(other.describe(), flat.hasGradient(flat.segmentOf(other)) ? "no" : "a"),
          "run the step once as written, with step(), before it is captured");
    }
  }

  private void update() {
    try (var _ = session.noGrad();
        var _ = session.scope("optimizer step")) {
      guard.decide();
      plan.update();
    }
  }

  /**
   * Releases the parameters, which keep their values, and returns the memory of gradients and
   * states. Another optimizer may train them then; this one cannot be used any more.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    if (!state.vector().storage().isClosed()) {
      session.requireOpen();
    }
    closed = true;
    modules.forEach(module -> module.stopDrawingFrom(state.random()));
    Module.stopDrawingPartlyFrom(state.random(), flat.parameters());
    flat.release();
    rates.free();
    plan.free();
    state.vector().free();
  }

  StepStateVector stepState() {
    return state;
  }

  FlatGroup flat() {
    return flat;
  }

  /**
   * The random numbers of the modules that it trains, such as dropout's. They have the session's
   * seed until they are given one of their own.
   */
  public RandomStream random() {
    session.requireOpen();
    return state.random();
  }

  /** The session that the parameters live on. */
  public Session session() {
    return session;
  }

  /** Steps tried so far. */
  public long attemptedSteps() {
    session.requireOpen();
    return attempted;
  }

  /** Steps that changed the weights; waits for the device. */
  public long appliedSteps() {
    return (long) read(APPLIED);
  }

  /**
   * Global 2-norm of the last step's gradients before clipping (or the norm that clipping uses);
   * waits for the device. Call it before the next backward pass: where no step needs the norm,
   * under {@link NonFinite#PROPAGATE} without a bound on it, it is computed here.
   */
  public double gradientNorm() {
    if (!guard.isNeeded()) {
      try (var _ = session.noGrad();
          var _ = session.scope("gradient norm")) {
        guard.measure();
      }
    }
    return read(GRAD_NORM);
  }

  /**
   * Where each step leaves the norm of {@link #gradientNorm()} on the device, an F64 scalar, for
   * those who sum it up without waiting. Empty where no step needs the norm.
   */
  public Optional<Tensor> gradientNormOnDevice() {
    return guard.isNeeded() ? Optional.of(state.entry(GRAD_NORM)) : Optional.empty();
  }

  /** The rate that the first group's next step would use; waits for the device. */
  public double learningRate() {
    return rates.schedules().getFirst().rate(appliedSteps());
  }

  /** The schedule of each group as it is now, to be saved for {@link #schedules(List)}. */
  public List<Schedule> schedules() {
    session.requireOpen();
    return rates.schedules();
  }

  /**
   * Changes the schedule of each group; the next step uses it, also where captured steps are
   * replayed. Waits for the device.
   */
  public void schedules(List<Schedule> next) {
    session.requireOpen();
    if (next.size() != rates.schedules().size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "optimizer: expected a schedule for each of %d parameter groups, got %d",
              rates.schedules().size(),
              next.size()));
    }
    rates.replace(next, appliedSteps());
  }

  /**
   * Reports a metric, such as the loss on validation data after an epoch, to schedules that depend
   * on one; waits for the device only if there are such.
   */
  public void report(double metric) {
    session.requireOpen();
    List<Schedule> next = schedules().stream().map(s -> s.after(metric)).toList();
    if (!next.equals(schedules())) {
      schedules(next);
    }
  }

  /**
   * Raises an error if a gradient was not finite under {@link NonFinite#FAIL}; waits for the
   * device.
   *
   * @throws NonFiniteException naming the parameter and the step
   */
  public void requireFinite() {
    int segment = (int) read(BAD_SEGMENT);
    if (segment > 0) {
      long step = (long) read(BAD_STEP) + 1;
      Parameter parameter = flat.parameters().get(segment - 1);
      throw new NonFiniteException(
          String.format(
              Locale.ROOT,
              "step %d: the gradient of %s has a NaN or an infinity; the weights are those before"
                  + " that step; try a tenth of its learning rate of %.3g",
              step,
              parameter.describe(),
              learningRate()),
          parameter.name(),
          step);
    }
  }

  /** Whether the update is one call of the backend rather than a chain of tensor operations. */
  public boolean isFused() {
    return plan instanceof FusedPlan;
  }

  /** How the update runs, and why so. */
  public String explain() {
    return plan.explain() + guard.explain();
  }

  /**
   * A parameter's part of a state, by PyTorch's name, e.g. {@code exp_avg}: of the parameter's
   * shape, or an F64 scalar, e.g. {@code trust_ratio}.
   */
  public Tensor state(String name, Parameter parameter) {
    session.requireOpen();
    int segment = flat.segmentOf(parameter);
    if (flat.states().containsKey(name)) {
      return flat.view(flat.state(name), segment);
    }
    if (flat.scalars().containsKey(name)) {
      return FlatGroup.entry(flat.scalar(name), segment);
    }
    throw new IllegalArgumentException(
        "optimizer state \"%s\" does not exist; there are: %s".formatted(name, stateNames()));
  }

  /**
   * Everything on the device that further steps depend on beside the parameters: each parameter's
   * states as {@code 0.weight.exp_avg}, its number of updates as {@code 0.weight.step}, and the
   * counters of its steps and random numbers. To go on from saved values, overwrite these and call
   * {@link #resume}. Parameters are named by their paths in the model that the optimizer was bound
   * to, or else by {@link Parameter#name} as it was then.
   *
   * @throws TalwegException if two parameters, then of different models, have the same name
   */
  public Map<String, Tensor> state() {
    session.requireOpen();
    Map<String, Tensor> all = new LinkedHashMap<>();
    for (int segment = 0; segment < flat.size(); segment++) {
      Parameter parameter = flat.parameters().get(segment);
      String path = names.get(segment);
      for (String name : stateNames()) {
        all.put(path + "." + name, state(name, parameter));
      }
      Tensor steps = FlatGroup.entry(flat.steps(), segment);
      if (all.put(path + ".step", steps) != null) {
        throw new TalwegException(
            "optimizer: two of its parameters have the name \"%s\", so their states cannot be told apart; make both models children of one module, and bind the optimizer to that"
                .formatted(path));
      }
    }
    all.put("steps.attempted", entry(ATTEMPTED));
    all.put("steps.applied", entry(APPLIED));
    all.put("steps.random", entry(RANDOM));
    return all;
  }

  /**
   * Continues from the values that {@link #state} was overwritten with, which are those between two
   * steps: no gradient is kept, and no error about one.
   *
   * @param schedules one for each group
   */
  public void resume(List<Schedule> schedules) {
    session.requireOpen();
    flat.clearGradients();
    state.random().restart();
    state.forgetBadStep();
    attempted = (long) read(ATTEMPTED);
    schedules(schedules);
  }

  /** Names of the states: those with the parameters' shapes, then those of one number each. */
  public Set<String> stateNames() {
    Set<String> names = new LinkedHashSet<>(flat.states().keySet());
    names.addAll(flat.scalars().keySet());
    return Collections.unmodifiableSet(names);
  }

  /**
   * A parameter's gradient as the last step found it, a view that the next backward pass
   * overwrites; the sum over the batches of a step, before a bound on the global norm. Zeros before
   * the first step.
   */
  public Tensor lastGradient(Parameter parameter) {
    session.requireOpen();
    return flat.view(flat.grads(), flat.segmentOf(parameter));
  }

  private Tensor entry(int index) {
    return state.entry(index);
  }

  private double read(int index) {
    return state.read(index);
  }
}
