package talweg.examples;

import talweg.landscape.LineFit;
import talweg.landscape.Sales;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * The smallest training there is: a line is fitted to points by gradient descent, and ends where
 * the normal equations say.
 */
public final class LinearRegression {
  private LinearRegression() {}

  public static void main(String[] args) {
    Sales data = Sales.load();
    double[] line = fit(data, 500);
    double[] best = new LineFit(data.spending(), data.sales()).best();
    System.out.printf("gradient descent  sales = %.4f spending + %.4f%n", line[0], line[1]);
    System.out.printf("normal equations  sales = %.4f spending + %.4f%n", best[0], best[1]);
    System.out.println("./talweg landscape regression draws it");
  }

  /** Slope and intercept after so many steps. */
  static double[] fit(Sales data, int steps) {
    try (Session session = Session.open("cpu")) {
      Linear line = new Linear(1, 1);
      line.init(session, DType.F64, 42);
      Optimizer optimizer = Optimizers.sgd(0.08).bind(line);
      Tensor x = session.tensor(data.spending(), data.size(), 1);
      Tensor y = session.tensor(data.sales(), data.size(), 1);
      for (int step = 0; step < steps; step++) {
        try (Scope _ = session.scope("step")) {
          Losses.mse(line.forward(x), y, Reduction.MEAN).backward();
          optimizer.step();
        }
      }
      return new double[] {line.weight().value().item(), line.bias().value().item()};
    }
  }
}
