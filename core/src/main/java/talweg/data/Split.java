package talweg.data;

import java.util.Arrays;
import talweg.error.ShapeException;

/** Two data sets for one task: one to train on, one to measure on. */
public record Split(Dataset train, Dataset test) {
  /**
   * Takes two data sets as they are.
   *
   * @throws ShapeException if they differ in the shape of an example, the classes or the targets
   */
  public Split {
    boolean same =
        Arrays.equals(train.featureShape(), test.featureShape())
            && train.isClassification() == test.isClassification()
            && train.outputs() == test.outputs();
    if (!same) {
      throw new ShapeException(
          "split: training and test data must describe the same task: %s and %s; check the files"
              .formatted(train, test));
    }
  }
}
