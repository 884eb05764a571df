package talweg.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import talweg.error.DataFormatException;
import talweg.error.ShapeException;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.session.Session;
import talweg.tensor.DType;

/**
 * A trained model in one safetensors file: its parameters under PyTorch's names, and a {@link
 * ModelCard} from which the network is built again.
 *
 * @param name of the file, for messages
 */
public record ModelFile(String name, ModelCard card, Map<String, HostTensor> tensors) {
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
   * @throws DataFormatException if it is not a valid model
   */
  public static ModelFile read(Path file) {
    Safetensors.Content content = Safetensors.read(file);
    ModelCard card = ModelCard.read(file.toString(), content.metadata());
    return new ModelFile(file.toString(), card, content.tensors());
  }

  /**
   * Builds the network on a session, in evaluation mode, with the file's parameters in their own
   * precision.
   *
   * @throws DataFormatException if the parameters are not those of the network
   */
  public Module open(Session session) {
    Module model;
    try {
      model = card.network().build();
    } catch (ShapeException | IllegalArgumentException e) {
      throw new DataFormatException(
          "%s: describes a network that cannot be: %s; the file was altered"
              .formatted(name, e.getMessage()),
          e);
    }
    requireParameters(model);
    boolean wide = tensors.values().stream().anyMatch(t -> t.dtype() == DType.F64);
    model.init(session, wide ? DType.F64 : DType.F32, 0);
    model.load(name, tensors);
    return model.eval();
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
