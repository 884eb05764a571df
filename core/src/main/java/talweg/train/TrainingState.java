package talweg.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import talweg.error.DataFormatException;
import talweg.json.StrictJson;
import tools.jackson.databind.JsonNode;
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
 * @param epochs those that were finished
 * @param best the best of them, or null
 * @param schedules of each parameter group, as text; empty text for one that has none
 * @param firstSchedules those that the training began with
 * @param settings what has to be the same when it goes on
 * @param configuration of the caller
 * @param trainData fingerprint
 * @param testData fingerprint, or empty without test data
 */
record TrainingState(
    int epoch,
    int batch,
    long counted,
    double seconds,
    double epochSeconds,
    List<EpochResult> epochs,
    Best best,
    List<String> schedules,
    List<String> firstSchedules,
    Map<String, String> settings,
    Map<String, String> configuration,
    String trainData,
    String testData,
    String backend) {
  /** Number and metric of the best epoch. */
  record Best(int epoch, double value) {}

  /** The JSON text. */
  String format() {
    ObjectNode root = StrictJson.object();
    root.put("epoch", epoch).put("batch", batch).put("counted", counted);
    put(root, "seconds", seconds);
    put(root, "epoch_seconds", epochSeconds);
    root.put("backend", backend).put("train_data", trainData).put("test_data", testData);
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
    if (result.test() != null) {
      put(node, "test_loss", result.test().loss());
      put(node, "test_accuracy", result.test().accuracy());
    }
    put(node, "learning_rate", result.learningRate());
    put(node, "gradient_norm", result.gradientNorm());
    put(node, "seconds", result.seconds());
    put(node, "samples_per_s", result.samplesPerSecond());
  }

  /** As text, which keeps every bit and can also say NaN. */
  private static void put(ObjectNode node, String key, double value) {
    node.put(key, Double.toString(value));
  }

  /**
   * Reads the JSON text.
   *
   * @throws DataFormatException if anything is missing, or not of the right kind
   */
  static TrainingState parse(String file, String json) {
    return new Reader(file).state(StrictJson.read(file, json));
  }

  private record Reader(String file) {
    TrainingState state(JsonNode root) {
      List<EpochResult> epochs = list(root, "epochs", this::epoch);
      JsonNode best = root.get("best");
      TrainingState state =
          new TrainingState(
              (int) whole(root, "epoch", 1, Integer.MAX_VALUE),
              (int) whole(root, "batch", 0, Integer.MAX_VALUE),
              whole(root, "counted", 0, Long.MAX_VALUE),
              number(root, "seconds"),
              number(root, "epoch_seconds"),
              epochs,
              best == null
                  ? null
                  : new Best((int) whole(best, "epoch", 1, epochs.size()), number(best, "value")),
              list(root, "schedules", this::text),
              list(root, "first_schedules", this::text),
              texts(root, "settings"),
              texts(root, "configuration"),
              text(field(root, "train_data")),
              text(field(root, "test_data")),
              text(field(root, "backend")));
      for (int i = 0; i < epochs.size(); i++) {
        require(epochs.get(i).epoch() == i + 1, "epochs in order");
      }
      require(state.epoch == epochs.size() + 1, "epoch to follow those that were finished");
      return state;
    }

    private EpochResult epoch(JsonNode node) {
      return new EpochResult(
          (int) whole(node, "epoch", 1, Integer.MAX_VALUE),
          whole(node, "steps", 0, Long.MAX_VALUE),
          new Evaluation(number(node, "train_loss"), number(node, "train_accuracy")),
          node.has("test_loss")
              ? new Evaluation(number(node, "test_loss"), number(node, "test_accuracy"))
              : null,
          number(node, "learning_rate"),
          number(node, "gradient_norm"),
          number(node, "seconds"),
          number(node, "samples_per_s"));
    }

    private <T> List<T> list(JsonNode node, String key, Function<JsonNode, T> element) {
      JsonNode array = field(node, key);
      require(array.isArray(), key + " to be a list");
      List<T> list = new ArrayList<>();
      array.forEach(e -> list.add(element.apply(e)));
      return List.copyOf(list);
    }

    private Map<String, String> texts(JsonNode node, String key) {
      JsonNode object = field(node, key);
      require(object.isObject(), key + " to be an object");
      Map<String, String> map = new LinkedHashMap<>();
      object.properties().forEach(e -> map.put(e.getKey(), text(e.getValue())));
      return map;
    }

    private long whole(JsonNode node, String key, long least, long most) {
      JsonNode value = field(node, key);
      require(value.isIntegralNumber() && value.canConvertToLong(), key + " to be a whole number");
      long number = value.asLong();
      require(number >= least && number <= most, key + " from " + least + " to " + most);
      return number;
    }

    private double number(JsonNode node, String key) {
      try {
        return Double.parseDouble(text(field(node, key)));
      } catch (NumberFormatException e) {
        throw wrong(key + " to be a number");
      }
    }

    private String text(JsonNode node) {
      require(node.isString(), "text");
      return node.asString();
    }

    private JsonNode field(JsonNode node, String key) {
      JsonNode value = node.get(key);
      require(value != null, "a value for " + key);
      return value;
    }

    private void require(boolean holds, String what) {
      if (!holds) {
        throw wrong(what);
      }
    }

    private DataFormatException wrong(String expected) {
      return new DataFormatException(
          "%s: the state of the training is not valid: expected %s; the file was not written by this version"
              .formatted(file, expected));
    }
  }
}
