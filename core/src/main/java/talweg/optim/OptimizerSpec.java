package talweg.optim;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import talweg.check.Require;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.optim.GradientTransform.AddDecayedWeights;
import talweg.session.Session;

/**
 * An optimizer before it is bound to parameters: a name, a chain of transforms, and the learning
 * rate. See {@link Optimizers}.
 */
public record OptimizerSpec(String name, List<GradientTransform> chain, Schedule rate) {
  public OptimizerSpec {
    chain = List.copyOf(chain);
    Require.given(name, "schedule", rate);
    Set<String> states = new HashSet<>();
    for (GradientTransform transform : chain) {
      Stream.concat(transform.stateNames().stream(), transform.scalarNames().stream())
          .filter(state -> !states.add(state))
          .forEach(state -> {
            throw new IllegalArgumentException(
                "optimizer %s: two links of the chain keep a state \"%s\"; leave one of them out"
                    .formatted(name, state));
          });
    }
  }

  /**
   * The same optimizer with a constant learning rate.
   *
   * @throws IllegalArgumentException if it is negative, infinite or NaN
   */
  public OptimizerSpec rate(double rate) {
    Require.notNegative(name, "learning rate", rate);
    return schedule(new Schedule.Constant(rate));
  }

  /** The same optimizer with a learning-rate schedule. */
  public OptimizerSpec schedule(Schedule schedule) {
    return new OptimizerSpec(name, chain, schedule);
  }

  /** The same optimizer without weight decay, be it decoupled or an L2 penalty. */
  public OptimizerSpec withoutDecay() {
    List<GradientTransform> undecayed =
        chain.stream()
            .map(t -> t instanceof AddDecayedWeights ? new AddDecayedWeights(0) : t)
            .toList();
    return new OptimizerSpec(name, undecayed, rate);
  }

  /** Binds the optimizer to all trainable parameters of a model that is placed on a session. */
  public Optimizer bind(Module model) {
    return bind(model, OptimizerOptions.DEFAULT);
  }

  /** Binds the optimizer to all trainable parameters of a model that is placed on a session. */
  public Optimizer bind(Module model, OptimizerOptions options) {
    return Optimizer.bind(model, List.of(new ParameterGroup(model.trainable(), this)), options);
  }

  static Session sessionOf(List<ParameterGroup> groups) {
    return groups.stream()
        .flatMap(g -> g.parameters().stream())
        .map(Parameter::value)
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("optimizer: there is no trainable parameter"))
        .session();
  }
}
