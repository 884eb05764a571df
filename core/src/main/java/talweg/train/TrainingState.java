package talweg.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import talweg.json.JsonFields;
import talweg.json.StrictJson;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What the host knows of a training between two steps; the rest is on the device.
 *
 * @param epoch the one that is running, or comes next, from 1
 * @param batch (micro-)batches done in it, a whole number of steps
 * @param counted examples that the epoch's metrics are of
 * @param seconds of the epochs that were finished
 * @param epochSeconds of the one that is running
 * @param norms of the gradients in it
 * @param epochs the last of those that were finished, and the best
 * @param best the best of them, or null
 * @param schedules of each parameter group, as text; empty text for one that has none
 * @param firstSchedules those that the training began with
 * @param settings what has to be the same when it goes on
 * @param configuration of the caller
 * @param trainData fingerprint
 * @param validationData fingerprint, or empty without validation data
 */
record TrainingState(
    int epoch,
    int batch,
    long counted,
    double seconds,
    double epochSeconds,
    GradientNorms.Sums norms,
    List<EpochResult> epochs,
    Best best,
    List<String> schedules,
    List<String> firstSchedules,
    Map<String, String> settings,
    Map<String, String> configuration,
    String trainData,
    String validationData,
    String backend) {
  /** Most of the last epochs that are kept: a checkpoint does not grow with their number. */
  static final int MOST_EPOCHS = 100;

  private static final String VALIDATION_DATA = "validation_data";
  private static final String NORMS = "gradient_norms";
  private static final String NORM_MEAN = "gradient_norm_mean";
  private static final String NORM_MAX = "gradient_norm_max";
  private static final String VALIDATION = "val";
  private static final String LOSS = "_loss";
  private static final String ACCURACY = "_accuracy";

  /** Number and metric of the best epoch. */
  record Best(int epoch, double value) {}

  /** The JSON text. */
  String format() {
    ObjectNode root = StrictJson.object();
    root.put("epoch", epoch).put("batch", batch).put("counted", counted);
    put(root, "seconds", seconds);
    put(root, "epoch_seconds", epochSeconds);
    ObjectNode gradients = root.putObject(NORMS).put("steps", norms.steps());
    put(gradients, "sum", norms.sum());
    put(gradients, "max", norms.most());
    root.put("backend", backend).put("train_data", trainData);
    root.put(VALIDATION_DATA, validationData);
    if (best != null) {
      put(root.putObject("best").put("epoch", best.epoch), "value", best.value);
    }
    schedules.forEach(root.putArray("schedules")::add);
    firstSchedules.forEach(root.putArray("first_schedules")::add);
    settings.forEach(root.putObject("settings")::put);
    configuration.forEach(root.putObject("configuration")::put);
    ArrayNode list = root.putArray("epochs");
    epochs.forEach(e -> put(list.addObject(), e));
    return StrictJson.write(root);
  }

  private static void put(ObjectNode node, EpochResult result) {
    node.put("epoch", result.epoch()).put("steps", result.steps());
    put(node, "train_loss", result.train().loss());
    put(node, "train_accuracy", result.train().accuracy());
    if (result.validation() != null) {
      put(node, VALIDATION + LOSS, result.validation().loss());
      put(node, VALIDATION + ACCURACY, result.validation().accuracy());
    }
    put(node, "learning_rate", result.learningRate());
    put(node, "gradient_norm", result.gradientNorm());
    put(node, "seconds", result.seconds());
    put(node, "samples_per_s", result.samplesPerSecond());
    put(node, NORM_MEAN, result.gradientNormMean());
    put(node, NORM_MAX, result.gradientNormMax());
  }

  /** As text, which keeps every bit and can also say NaN. */
  private static void put(ObjectNode node, String key, double value) {
    node.put(key, Double.toString(value));
  }

  /**
   * Reads the JSON text.
   *
   * @throws talweg.error.DataFormatException if anything is missing, or not of the right kind
   */
  static TrainingState parse(String file, String json) {
    JsonFields root = JsonFields.parse(file + ": " + Checkpoint.STATE_KEY, json);
    int next = root.integer("epoch", 1, Integer.MAX_VALUE);
    List<EpochResult> epochs = epochs(root, next - 1);
    Optional<JsonFields> best = root.optional("best");
    TrainingState state =
        new TrainingState(
            next,
            root.integer("batch", 0, Integer.MAX_VALUE),
            root.whole("counted"),
            number(root, "seconds"),
            number(root, "epoch_seconds"),
            norms(root),
            List.copyOf(epochs),
            best.isEmpty()
                ? null
                : new Best(best.get().integer("epoch", 1, next - 1), number(best.get(), "value")),
            root.texts("schedules"),
            root.texts("first_schedules"),
            root.textsByName("settings"),
            root.textsByName("configuration"),
            root.text("train_data"),
            root.text(root.has(VALIDATION_DATA) ? VALIDATION_DATA : "test_data"),
            root.text("backend"));
    root.end();
    if (state.best() != null && epochs.stream().noneMatch(e -> e.epoch() == state.best().epoch())) {
      throw root.wrong("epochs", "epoch " + state.best().epoch() + ", the best, among them");
    }
    return state;
  }

  /** In order, up to the last one that was finished; former formats have all of them. */
  private static List<EpochResult> epochs(JsonFields root, int finished) {
    List<EpochResult> epochs = new ArrayList<>();
    int before = 0;
    for (JsonFields result : root.objects("epochs")) {
      epochs.add(epoch(result, before + 1, finished));
      before = epochs.getLast().epoch();
    }
    if (before != finished) {
      throw root.wrong("epochs", "epochs up to " + finished);
    }
    return epochs;
  }

  private static EpochResult epoch(JsonFields result, int least, int most) {
    return new EpochResult(
        result.integer("epoch", least, most),
        result.whole("steps"),
        new Evaluation(number(result, "train_loss"), number(result, "train_accuracy")),
        validation(result),
        number(result, "learning_rate"),
        number(result, "gradient_norm"),
        number(result, "seconds"),
        number(result, "samples_per_s"),
        result.has(NORM_MEAN) ? number(result, NORM_MEAN) : Double.NaN,
        result.has(NORM_MAX) ? number(result, NORM_MAX) : Double.NaN);
  }

  /** Formats before the third have none: a running epoch's are then of what is left of it. */
  private static GradientNorms.Sums norms(JsonFields root) {
    if (!root.has(NORMS)) {
      return GradientNorms.Sums.NONE;
    }
    JsonFields norms = root.object(NORMS);
    GradientNorms.Sums sums =
        new GradientNorms.Sums(number(norms, "sum"), number(norms, "max"), norms.whole("steps"));
    norms.end();
    return sums;
  }

  /** Of the validation data, which checkpoints of the first version called test data. */
  private static Evaluation validation(JsonFields result) {
    for (String part : List.of(VALIDATION, "test")) {
      if (result.has(part + LOSS)) {
        return new Evaluation(number(result, part + LOSS), number(result, part + ACCURACY));
      }
    }
    return null;
  }

  private static double number(JsonFields fields, String name) {
    try {
      return Double.parseDouble(fields.text(name));
    } catch (NumberFormatException e) {
      throw fields.wrong(name, "a number");
    }
  }
}
