package talweg.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;
import talweg.nn.Module;
import talweg.train.Training;

/** The flags for what a run leaves to look at. */
final class WatchFlags {
  @Option(
      names = "--no-plots",
      description = "Leave curves and images out of report.html; its tables stay.")
  private boolean noPlots;

  /**
   * Begins to write about a training into the run's folder.
   *
   * @param resumed the folder of the run that goes on, or null
   * @param planned number of epochs
   */
  RunFiles start(Path folder, Path resumed, Module network, Training training, int planned) {
    return new RunFiles(folder, resumed, network, training, planned, !noPlots);
  }
}
