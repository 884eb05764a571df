package talweg.optim;

import java.util.List;
import talweg.nn.Parameter;

/** Parameters that share an optimizer's constants and learning rate. */
public record ParameterGroup(List<Parameter> parameters, OptimizerSpec optimizer) {
  public ParameterGroup {
    parameters = List.copyOf(parameters);
  }
}
