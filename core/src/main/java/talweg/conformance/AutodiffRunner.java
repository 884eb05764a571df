package talweg.conformance;

import java.util.List;
import talweg.autograd.Gradients;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Operators: output, gradients, and for some second derivatives. */
final class AutodiffRunner implements AreaRunner {
  @Override
  public void run(Field golden, Session session, DType dtype, Comparison comparison) {
    Operands operands = new Operands(golden, session, dtype);
    String op = golden.get("op").text();
    if (op.equals("second_order")) {
      secondOrder(golden, operands, comparison);
      return;
    }
    Operators.Outcome outcome = Operators.apply(op, operands);
    Field expected = golden.get("expected");
    Field upstream = golden.get("upstream");
    outcome.output().backward(upstream.tensor(session, dtype));
    output(outcome.output(), expected.get("output"), golden.get("tolerance"), dtype, comparison);
    Field gradients = expected.get("grads");
    for (String name : gradients.names()) {
      comparison.tensor("gradient of " + name, operands.in(name).grad(), gradients.get(name));
    }
    if (expected.has("extra")) {
      extra(outcome, expected.get("extra"), comparison);
    }
  }

  private static void output(
      Tensor actual, Field expected, Field tolerances, DType dtype, Comparison comparison) {
    comparison.tensor("output", actual, expected);
    if (tolerances.has("pointwise_output")) {
      Field pointwise = tolerances.get("pointwise_output");
      comparison.pointwise(
          "output",
          actual.toDoubles(),
          expected.reference(),
          Comparison.tolerance(pointwise, dtype),
          pointwise.get("ignore_below").number());
    }
  }

  private static void extra(Operators.Outcome outcome, Field extra, Comparison comparison) {
    for (String name : extra.names()) {
      Tensor actual = outcome.extra().get(name);
      Field expected = extra.get(name);
      if (actual == null) {
        comparison.fail(name, "there is no such result");
      } else if (expected.has("int")) {
        comparison.exact(name, actual.toInts(), expected.get("int").ints());
      } else {
        comparison.tensor(name, actual, expected);
      }
    }
  }

  private static void secondOrder(Field golden, Operands operands, Comparison comparison) {
    Field expected = golden.get("expected");
    Tensor variable = operands.in(golden.get("attrs").get("variable").text());
    Tensor value = Formulas.secondOrder(operands);
    Tensor gradient = Gradients.of(value).createGraph().wrt(variable);
    comparison.tensor("value", value, expected.get("value"));
    comparison.tensor("gradient", gradient, expected.get("gradient"));
    comparison.tensor(
        "Hessian-vector product",
        Gradients.hessianVectorProduct(gradient, variable, operands.in("v")),
        expected.get("hessian_vector_product"));
    comparison.tensor("Hessian", Gradients.hessian(gradient, variable), expected.get("hessian"));
    firstOrder(value, variable, expected.get("gradient"), comparison);
  }

  /** The gradient again by the plain backward pass over the same graph. */
  private static void firstOrder(
      Tensor value, Tensor variable, Field expected, Comparison comparison) {
    List<Tensor> plain = Gradients.of(value).wrt(List.of(variable));
    comparison.tensor("gradient without graph", plain.getFirst(), expected);
  }
}
