package talweg.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import talweg.nn.Module;
import talweg.nn.Parameter;

/** Parameters that share an optimizer's constants and learning rate. */
public record ParameterGroup(List<Parameter> parameters, OptimizerSpec optimizer) {
  public ParameterGroup {
    parameters = List.copyOf(parameters);
    for (GradientTransform transform : optimizer.chain()) {
      parameters.forEach(transform::requireFitting);
    }
  }

  /**
   * The trainable parameters of a model in two groups; a group that nothing falls into is left out.
   *
   * @param chosen what the first group takes
   * @param first optimizer of the chosen parameters
   * @param rest optimizer of all others
   */
  public static List<ParameterGroup> split(
      Module model, Predicate<Parameter> chosen, OptimizerSpec first, OptimizerSpec rest) {
    List<ParameterGroup> groups = new ArrayList<>();
    List<Parameter> in = model.trainable().stream().filter(chosen).toList();
    List<Parameter> out = model.trainable().stream().filter(chosen.negate()).toList();
    if (!in.isEmpty()) {
      groups.add(new ParameterGroup(in, first));
    }
    if (!out.isEmpty()) {
      groups.add(new ParameterGroup(out, rest));
    }
    return List.copyOf(groups);
  }

  /**
   * One optimizer for the matrices of a model and another one for its vectors and kernels of
   * convolutions, as Muon needs it.
   */
  public static List<ParameterGroup> matrices(
      Module model, OptimizerSpec matrices, OptimizerSpec rest) {
    return split(model, p -> p.shape().rank() == 2, matrices, rest);
  }

  /**
   * Weight decay for matrices and kernels of convolutions only: biases and the scales and shifts of
   * normalisation layers, all of them vectors, are trained by the same optimizer without decay.
   */
  public static List<ParameterGroup> decayMatricesOnly(Module model, OptimizerSpec optimizer) {
    return split(model, p -> p.shape().rank() >= 2, optimizer, optimizer.withoutDecay());
  }
}
