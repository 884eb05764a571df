package talweg.train;

import java.util.Arrays;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.data.Inputs;
import talweg.nn.Module;
import talweg.session.Session;
import talweg.tensor.Tensor;

/** What a model gives for the examples of a data set: logits of classes, or numbers. */
public final class Predictions {
  private static final int CHUNK = Metrics.EVALUATION_BATCH;

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
    Feed feed = new Feed(any.session(), any.dtype(), data);
    Batches batches = Batches.of(data, CHUNK);
    return of(model, data.size(), from -> feed.x(batches.batch(from / CHUNK)));
  }

  /** Runs a placed model in evaluation mode over inputs that nothing else is known of. */
  public static Predictions of(Module model, Inputs inputs) {
    Tensor any = model.trainable().getFirst().value();
    int width = inputs.x().length / inputs.size();
    int[] dims = IntStream.concat(IntStream.of(0), IntStream.of(inputs.shape())).toArray();
    return of(
        model,
        inputs.size(),
        from -> {
          int to = Math.min(from + CHUNK, inputs.size());
          dims[0] = to - from;
          float[] x = Arrays.copyOfRange(inputs.x(), from * width, to * width);
          return any.session().tensor(x, dims).to(any.dtype());
        });
  }

  private static Predictions of(Module model, int n, IntFunction<Tensor> chunk) {
    Session session = model.trainable().getFirst().value().session();
    boolean wasTraining = model.isTraining();
    model.eval();
    float[] values = null;
    int columns = 0;
    try (var _ = session.noGrad()) {
      for (int from = 0; from < n; from += CHUNK) {
        try (var _ = session.scope("prediction")) {
          Tensor y = model.forward(chunk.apply(from));
          if (values == null) {
            columns = y.shape().dim(1);
            values = new float[Math.multiplyExact(n, columns)];
          }
          float[] part = floats(y);
          System.arraycopy(part, 0, values, from * columns, part.length);
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
