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

  /** Begins to write about a training into the run's folder. */
  RunFiles start(Path folder, Module network, Training training) {
    return new RunFiles(folder, network, training, !noPlots);
  }
}
