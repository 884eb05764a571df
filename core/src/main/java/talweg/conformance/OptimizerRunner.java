package talweg.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.ParameterGroup;
import talweg.optim.Schedule;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Optimizers: given gradients step by step, parameters and state after them. Where the backend has
 * a fused update, the composed one is run and compared as well.
 */
final class OptimizerRunner implements AreaRunner {
  /** States kept in the form that the vectors have; further ones there are not compared. */
  private static final Set<String> STATES =
      Set.of(
          "momentum_buffer",
          "square_avg",
          "grad_avg",
          "sum",
          "acc_delta",
          "mu_product",
          "exp_avg",
          "exp_avg_sq",
          "max_exp_avg_sq",
          "trust_ratio");

  /** The reference library writes NaN and infinities. */
  private static final OptimizerOptions OPTIONS =
      OptimizerOptions.DEFAULT.nonFinite(NonFinite.PROPAGATE);

  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    List<OptimizerSpec> specs = specs(golden);
    Run run = new Run(golden, session, dtype, comparison);
    OptimizerOptions options = OPTIONS.clip(OptimizerChoice.clip(golden.get("hyper")));
    if (run.steps(specs, options, "")) {
      run.steps(specs, options.composed(true), " (composed)");
    }
  }

  private static List<OptimizerSpec> specs(Field golden) {
    List<OptimizerSpec> specs = new ArrayList<>();
    boolean scheduled = golden.has("lr_per_step");
    for (Field group : golden.get("param_groups").list()) {
      OptimizerSpec spec =
          OptimizerChoice.of(
              golden.get("optimizer").text(), golden.get("hyper"), group.get("overrides"));
      int column = specs.size();
      specs.add(
          scheduled
              ? spec.schedule(
                  Schedule.of(
                      golden.get("lr_per_step").list().stream()
                          .mapToDouble(row -> row.numbers()[column])
                          .toArray()))
              : spec);
    }
    return specs;
  }

  /** Parameters of given shapes and values, without a function. */
  private static final class GivenParameters extends Module {
    private final List<Parameter> list = new ArrayList<>();

    GivenParameters(List<Field> tensors, List<Field> values) {
      for (int i = 0; i < tensors.size(); i++) {
        double[] initial = values.get(i).numbers();
        Shape shape = tensors.get(i).shape();
        list.add(parameter(tensors.get(i).get("name").text(), shape, (_, _) -> initial));
      }
    }

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  private record Run(Field golden, Session session, DType dtype, Comparison comparison) {
    /** Whether the update ran fused. */
    boolean steps(List<OptimizerSpec> specs, OptimizerOptions options, String note) {
      GivenParameters model =
          new GivenParameters(golden.get("tensors").list(), golden.get("initial_params").list());
      model.init(session, dtype, 0);
      Optimizer optimizer = Optimizer.bind(groups(model.list, specs), options);
      int recorded = 0;
      int[] recordedSteps = golden.get("recorded_steps").ints();
      List<Field> gradients = golden.get("gradients").list();
      for (int step = 1; step <= gradients.size(); step++) {
        try (var _ = session.scope("step " + step)) {
          backward(model.list, gradients.get(step - 1).list());
          optimizer.step();
        }
        if (recorded < recordedSteps.length && recordedSteps[recorded] == step) {
          compare(model.list, optimizer, recorded++, " after step " + step + note);
        }
      }
      return optimizer.isFused();
    }

    private List<ParameterGroup> groups(List<Parameter> parameters, List<OptimizerSpec> specs) {
      List<ParameterGroup> groups = new ArrayList<>();
      List<Field> fields = golden.get("param_groups").list();
      for (int g = 0; g < specs.size(); g++) {
        List<Parameter> members = new ArrayList<>();
        for (int tensor : fields.get(g).get("tensors").ints()) {
          members.add(parameters.get(tensor));
        }
        groups.add(new ParameterGroup(members, specs.get(g)));
      }
      return groups;
    }

    /** sum(w * g) has gradient g, and none for a parameter that it leaves out. */
    private void backward(List<Parameter> parameters, List<Field> gradients) {
      for (int i = 0; i < gradients.size(); i++) {
        if (!gradients.get(i).isNull()) {
          Tensor w = parameters.get(i).value();
          double[] values = gradients.get(i).numbers();
          w.mul(Field.real(session, dtype, values, w.shape().dims())).sum().backward();
        }
      }
    }

    private void compare(List<Parameter> parameters, Optimizer optimizer, int record, String when) {
      Field expected = golden.get("expected").get("float64");
      List<Field> params = expected.get("params").list().get(record).list();
      for (int i = 0; i < params.size(); i++) {
        Parameter parameter = parameters.get(i);
        comparison.scaled(
            parameter.name() + when, parameter.value().toDoubles(), params.get(i).numbers());
      }
      Field states = expected.get("state");
      for (String name : states.names()) {
        if (STATES.contains(name)) {
          compareState(
              name, states.get(name).list().get(record).list(), parameters, optimizer, when);
        }
      }
      if (states.has("global_grad_norm")) {
        double norm = optimizer.gradientNorm();
        for (Field perTensor : states.get("global_grad_norm").list().get(record).list()) {
          comparison.scaled("global_grad_norm" + when, new double[] {norm}, perTensor.numbers());
        }
      }
    }

    private void compareState(
        String name,
        List<Field> expected,
        List<Parameter> parameters,
        Optimizer optimizer,
        String when) {
      for (int i = 0; i < expected.size(); i++) {
        if (!expected.get(i).isNull()) {
          Parameter parameter = parameters.get(i);
          comparison.scaled(
              name + " of " + parameter.name() + when,
              optimizer.state(name, parameter).toDoubles(),
              expected.get(i).numbers());
        }
      }
    }
  }
}
