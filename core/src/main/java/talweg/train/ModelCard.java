package talweg.train;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import talweg.data.Dataset;
import talweg.data.ImageEncoding;
import talweg.data.Preprocessing;
import talweg.data.TableEncoding;
import talweg.error.DataFormatException;
import talweg.json.JsonFields;
import talweg.json.StrictJson;
import talweg.nn.NetworkSpec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a model file says besides the parameters: how to build the network again, what its inputs
 * and outputs are, and how files become inputs. JSON in the metadata of a safetensors file, with a
 * version; reading it builds values and never classes that the file names.
 *
 * @param network the layers
 * @param input shape of one example
 * @param objective name of the loss
 * @param classes names in label order; empty for regression
 * @param targets names of the predicted numbers; empty for classification
 * @param data where the training data were from, as on the command line
 * @param seed of the split into training, validation and test data
 * @param parts which examples were for training, validation and test
 * @param preprocessing what was learned from the training data, or null
 */
public record ModelCard(
    NetworkSpec network,
    List<Integer> input,
    String objective,
    List<String> classes,
    List<String> targets,
    String data,
    long seed,
    DataParts parts,
    Preprocessing preprocessing) {
  /** Key of the metadata. */
  public static final String KEY = "talweg.model";

  /** 2 since the description says how the data were split; older ones are read for good. */
  private static final int VERSION = 2;

  private static final int MAX_LAYERS = 10_000;

  public ModelCard {
    input = List.copyOf(input);
    classes = List.copyOf(classes);
    targets = List.copyOf(targets);
    if (classes.isEmpty() == targets.isEmpty()) {
      throw new IllegalArgumentException(
          "model card: expected names of classes or of targets, got %s and %s"
              .formatted(classes, targets));
    }
  }

  /** The card of a network for a data set. */
  public static ModelCard of(
      NetworkSpec network,
      Dataset train,
      Objective objective,
      String data,
      long seed,
      DataParts parts,
      Preprocessing preprocessing) {
    List<Integer> input = new ArrayList<>();
    for (int extent : train.featureShape()) {
      input.add(extent);
    }
    return new ModelCard(
        network,
        input,
        objective.name(),
        train.isClassification() ? classNames(train) : List.of(),
        train.isClassification() ? List.of() : train.targetNames(),
        data,
        seed,
        parts,
        preprocessing);
  }

  private static List<String> classNames(Dataset data) {
    if (!data.classNames().isEmpty()) {
      return data.classNames();
    }
    List<String> names = new ArrayList<>();
    for (int c = 0; c < data.numClasses(); c++) {
      names.add(Integer.toString(c));
    }
    return names;
  }

  /** Whether the outputs are classes, rather than numbers. */
  public boolean isClassification() {
    return !classes.isEmpty();
  }

  /** Number of outputs. */
  public int outputs() {
    return isClassification() ? classes.size() : targets.size();
  }

  /** The JSON text. */
  public String toJson() {
    ObjectNode root = StrictJson.object();
    root.put("version", VERSION);
    ArrayNode layers = root.putArray("network");
    network.layers().forEach(layer -> LayerJson.write(layer, layers.addObject()));
    input.forEach(root.putArray("input")::add);
    root.put("objective", objective);
    List<String> outputs = isClassification() ? classes : targets;
    outputs.forEach(root.putArray(isClassification() ? "classes" : "targets")::add);
    root.put("data", data).put("seed", seed);
    parts.write(root.putObject("split"));
    if (preprocessing != null) {
      root.set("preprocessing", StrictJson.read("preprocessing", preprocessing.toJson()));
    }
    return StrictJson.write(root);
  }

  /**
   * Reads the card of a file.
   *
   * @param file begins the error
   * @param metadata of the file, which is not trusted
   * @throws DataFormatException if there is no card, or it is not valid
   */
  public static ModelCard read(String file, Map<String, String> metadata) {
    String json = metadata.get(KEY);
    if (json == null) {
      throw new DataFormatException(
          "%s: expected metadata \"%s\" that describes the network, got none; use a model that talweg train wrote"
              .formatted(file, KEY));
    }
    JsonFields fields = JsonFields.parse(file + ": " + KEY, json);
    int version = fields.integer("version", 1, Integer.MAX_VALUE);
    if (version > VERSION) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected a description of version %d, got %d; use a newer Talweg",
              file,
              VERSION,
              version));
    }
    boolean classifies = fields.has("classes");
    ModelCard card =
        new ModelCard(
            network(fields),
            fields.sizes("input"),
            objective(fields, classifies),
            classifies ? names(fields, "classes") : List.of(),
            classifies ? List.of() : names(fields, "targets"),
            fields.text("data"),
            fields.whole("seed"),
            fields.optional("split").map(DataParts::read).orElse(DataParts.FIRST_VERSION),
            fields.has("preprocessing") ? preprocessing(file, fields) : null);
    fields.end();
    card.requirePreprocessing(file);
    return card;
  }

  private static Preprocessing preprocessing(String file, JsonFields fields) {
    try {
      return Preprocessing.fromJson(fields.json("preprocessing"));
    } catch (DataFormatException e) {
      throw new DataFormatException(file + ": " + e.getMessage(), e);
    }
  }

  /** Whether what files become is what the network takes, with the classes that it tells apart. */
  private void requirePreprocessing(String file) {
    List<Integer> made =
        switch (preprocessing) {
          case TableEncoding table -> List.of(table.featureNames().size());
          case ImageEncoding images when images.colour() ->
              List.of(3, images.height(), images.width());
          case ImageEncoding images -> List.of(images.height(), images.width());
          case null -> input;
        };
    if (!made.equals(input)) {
      throw new DataFormatException(
          "%s: its preprocessing makes examples of shape %s, but its network is described for %s; the file was altered"
              .formatted(file, made, input));
    }
    if (preprocessing != null
        && isClassification()
        && !preprocessing.classNames().equals(classes)) {
      throw new DataFormatException(
          "%s: its preprocessing knows other classes than its network; the file was altered"
              .formatted(file));
    }
  }

  private static NetworkSpec network(JsonFields fields) {
    List<JsonFields> layers = fields.objects("network");
    if (layers.isEmpty() || layers.size() > MAX_LAYERS) {
      throw fields.wrong("network", "1 to " + MAX_LAYERS + " layers");
    }
    return new NetworkSpec(layers.stream().map(LayerJson::read).toList());
  }

  private static String objective(JsonFields fields, boolean classifies) {
    String name = fields.text("objective");
    try {
      if (Objective.named(name).classification() == classifies) {
        return name;
      }
    } catch (IllegalArgumentException e) {
      throw fields.wrong("objective", "a known loss");
    }
    throw fields.wrong("objective", "a loss that fits the outputs");
  }

  private static List<String> names(JsonFields fields, String name) {
    List<String> names = fields.texts(name);
    if (names.isEmpty() || new HashSet<>(names).size() != names.size()) {
      throw fields.wrong(name, "different names");
    }
    return names;
  }
}
