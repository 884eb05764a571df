package talweg.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.io.HostTensor;
import talweg.io.Safetensors;

/**
 * A training between two steps, as it was read from a file: a safetensors file with the model
 * ({@code model.0.weight}), the optimizer ({@code optimizer.0.weight.exp_avg}), the best weights so
 * far ({@code best.0.weight}) and what else is on the device, and in its metadata, as JSON, what
 * the host knows. Reading verifies its SHA-256.
 */
public final class Checkpoint {
  /**
   * Raised by each change that older versions would misread, a field or setting that they do not
   * know among them. Older formats are read for good. 2: the part that is monitored is called
   * validation. 3: of the epochs only the last ones and the best are in it.
   */
  static final int FORMAT = 3;

  static final String FORMAT_KEY = "talweg.checkpoint";
  static final String STATE_KEY = "talweg.training";
  static final String MODEL = "model.";
  static final String OPTIMIZER = "optimizer.";
  static final String METRICS = "metrics.sums";
  static final String BEST = "best.";

  private final Path file;
  private final Map<String, HostTensor> tensors;
  private final TrainingState state;

  private Checkpoint(Path file, Map<String, HostTensor> tensors, TrainingState state) {
    this.file = file;
    this.tensors = tensors;
    this.state = state;
  }

  /**
   * Reads and verifies a checkpoint.
   *
   * @throws talweg.error.InputNotFoundException if there is no such file
   * @throws DataFormatException if it is damaged, or no checkpoint
   * @throws CheckpointException if a newer version wrote it, or it cannot be read
   */
  public static Checkpoint read(Path file) {
    return of(file, Safetensors.read(file));
  }

  static Checkpoint of(Path file, Safetensors.Content content) {
    String format = content.metadata().get(FORMAT_KEY);
    String state = content.metadata().get(STATE_KEY);
    if (!content.sealed() || format == null || state == null) {
      throw new DataFormatException(
          file
              + ": is no checkpoint of a training, or it is damaged; expected one that was written"
              + " by it");
    }
    requireKnown(file, format);
    return new Checkpoint(file, content.tensors(), TrainingState.parse(file.toString(), state));
  }

  private static void requireKnown(Path file, String format) {
    if (!format.matches("[1-9]\\d{0,8}")) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected a checkpoint format from 1 to %d, got \"%s\"; the file is damaged",
              file,
              FORMAT,
              format));
    }
    if (Integer.parseInt(format) > FORMAT) {
      throw new NewerCheckpointException(
          String.format(
              Locale.ROOT,
              "%s: expected checkpoint format %d or older, got %s; use the newer version of Talweg"
                  + " that wrote it",
              file,
              FORMAT,
              format));
    }
  }

  public Path file() {
    return file;
  }

  /** What the training was given as its configuration, such as the command line's flags. */
  public Map<String, String> configuration() {
    return state.configuration();
  }

  /** The backend that the training ran on. */
  public String backend() {
    return state.backend();
  }

  /** Epochs that were finished. */
  public int epochs() {
    return state.epoch() - 1;
  }

  TrainingState state() {
    return state;
  }

  /** Everything but the best weights. */
  Map<String, HostTensor> current() {
    Map<String, HostTensor> current = new LinkedHashMap<>(tensors);
    current.keySet().removeIf(name -> name.startsWith(BEST));
    return current;
  }

  /** The best weights by the model's names, or null if there is no best epoch yet. */
  Map<String, HostTensor> bestWeights() {
    if (state.best() == null) {
      return null;
    }
    // Right after the best epoch they are the model's own and are not written twice.
    String prefix =
        tensors.keySet().stream().anyMatch(name -> name.startsWith(BEST)) ? BEST : MODEL;
    Map<String, HostTensor> weights = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> {
      if (name.startsWith(prefix)) {
        weights.put(name.substring(prefix.length()), tensor);
      }
    });
    return weights;
  }
}
