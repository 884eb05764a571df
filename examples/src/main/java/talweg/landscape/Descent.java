package talweg.landscape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.BinaryOperator;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.plot.Range;
import talweg.plot.Surface;
import talweg.session.Scope;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A search for the minimum of a function of two variables by one of Talweg's optimizers, in double
 * precision.
 */
public final class Descent {
  /** The two variables as an optimizer sees them: one parameter of two elements. */
  private static final class Point extends Module {
    private final Parameter xy;
    private final BinaryOperator<Tensor> function;

    Point(double[] start, BinaryOperator<Tensor> function) {
      this.xy = parameter("xy", Shape.of(2), (_, _) -> start.clone());
      this.function = function;
    }

    @Override
    protected Tensor compute(Tensor at) {
      return function.apply(at.slice(0, 0, 1), at.slice(0, 1, 2)).sum();
    }

    Tensor value() {
      return compute(xy.value());
    }
  }

  private Descent() {}

  /**
   * Searches for {@code steps} steps, or until a value is not finite any more.
   *
   * @param function of x and y, elementwise
   * @param start {x, y}
   */
  public static Trajectory run(
      BinaryOperator<Tensor> function, double[] start, OptimizerSpec optimizer, int steps) {
    List<double[]> points = new ArrayList<>();
    List<Double> values = new ArrayList<>();
    try (Session session = Session.open("reference")) {
      Point point = new Point(start, function);
      point.init(session, DType.F64, 0);
      Optimizer bound =
          optimizer.bind(point, OptimizerOptions.DEFAULT.nonFinite(NonFinite.PROPAGATE));
      for (int step = 0; step <= steps; step++) {
        try (Scope _ = session.scope("step")) {
          Tensor value = point.value();
          points.add(point.xy.value().toDoubles());
          values.add(value.item());
          if (step == steps || !Double.isFinite(value.item())) {
            break;
          }
          value.backward();
          bound.step();
        }
      }
    }
    return new Trajectory(points, values);
  }

  /** The function on a grid of {@code n} x {@code n} points. */
  public static Surface surface(BinaryOperator<Tensor> function, Range x, Range y, int n) {
    Surface xs = Surface.of(x, y, n, n, (a, _) -> a);
    Surface ys = Surface.of(x, y, n, n, (_, b) -> b);
    try (Session session = Session.open("reference");
        var _ = session.noGrad()) {
      double[] flat =
          function
              .apply(session.tensor(flat(xs), n * n), session.tensor(flat(ys), n * n))
              .toDoubles();
      double[][] values = new double[n][];
      for (int r = 0; r < n; r++) {
        values[r] = Arrays.copyOfRange(flat, r * n, (r + 1) * n);
      }
      return new Surface(xs.x(), xs.y(), values);
    }
  }

  private static double[] flat(Surface surface) {
    return Arrays.stream(surface.values()).flatMapToDouble(Arrays::stream).toArray();
  }
}
