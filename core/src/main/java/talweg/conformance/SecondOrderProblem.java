package talweg.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import talweg.session.Session;
import talweg.solve.Formula;
import talweg.solve.Objective;
import talweg.solve.Problem;
import talweg.tensor.Tensor;

/** Builds the functions of a minimisation case: formulas, or matrices with a formula in words. */
final class SecondOrderProblem {
  private final Field golden;
  private final Session session;
  private final int n;

  private SecondOrderProblem(Field golden, Session session) {
    this.golden = golden;
    this.session = session;
    this.n = golden.get("n").integer();
  }

  /** The problem of a case; its tensors live in the innermost scope. */
  static Problem of(Field golden, Session session) {
    SecondOrderProblem problem = new SecondOrderProblem(golden, session);
    return new Problem(
        problem.objective(),
        problem.constraints("equalities"),
        problem.constraints("inequalities"),
        problem.bounds("lower", Double.NEGATIVE_INFINITY),
        problem.bounds("upper", Double.POSITIVE_INFINITY));
  }

  private Objective objective() {
    String text = golden.get("objective").text();
    return switch (text) {
      case "0.5*x^T*A*x - b^T*x" -> quadratic("A", "b", -1);
      case "0.5*x^T*H*x + g^T*x" -> quadratic("H", "g", 1);
      case "mean_i log(1+exp(-y_i*(x_i.w))) + lambda/2*|w|^2, no intercept" -> logistic();
      default -> Formula.parse(text).objective(session);
    };
  }

  private Objective quadratic(String matrix, String vector, int sign) {
    Tensor a = matrix(matrix);
    Tensor b = session.tensor(golden.get(vector).numbers(), n);
    return tensors(x -> x.mul(a.matmul(x)).sum().div(2).add(x.mul(b).sum().mul(sign)));
  }

  private Objective logistic() {
    Tensor x = matrix("X");
    double[] labels = golden.get("y").numbers();
    Tensor y = session.tensor(labels, labels.length);
    double lambda = golden.get("lambda").number();
    return tensors(w -> {
      Tensor penalty = w.square().sum().mul(lambda / 2);
      return y.mul(x.matmul(w)).neg().softplus().mean().add(penalty);
    });
  }

  private List<Objective> constraints(String side) {
    List<Objective> functions = new ArrayList<>();
    for (Field formula : golden.has(side) ? golden.get(side).list() : List.<Field>of()) {
      if (formula.text().equals("A*x - b")) {
        functions.addAll(rows());
      } else {
        functions.add(Formula.parse(formula.text()).objective(session));
      }
    }
    return functions;
  }

  /** Each row of A x - b. */
  private List<Objective> rows() {
    double[] b = golden.get("b").numbers();
    List<Objective> rows = new ArrayList<>();
    for (int i = 0; i < b.length; i++) {
      double[] elements = golden.get("A").list().get(i).numbers();
      Tensor row = session.tensor(elements, n);
      double right = b[i];
      rows.add(tensors(x -> row.mul(x).sum().sub(right)));
    }
    return rows;
  }

  private double[] bounds(String side, double none) {
    double[] bounds = new double[n];
    Arrays.fill(bounds, none);
    if (golden.has(side)) {
      List<Field> given = golden.get(side).list();
      Arrays.setAll(bounds, i -> given.get(i).isNull() ? none : given.get(i).number());
    }
    return bounds;
  }

  private Objective tensors(UnaryOperator<Tensor> function) {
    return Objective.of(session, function);
  }

  private Tensor matrix(String name) {
    List<Field> rows = golden.get(name).list();
    double[] elements = SecondOrderRunner.flat(golden.get(name));
    return session.tensor(elements, rows.size(), elements.length / rows.size());
  }
}
