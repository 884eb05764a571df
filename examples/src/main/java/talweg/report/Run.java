package talweg.report;

import java.util.List;
import java.util.Map;
import talweg.data.Dataset;
import talweg.data.Standardizer;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Phases;
import talweg.train.Predictions;

/**
 * A finished run, as its page tells of it.
 *
 * @param name of the data
 * @param epochs at least one; of a long run not all
 * @param seconds that all of them took
 * @param kept the epoch whose weights are saved
 * @param result what those weights score on the test part, or null without one
 * @param phases seconds per example, or null if they were not measured
 * @param test the test data as the network sees them, or null
 * @param predictions for the test data, or null without them
 * @param features how the features were standardized, or null
 * @param targets how the targets were standardized, or null
 * @param facts what was trained where, by name
 * @param configuration all settings, by name
 */
public record Run(
    String name,
    List<EpochResult> epochs,
    double seconds,
    EpochResult kept,
    Evaluation result,
    Phases phases,
    Dataset test,
    Predictions predictions,
    Standardizer features,
    Standardizer targets,
    Map<String, String> facts,
    Map<String, String> configuration) {
  EpochResult last() {
    return epochs.getLast();
  }

  boolean classifies() {
    return test != null && test.isClassification();
  }

  /** How the loss is shown. */
  LossText loss() {
    List<String> names = test == null || test.isClassification() ? List.of() : test.targetNames();
    return LossText.of(facts.getOrDefault("loss", ""), names, targets);
  }

  /** A class by its name, or by its number where it has none. */
  String className(int c) {
    List<String> names = test.classNames();
    return c < names.size() ? names.get(c) : Integer.toString(c);
  }
}
