package talweg.solve;

import java.util.Arrays;
import java.util.function.UnaryOperator;
import talweg.autograd.Gradients;
import talweg.error.ShapeException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** A function in tensor operations with derivatives by autodiff. */
final class TensorObjective implements Objective {
  private final Session session;
  private final DType dtype;
  private final UnaryOperator<Tensor> function;

  TensorObjective(Session session, DType dtype, UnaryOperator<Tensor> function) {
    this.session = session;
    this.dtype = dtype;
    this.function = function;
  }

  @Override
  public double precision() {
    return dtype == DType.F32 ? Math.ulp(1f) : Math.ulp(1.0);
  }

  @Override
  public double value(double[] x) {
    try (var _ = session.scope("value");
        var _ = session.noGrad()) {
      return scalar(function.apply(tensor(x))).item();
    }
  }

  @Override
  public Evaluation evaluate(double[] x) {
    try (var _ = session.scope("gradient")) {
      Tensor theta = variable(x);
      Tensor y = scalar(function.apply(theta));
      if (!y.requiresGrad()) {
        return new Evaluation(y.item(), new double[x.length]);
      }
      return new Evaluation(y.item(), Gradients.of(y).wrt(theta).toDoubles());
    }
  }

  @Override
  public double[] hessianProduct(double[] x, double[] v) {
    try (var _ = session.scope("Hessian times vector")) {
      Tensor theta = variable(x);
      Tensor gradient = gradient(theta);
      return product(gradient, theta, v);
    }
  }

  /** One forward and one backward pass; then a backward pass of the gradient for each column. */
  @Override
  public double[][] hessian(double[] x) {
    double[][] h = new double[x.length][];
    try (var _ = session.scope("Hessian")) {
      Tensor theta = variable(x);
      Tensor gradient = gradient(theta);
      double[] unit = new double[x.length];
      for (int j = 0; j < x.length; j++) {
        unit[j] = 1;
        try (var _ = session.scope("Hessian column")) {
          h[j] = product(gradient, theta, unit);
        }
        unit[j] = 0;
      }
    }
    return h;
  }

  /** The gradient as a tensor that can be differentiated. */
  private Tensor gradient(Tensor theta) {
    return Gradients.of(scalar(function.apply(theta))).createGraph().wrt(theta);
  }

  /** The Hessian of a linear function is 0, and its gradient depends on nothing. */
  private double[] product(Tensor gradient, Tensor theta, double[] v) {
    if (!gradient.requiresGrad()) {
      return new double[v.length];
    }
    return Gradients.hessianVectorProduct(gradient, theta, tensor(v)).toDoubles();
  }

  private Tensor variable(double[] x) {
    try (var _ = session.noGrad()) {
      return tensor(x).requireGrad();
    }
  }

  private Tensor tensor(double[] x) {
    return session.tensor(x, x.length).to(dtype);
  }

  private static Tensor scalar(Tensor y) {
    if (y.size() != 1) {
      throw new ShapeException(
          "objective: expected a scalar, got shape %s; reduce it, for instance by sum() or mean()"
              .formatted(Arrays.toString(y.shape().dims())));
    }
    return y.reshape();
  }
}
