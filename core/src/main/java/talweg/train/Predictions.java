package talweg.train;

import java.util.Arrays;
import talweg.data.Batch;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.nn.Module;
import talweg.session.Session;
import talweg.tensor.Tensor;

/** What a model gives for the examples of a data set: logits of classes, or numbers. */
public final class Predictions {
  private final float[] values;
  private final int columns;

  /**
   * Takes values over.
   *
   * @param values row-major {@code [n, columns]}
   */
  Predictions(float[] values, int columns) {
    this.values = values;
    this.columns = columns;
  }

  /** Runs a placed model in evaluation mode over all examples, in their order. */
  public static Predictions of(Module model, Dataset data) {
    Tensor any = model.trainable().getFirst().value();
    Session session = any.session();
    Feed feed = new Feed(session, any.dtype(), data);
    boolean wasTraining = model.isTraining();
    model.eval();
    float[] values = null;
    int columns = 0;
    int done = 0;
    try (var _ = session.noGrad()) {
      for (Batch batch : Batches.of(data, Metrics.EVALUATION_BATCH).inOrder()) {
        try (var _ = session.scope("prediction")) {
          Tensor y = model.forward(feed.x(batch));
          if (values == null) {
            columns = y.shape().dim(1);
            values = new float[Math.multiplyExact(data.size(), columns)];
          }
          float[] part = floats(y);
          System.arraycopy(part, 0, values, done, part.length);
          done += part.length;
        }
      }
    } finally {
      if (wasTraining) {
        model.train();
      }
    }
    return new Predictions(values, columns);
  }

  private static float[] floats(Tensor tensor) {
    double[] wide = tensor.toDoubles();
    float[] narrow = new float[wide.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) wide[i];
    }
    return narrow;
  }

  /** Number of examples. */
  public int size() {
    return values.length / columns;
  }

  /** Number of outputs of one example. */
  public int columns() {
    return columns;
  }

  /** The outputs of one example. */
  public float[] row(int example) {
    return Arrays.copyOfRange(values, example * columns, (example + 1) * columns);
  }

  /** All outputs, row-major {@code [n, columns]}. */
  public float[] values() {
    return values.clone();
  }

  /** The class with the largest output; the first of equals. NaN counts as the largest. */
  public int label(int example) {
    int best = 0;
    for (int c = 1; c < columns; c++) {
      if (Float.compare(values[example * columns + c], values[example * columns + best]) > 0) {
        best = c;
      }
    }
    return best;
  }

  /** Softmax of one example's outputs. */
  public double[] probabilities(int example) {
    double[] p = new double[columns];
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < columns; c++) {
      largest = Math.max(largest, values[example * columns + c]);
    }
    double sum = 0;
    for (int c = 0; c < columns; c++) {
      p[c] = Math.exp(values[example * columns + c] - largest);
      sum += p[c];
    }
    for (int c = 0; c < columns; c++) {
      p[c] /= sum;
    }
    return p;
  }
}
