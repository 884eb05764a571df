package talweg.train;

import java.util.stream.IntStream;
import talweg.data.Dataset;

/** How often examples of each class were taken for each class, and what follows from it. */
public final class ConfusionMatrix {
  private final long[][] counts;

  private ConfusionMatrix(long[][] counts) {
    this.counts = counts;
  }

  /** Counts the predictions for a data set with class labels. */
  public static ConfusionMatrix of(Dataset data, Predictions predictions) {
    int classes = Math.max(data.numClasses(), predictions.columns());
    long[][] counts = new long[classes][classes];
    int[] labels = data.labels();
    for (int i = 0; i < labels.length; i++) {
      counts[labels[i]][predictions.label(i)]++;
    }
    return new ConfusionMatrix(counts);
  }

  /** Number of classes. */
  public int classes() {
    return counts.length;
  }

  /** Examples of class {@code actual} that were taken for {@code predicted}. */
  public long count(int actual, int predicted) {
    return counts[actual][predicted];
  }

  /** Examples of a class. */
  public long support(int c) {
    return IntStream.range(0, classes()).mapToLong(p -> counts[c][p]).sum();
  }

  /** Examples that were taken for a class. */
  public long predicted(int c) {
    return IntStream.range(0, classes()).mapToLong(a -> counts[a][c]).sum();
  }

  /** Share of right answers. */
  public double accuracy() {
    long right = IntStream.range(0, classes()).mapToLong(c -> counts[c][c]).sum();
    long all = IntStream.range(0, classes()).mapToLong(this::support).sum();
    return (double) right / all;
  }

  /** Share of right answers among those that say this class; NaN if none does. */
  public double precision(int c) {
    return (double) counts[c][c] / predicted(c);
  }

  /** Share of right answers among the examples of this class; NaN if there are none. */
  public double recall(int c) {
    return (double) counts[c][c] / support(c);
  }

  /** Harmonic mean of precision and recall; NaN if the class neither occurs nor is predicted. */
  public double f1(int c) {
    return 2.0 * counts[c][c] / (support(c) + predicted(c));
  }

  /** Mean precision of the classes that occur, 0 for one that is never predicted. */
  public double macroPrecision() {
    return macro(c -> predicted(c) == 0 ? 0 : precision(c));
  }

  /** Mean recall of the classes that occur. */
  public double macroRecall() {
    return macro(this::recall);
  }

  /** Mean F1 of the classes that occur. */
  public double macroF1() {
    return macro(this::f1);
  }

  private double macro(java.util.function.IntToDoubleFunction score) {
    return IntStream.range(0, classes())
        .filter(c -> support(c) > 0)
        .mapToDouble(score)
        .average()
        .orElse(Double.NaN);
  }
}
