package talweg.cli;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import talweg.data.Dataset;
import talweg.io.HostTensor;
import talweg.optim.Optimizer;
import talweg.tensor.DType;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Trainer;
import talweg.train.Training;
import talweg.train.TrainingResult;

/**
 * Whether a training that ended has led to anything.
 *
 * @param problems what speaks against it, for people; empty if it was a success
 * @param usable whether the weights are all finite, so that they are worth keeping
 */
record Verdict(List<String> problems, boolean usable) {
  /**
   * Judges.
   *
   * @param weights the model's, as they would be saved
   * @param test what they score on the test part, or null
   * @param tested the test part, or null
   */
  static Verdict of(
      Training training,
      TrainingResult result,
      Map<String, HostTensor> weights,
      Evaluation test,
      Dataset tested) {
    List<String> problems = new ArrayList<>();
    List<String> bad =
        weights.entrySet().stream()
            .filter(e -> !isFinite(e.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (!bad.isEmpty()) {
      problems.add(
          "the weights are not finite numbers (%d of %d tensors, first %s)"
              .formatted(bad.size(), weights.size(), bad.getFirst()));
    }
    EpochResult last = result.last();
    loss(problems, "training loss", last.train());
    loss(problems, "validation loss", last.validation());
    loss(problems, "test loss", test);
    if (test != null && problems.size() == 1 && !Double.isFinite(test.loss())) {
      where(problems, training, tested);
    }
    if (training instanceof Trainer trainer) {
      steps(problems, trainer.optimizer());
    }
    return new Verdict(List.copyOf(problems), bad.isEmpty());
  }

  boolean isSuccess() {
    return problems.isEmpty();
  }

  /** One line. */
  String text() {
    return String.join("; ", problems);
  }

  /** How many steps changed nothing, where some did not. */
  static String skipped(Optimizer optimizer) {
    long skipped = optimizer.attemptedSteps() - optimizer.appliedSteps();
    return skipped == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "%,d of %,d steps were skipped, as their gradients were not finite",
            skipped,
            optimizer.attemptedSteps());
  }

  private static void steps(List<String> problems, Optimizer optimizer) {
    if (2 * optimizer.appliedSteps() < optimizer.attemptedSteps()) {
      problems.add(skipped(optimizer));
    }
  }

  /** Names the example that a loss of finite weights comes from: it has extreme values. */
  private static void where(List<String> problems, Training training, Dataset data) {
    int first = 0;
    int end = data.size();
    while (end - first > 1) {
      int middle = (first + end) >>> 1;
      if (isExtreme(training, data, first, middle)) {
        end = middle;
      } else {
        first = middle;
      }
    }
    if (isExtreme(training, data, first, end)) {
      problems.add("it is so at example %d of that part".formatted(first + 1));
    }
  }

  private static boolean isExtreme(Training training, Dataset data, int first, int end) {
    Dataset some = data.subset(IntStream.range(first, end).toArray());
    return !Double.isFinite(training.evaluate(some).loss());
  }

  private static void loss(List<String> problems, String what, Evaluation scores) {
    if (scores != null && !Double.isFinite(scores.loss())) {
      problems.add("the %s is %s".formatted(what, scores.loss()));
    }
  }

  private static boolean isFinite(HostTensor tensor) {
    MemorySegment data = tensor.data();
    long n = tensor.shape().size();
    if (tensor.dtype() == DType.F32) {
      for (long i = 0; i < n; i++) {
        if (!Float.isFinite(data.getAtIndex(ValueLayout.JAVA_FLOAT, i))) {
          return false;
        }
      }
    } else if (tensor.dtype() == DType.F64) {
      for (long i = 0; i < n; i++) {
        if (!Double.isFinite(data.getAtIndex(ValueLayout.JAVA_DOUBLE, i))) {
          return false;
        }
      }
    }
    return true;
  }
}
