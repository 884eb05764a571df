package talweg.optim;

import java.util.Locale;
import talweg.check.Require;
import talweg.error.ShapeException;
import talweg.nn.Parameter;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Muon's direction (Jordan et al. 2024): the update of a matrix, divided by its Frobenius norm and
 * brought near the closest orthogonal matrix by the quintic Newton-Schulz iteration {@code X = a X
 * + (b A + c A^2) X} with {@code A = X X^T}. Its constants trade exact singular values of 1 for
 * speed: after five iterations they lie between about 0.7 and 1.2. Put momentum in front of it.
 *
 * @param iterations number of iterations, 5 as a rule
 * @param eps smallest norm that is divided by
 * @param size how large the result is
 */
public record Orthogonalize(int iterations, double eps, Size size) implements GradientTransform {
  private static final double A = 3.4445;
  private static final double B = -4.775;
  private static final double C = 2.0315;

  /** The factor that makes one learning rate fit matrices of different shapes. */
  public enum Size {
    /** sqrt(max(1, rows / columns)). */
    ASPECT {
      @Override
      double factor(int rows, int columns) {
        return Math.sqrt(Math.max(1, (double) rows / columns));
      }
    },
    /** 0.2 sqrt(max(rows, columns)): elements about as large as AdamW's (Liu et al. 2025). */
    LIKE_ADAMW {
      @Override
      double factor(int rows, int columns) {
        return 0.2 * Math.sqrt(Math.max(rows, columns));
      }
    };

    abstract double factor(int rows, int columns);
  }

  public Orthogonalize {
    Require.atLeast("muon", "Newton-Schulz iterations", iterations, 1);
    Require.notNegative("muon", "eps", eps);
  }

  @Override
  public Tensor apply(Tensor update, SegmentUpdate segment) {
    int rows = update.shape().dim(0);
    int columns = update.shape().dim(1);
    // The product of a wide matrix with its transpose is the smaller one.
    Tensor x = rows > columns ? update.transpose() : update;
    Tensor norm = x.to(DType.F64).square().sum().sqrt().clamp(eps, Double.POSITIVE_INFINITY);
    x = x.mul(norm.reciprocal().to(x.dtype()));
    for (int i = 0; i < iterations; i++) {
      Tensor gram = x.matmul(x, false, true);
      Tensor quadratic = gram.mul(B).add(gram.matmul(gram).mul(C));
      x = x.mul(A).add(quadratic.matmul(x));
    }
    Tensor orthogonal = rows > columns ? x.transpose() : x;
    return orthogonal.mul(size.factor(rows, columns));
  }

  @Override
  public void requireFitting(Parameter parameter) {
    if (parameter.shape().rank() != 2) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "Muon updates matrices, but parameter \"%s\" has shape %s; give the others another"
                  + " optimizer by ParameterGroup.matrices(model, muon, adamW)",
              parameter.name(),
              parameter.shape()));
    }
  }
}
