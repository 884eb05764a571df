package talweg.solve;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * A function of a vector to be minimised, with its derivatives. Points and derivatives are on the
 * host, in double: solvers decide step by step, and their own arithmetic is small beside the
 * function's.
 */
public interface Objective {
  /** The function's value and its gradient at one point. */
  record Evaluation(double value, double[] gradient) {}

  /** The value at {@code x}; NaN or an infinity where the function is not defined. */
  double value(double[] x);

  /** Value and gradient at {@code x}, which cost less together than apart. */
  Evaluation evaluate(double[] x);

  /** The Hessian times {@code v} at {@code x}. */
  double[] hessianProduct(double[] x, double[] v);

  /** The Hessian at {@code x}, row by row; symmetric. For problems of a few hundred variables. */
  default double[][] hessian(double[] x) {
    double[][] columns = new double[x.length][];
    double[] unit = new double[x.length];
    for (int j = 0; j < x.length; j++) {
      unit[j] = 1;
      columns[j] = hessianProduct(x, unit);
      unit[j] = 0;
    }
    return columns;
  }

  /**
   * The relative error of one rounding in the function's arithmetic. Line searches know from it
   * which differences of values mean nothing.
   */
  default double precision() {
    return Math.ulp(1.0);
  }

  /**
   * A function in tensor operations, differentiated by autodiff as often as a method needs.
   *
   * @param session where it is computed
   * @param function a scalar of an F64 tensor [n]
   */
  static Objective of(Session session, UnaryOperator<Tensor> function) {
    return of(session, DType.F64, function);
  }

  /**
   * As above, computed in another element type; points stay in double and are rounded to it.
   *
   * @param dtype F32 or F64
   * @param function a scalar of a tensor [n] of that type
   */
  static Objective of(Session session, DType dtype, UnaryOperator<Tensor> function) {
    return new TensorObjective(session, dtype, function);
  }

  /**
   * A function with its gradient, in plain Java. Hessian-vector products are central differences of
   * the gradient, good to about 1e-10 of their size.
   */
  static Objective of(ToDoubleFunction<double[]> value, UnaryOperator<double[]> gradient) {
    return new GivenObjective(
        x -> new Evaluation(value.applyAsDouble(x), gradient.apply(x)), value);
  }

  /** As above, where value and gradient share work. */
  static Objective of(Function<double[], Evaluation> function) {
    return new GivenObjective(function, x -> function.apply(x).value());
  }
}
