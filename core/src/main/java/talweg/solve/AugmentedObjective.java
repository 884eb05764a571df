package talweg.solve;

/** The function that {@link AugmentedLagrangian} minimises between updates of the multipliers. */
record AugmentedObjective(Constraints constraints, double[] lambda, double[] z, double r)
    implements Objective {
  /** max(0, z - r h), the estimate of the inequalities' multipliers. */
  static double[] positivePart(double[] z, double r, double[] h) {
    double[] out = new double[z.length];
    for (int j = 0; j < z.length; j++) {
      out[j] = Math.max(0, z[j] - r * h[j]);
    }
    return out;
  }

  @Override
  public double value(double[] x) {
    return value(constraints.values(x));
  }

  private double value(Constraints.Values at) {
    double sum = at.f() + Vectors.dot(lambda, at.c()) + r / 2 * Vectors.dot(at.c(), at.c());
    double[] estimate = positivePart(z, r, at.h());
    return sum + (Vectors.dot(estimate, estimate) - Vectors.dot(z, z)) / (2 * r);
  }

  @Override
  public Evaluation evaluate(double[] x) {
    Constraints.Linearization at = constraints.linearize(x);
    double[] gradient = at.lagrangian(equalities(at), positivePart(z, r, at.values().h()));
    return new Evaluation(value(at.values()), gradient);
  }

  @Override
  public double[] hessianProduct(double[] x, double[] v) {
    Constraints.Linearization at = constraints.linearize(x);
    double[] estimate = positivePart(z, r, at.values().h());
    double[] product = constraints.hessianProduct(x, equalities(at), estimate, v);
    for (double[] row : at.equalities()) {
      product = Vectors.plus(product, r * Vectors.dot(row, v), row);
    }
    for (int j = 0; j < z.length; j++) {
      if (estimate[j] > 0) {
        double[] row = at.inequalities()[j];
        product = Vectors.plus(product, r * Vectors.dot(row, v), row);
      }
    }
    return product;
  }

  @Override
  public double[][] hessian(double[] x) {
    Constraints.Linearization at = constraints.linearize(x);
    double[] estimate = positivePart(z, r, at.values().h());
    double[][] sum = constraints.hessian(x, equalities(at), estimate);
    for (double[] row : at.equalities()) {
      addSquare(sum, row);
    }
    for (int j = 0; j < z.length; j++) {
      if (estimate[j] > 0) {
        addSquare(sum, at.inequalities()[j]);
      }
    }
    return sum;
  }

  private double[] equalities(Constraints.Linearization at) {
    return Vectors.plus(lambda, r, at.values().c());
  }

  private void addSquare(double[][] sum, double[] row) {
    for (int i = 0; i < row.length; i++) {
      sum[i] = Vectors.plus(sum[i], r * row[i], row);
    }
  }
}
