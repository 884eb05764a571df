package talweg.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.DataFormatException;
import talweg.error.Printable;
import talweg.error.ShapeException;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * A trained model in one safetensors file: its parameters under PyTorch's names, and a {@link
 * ModelCard} from which the network is built again.
 *
 * @param name of the file, for messages
 */
public record ModelFile(String name, ModelCard card, Map<String, HostTensor> tensors) {
  private static final Logger LOG = LoggerFactory.getLogger(ModelFile.class);

  /**
   * Writes a model.
   *
   * @param weights of {@link Module#state}, by path
   * @param metadata further entries, which may be empty
   * @throws talweg.error.CheckpointException if the file cannot be written
   */
  public static void write(
      Path file, Map<String, HostTensor> weights, ModelCard card, Map<String, String> metadata) {
    Map<String, String> all = new LinkedHashMap<>(metadata);
    all.put("format", "pt");
    all.put(ModelCard.KEY, card.toJson());
    Safetensors.write(file, weights, all);
  }

  /**
   * Reads a model, without trusting the file.
   *
   * @throws talweg.error.InputNotFoundException if there is no such file
   * @throws DataFormatException if it is not a valid model: its description, its parameters and its
   *     outputs have to agree
   */
  public static ModelFile read(Path file) {
    Safetensors.Content content = Safetensors.read(file);
    ModelCard card = ModelCard.read(file.toString(), content.metadata());
    ModelFile model = new ModelFile(file.toString(), card, content.tensors());
    Module unused = model.network(content.others());
    if (!content.sealed()) {
      LOG.warn(
          "{}: has no SHA-256 of itself, so another tool wrote it: damage would not be noticed",
          Printable.message(file.toString()));
    }
    return model;
  }

  /**
   * Builds the network on a session, in evaluation mode, with the file's parameters in their own
   * precision.
   *
   * @throws DataFormatException if the parameters are not those of the network
   */
  public Module open(Session session) {
    Module model = network(Map.of());
    boolean wide = tensors.values().stream().anyMatch(t -> t.dtype() == DType.F64);
    model.init(session, wide ? DType.F64 : DType.F32, 0);
    model.load(name, tensors);
    return model.eval();
  }

  /**
   * The network that is described, without values, if the file can be a model of it.
   *
   * @param others what was not read of the file
   */
  private Module network(Map<String, String> others) {
    Module model;
    try {
      model = card.network().build();
    } catch (ShapeException | IllegalArgumentException e) {
      throw new DataFormatException(
          "%s: describes a network that cannot be: %s; the file was altered"
              .formatted(name, e.getMessage()),
          e);
    }
    requireNoOthers(model, others);
    requireParameters(model);
    requireOutputs();
    return model;
  }

  /** Whether examples can go through the layers, and come out as the outputs that are named. */
  private void requireOutputs() {
    int[] input = card.input().stream().mapToInt(Integer::intValue).toArray();
    Shape outputs;
    try {
      outputs = card.network().outputShape(Shape.of(input));
    } catch (ShapeException e) {
      throw new DataFormatException(
          "%s: describes a network that cannot take examples of shape %s: %s; the file was altered"
              .formatted(name, card.input(), e.getMessage()),
          e);
    }
    if (!outputs.equals(Shape.of(card.outputs()))) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: names %d %s, but its network gives outputs of shape %s; the file was altered",
              name,
              card.outputs(),
              card.isClassification() ? "classes" : "targets",
              outputs));
    }
  }

  /** Values of types that cannot be read are of no use to the network. */
  private void requireNoOthers(Module network, Map<String, String> others) {
    if (others.isEmpty()) {
      return;
    }
    String first = others.keySet().iterator().next();
    String what =
        network.named().containsKey(first)
            ? "has an element type that the network cannot take; convert"
            : "is not one of the network's; remove";
    throw new DataFormatException(
        "%s: tensor %s %s%s %s it"
            .formatted(
                name,
                Printable.name(first),
                others.get(first),
                others.size() > 1
                    ? String.format(Locale.ROOT, " (and %d more of such types)", others.size() - 1)
                    : "",
                what));
  }

  /** Before anything is allocated: a description may ask for more memory than the file has. */
  private void requireParameters(Module model) {
    Map<String, Parameter> parameters = model.named();
    for (Map.Entry<String, Parameter> entry : parameters.entrySet()) {
      HostTensor found = tensors.get(entry.getKey());
      if (found == null || !found.shape().equals(entry.getValue().shape())) {
        throw new DataFormatException(
            "%s: parameter \"%s\": expected shape %s for the network that the file describes, got %s; the file was altered"
                .formatted(
                    name,
                    entry.getKey(),
                    entry.getValue().shape(),
                    found == null ? "none" : found.toString()));
      }
    }
  }
}
