package talweg.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import talweg.error.InputNotFoundException;

/** Where things are in a run's folder, for flags that take the folder or the file. */
final class RunFolder {
  private static final String MODEL = "model.safetensors";

  private RunFolder() {}

  /**
   * The model that a flag names: a file, or the folder of a run.
   *
   * @throws InputNotFoundException for a folder without one
   */
  static Path model(Path named) {
    if (!Files.isDirectory(named)) {
      return named;
    }
    Path model = named.resolve(MODEL);
    if (Files.exists(model)) {
      return model;
    }
    boolean stopped = Files.isDirectory(named.resolve("checkpoint"));
    throw new InputNotFoundException(
        stopped
            ? "%s: there is no %s in this folder; end its training first: talweg train --resume %s"
                .formatted(named, MODEL, named)
            : "%s: there is no %s in this folder; name a model, or the folder of a training"
                .formatted(named, MODEL));
  }

  /**
   * Refuses a run to resume that is not there.
   *
   * @throws InputNotFoundException naming it
   */
  static void requireRun(String flag, Path run) {
    if (!Files.isDirectory(run)) {
      throw new InputNotFoundException(
          "%s %s: there is no such folder; name the folder of a run".formatted(flag, run));
    }
  }
}
