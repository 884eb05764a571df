package talweg.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import talweg.error.ShapeException;

/**
 * Data sets for one task: to train on, to choose by (validation) and to measure the result on
 * (test). What is chosen, such as an epoch, a learning rate or a network, is chosen by the
 * validation part; the test part is for one measurement at the end.
 */
public final class Split {
  private final Dataset train;
  private final Optional<Dataset> validation;
  private final Optional<Dataset> test;

  private Split(Dataset train, Optional<Dataset> validation, Optional<Dataset> test) {
    this.train = train;
    this.validation = validation;
    this.test = test;
    validation.ifPresent(part -> requireSameTask("validation", part));
    test.ifPresent(part -> requireSameTask("test", part));
  }

  /** All of a data set to train on. */
  public static Split of(Dataset train) {
    return new Split(train, Optional.empty(), Optional.empty());
  }

  /**
   * A training and a test part, as they are.
   *
   * @throws ShapeException if they differ in the shape of an example, the classes or the targets
   */
  public static Split of(Dataset train, Dataset test) {
    return new Split(train, Optional.empty(), Optional.of(test));
  }

  /**
   * Three parts, as they are.
   *
   * @throws ShapeException if they differ in the shape of an example, the classes or the targets
   */
  public static Split of(Dataset train, Dataset validation, Dataset test) {
    return new Split(train, Optional.of(validation), Optional.of(test));
  }

  /**
   * The same with another validation part.
   *
   * @throws ShapeException if it differs in the shape of an example, the classes or the targets
   */
  public Split withValidation(Dataset other) {
    return new Split(train, Optional.of(other), test);
  }

  /**
   * The same with another test part.
   *
   * @throws ShapeException if it differs in the shape of an example, the classes or the targets
   */
  public Split withTest(Dataset other) {
    return new Split(train, validation, Optional.of(other));
  }

  /** The training part. */
  public Dataset train() {
    return train;
  }

  /** Whether there is a validation part. */
  public boolean hasValidation() {
    return validation.isPresent();
  }

  /**
   * The validation part.
   *
   * @throws IllegalStateException if there is none
   */
  public Dataset validation() {
    return part("validation", validation);
  }

  /** Whether there is a test part. */
  public boolean hasTest() {
    return test.isPresent();
  }

  /**
   * The test part.
   *
   * @throws IllegalStateException if there is none
   */
  public Dataset test() {
    return part("test", test);
  }

  /** The same with all parts changed alike. */
  Split map(UnaryOperator<Dataset> change) {
    return new Split(change.apply(train), validation.map(change), test.map(change));
  }

  private Dataset part(String which, Optional<Dataset> part) {
    return part.orElseThrow(() ->
        new IllegalStateException(
            "split of %s: expected a %s part, got none; split with a fraction for it (SplitRule)"
                .formatted(train.name(), which)));
  }

  private void requireSameTask(String which, Dataset part) {
    boolean same =
        Arrays.equals(train.featureShape(), part.featureShape())
            && train.isClassification() == part.isClassification()
            && train.outputs() == part.outputs();
    if (!same) {
      throw new ShapeException(
          "split: training and %s data must describe the same task: %s and %s; check the files"
              .formatted(which, train, part));
    }
  }

  /** The parts and their sizes. */
  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s: %d training, %d validation and %d test examples",
        train.name(),
        train.size(),
        validation.map(Dataset::size).orElse(0),
        test.map(Dataset::size).orElse(0));
  }
}
