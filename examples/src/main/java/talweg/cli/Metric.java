package talweg.cli;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import talweg.data.Dataset;
import talweg.data.Standardizer;
import talweg.train.ConfusionMatrix;
import talweg.train.Evaluation;
import talweg.train.Predictions;
import talweg.train.RegressionScores;

/** Figures by which models are judged. */
enum Metric {
  ACCURACY(true),
  MACRO_PRECISION(true),
  MACRO_RECALL(true),
  MACRO_F1(true),
  LOSS(false),
  MSE(false),
  RMSE(false),
  MAE(false),
  R2(true);

  private final boolean moreIsBetter;

  Metric(boolean moreIsBetter) {
    this.moreIsBetter = moreIsBetter;
  }

  boolean moreIsBetter() {
    return moreIsBetter;
  }

  /** As in JSON and on the command line. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether one value is better than another: NaN is worse than any number. */
  boolean isBetter(double value, double other) {
    if (Double.isNaN(other)) {
      return !Double.isNaN(value);
    }
    return moreIsBetter ? value > other : value < other;
  }

  static Map<Metric, Double> of(Evaluation evaluation, ConfusionMatrix matrix) {
    Map<Metric, Double> scores = new LinkedHashMap<>();
    scores.put(LOSS, evaluation.loss());
    scores.put(ACCURACY, matrix.accuracy());
    scores.put(MACRO_PRECISION, matrix.macroPrecision());
    scores.put(MACRO_RECALL, matrix.macroRecall());
    scores.put(MACRO_F1, matrix.macroF1());
    return scores;
  }

  /** Scores of the first target. */
  static Map<Metric, Double> of(
      Evaluation evaluation, Dataset data, Predictions predictions, Standardizer targets) {
    RegressionScores own = RegressionScores.of(data, predictions, targets, 0);
    Map<Metric, Double> scores = new LinkedHashMap<>();
    scores.put(LOSS, evaluation.loss());
    scores.put(MSE, own.mse());
    scores.put(RMSE, own.rmse());
    scores.put(MAE, own.mae());
    scores.put(R2, own.r2());
    return scores;
  }
}
