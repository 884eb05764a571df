package talweg.data;

import java.util.Arrays;
import java.util.Locale;
import talweg.error.DataFormatException;
import talweg.error.ShapeException;

/** What every {@link Dataset} promises about its arrays. */
final class DatasetChecks {
  private DatasetChecks() {}

  static int featureCount(String name, int[] shape) {
    long count = shape.length == 0 ? 0 : 1;
    for (int extent : shape) {
      count = extent < 1 ? 0 : count * extent;
      if (count < 1 || count > Integer.MAX_VALUE) {
        break;
      }
    }
    if (count < 1 || count > Integer.MAX_VALUE) {
      throw new ShapeException(
          "data set \"%s\": expected a feature shape of positive extents below 2^31 in all, got %s"
              .formatted(name, Arrays.toString(shape)));
    }
    return (int) count;
  }

  static void lengths(String name, int features, int examples, int featureCount) {
    if (examples < 1) {
      throw new ShapeException(
          "data set \"" + name + "\": expected at least one example, got none");
    }
    if (features != (long) examples * featureCount) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "data set \"%s\": expected %d x %d = %d feature values, as many rows as labels, got"
                  + " %d",
              name,
              examples,
              featureCount,
              (long) examples * featureCount,
              features));
    }
  }

  static void labels(String name, int[] labels, int numClasses) {
    if (numClasses < 2) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected at least 2 classes, got %d; check the label column or file",
              name,
              numClasses));
    }
    for (int i = 0; i < labels.length; i++) {
      if (labels[i] < 0 || labels[i] >= numClasses) {
        throw new DataFormatException(
            String.format(
                Locale.ROOT,
                "%s: example %d: expected a label in 0..%d, got %d; number the classes from 0",
                name,
                i,
                numClasses - 1,
                labels[i]));
      }
    }
  }

  static void finite(String name, String what, float[] values, int width) {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new DataFormatException(
            String.format(
                Locale.ROOT,
                "%s: example %d, %s %d: expected a finite number, got %s; correct or drop the"
                    + " example",
                name,
                i / width,
                what,
                i % width,
                values[i]));
      }
    }
  }
}
