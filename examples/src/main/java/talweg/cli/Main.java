package talweg.cli;

import java.io.PrintWriter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import talweg.error.OutOfMemoryException;
import talweg.error.Printable;
import talweg.error.TalwegException;
import talweg.session.MemoryUse;

/** The command line. */
@Command(
    name = "talweg",
    description = "Trains neural networks on NVIDIA GPUs and CPUs.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TrainCommand.class,
      EvaluateCommand.class,
      PredictCommand.class,
      MinimizeCommand.class,
      BenchmarkCommand.class,
      ConformanceCommand.class,
      ScheduleCommand.class,
      LandscapeCommand.class,
      FetchCommand.class,
      DoctorCommand.class,
      CompletionCommand.class
    },
    footer = {
      "",
      "Long command lines can be kept in a file, one argument a line, # before comments:",
      "talweg train @flags.txt --epochs 5.",
      "",
      "Exit codes: 0 done, 1 failed, 2 wrong usage, 65 bad data, 66 input not found,",
      "69 backend not available, 74 input/output error, 129/130/143 stopped by a signal, with a"
          + " checkpoint."
    })
public final class Main implements Callable<Integer> {
  private static final int HELP_WIDTH = 100;
  private static final int LEAST_HELP_WIDTH = 55;

  /** Earlier updates of JDK 25 can move pinned arrays under G1. */
  private static final Runtime.Version NEEDED = Runtime.Version.parse("25.0.3");

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print stack traces of errors.")
  private boolean debug;

  @Spec private CommandSpec spec;

  public static void main(String[] args) {
    if (Runtime.version().compareToIgnoreOptional(NEEDED) < 0) {
      System.err.printf(
          "talweg: needs JDK %s or newer, this is %s; install one, for example from"
              + " https://adoptium.net%n",
          NEEDED, Runtime.version());
      System.exit(ExitCode.UNAVAILABLE);
    }
    if (!List.of(args).contains("--version")) {
      StandardError.restore();
    }
    StandardOutput.install();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    // Numbers are written as they are read again and documented, whatever the user's language.
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    Main main = new Main();
    Console console = new Console(false);
    CommandLine command =
        new CommandLine(main)
            .registerConverter(Path.class, PathFlag::of)
            .setUsageHelpWidth(Math.clamp(console.width(), LEAST_HELP_WIDTH, HELP_WIDTH))
            .setColorScheme(Help.defaultColorScheme(console.colours() ? Ansi.ON : Ansi.OFF))
            .setParameterExceptionHandler(Main::wrongUsage)
            .setExecutionStrategy(Main::run)
            .setExecutionExceptionHandler((error, failing, _) -> main.failed(error, failing));
    FlagValues.register(command);
    return command;
  }

  /** Without a command: what there is to choose from. */
  @Override
  public Integer call() {
    spec.commandLine().usage(spec.commandLine().getOut());
    return ExitCode.USAGE;
  }

  /** Runs the command; the Java heap, too, ends with a sentence, and so do classes not found. */
  private static int run(CommandLine.ParseResult given) {
    try {
      return whole(given, new CommandLine.RunLast().execute(given));
    } catch (LinkageError e) {
      throw new CommandLine.ExecutionException(
          given.asCommandLineList().getLast(),
          "not loaded",
          new TalwegException(
              "a part of the program cannot be loaded (%s); is the installation complete, and the limit of open files (ulimit -n) at least 256?"
                  .formatted(e),
              e));
    } catch (OutOfMemoryError e) {
      CommandLine command = given.asCommandLineList().getLast();
      String heap = MemoryUse.text(Runtime.getRuntime().maxMemory());
      throw new CommandLine.ExecutionException(
          command,
          "out of memory",
          new OutOfMemoryException(
              "out of memory: the Java heap of %s is used up (%s)".formatted(heap, e.getMessage()),
              "raise it, as by TALWEG_JAVA_OPTS=-Xmx8g, or use less data or a smaller network",
              e));
    }
  }

  /** No command has succeeded whose output is not out. */
  private static int whole(CommandLine.ParseResult given, int exitCode) {
    CommandLine command = given.asCommandLineList().getLast();
    Optional<String> lost = StandardOutput.lost(command.getOut());
    if (lost.isEmpty()) {
      return exitCode;
    }
    command.getErr().printf("%s: %s%n", command.getCommandSpec().qualifiedName(), lost.get());
    return exitCode == ExitCode.DONE ? ExitCode.IO_ERROR : exitCode;
  }

  private static int wrongUsage(CommandLine.ParameterException error, String[] args) {
    CommandLine command = error.getCommandLine();
    PrintWriter err = command.getErr();
    String message = Printable.message(FlagValues.message(error));
    err.printf("%s: %s%n", command.getCommandSpec().qualifiedName(), message);
    if (!CommandLine.UnmatchedArgumentException.printSuggestions(error, err)) {
      err.printf("Try '%s --help'.%n", command.getCommandSpec().qualifiedName());
    }
    return ExitCode.USAGE;
  }

  private int failed(Exception error, CommandLine command) {
    String name = command.getCommandSpec().qualifiedName();
    String message =
        error instanceof InvalidPathException path
            ? PathFlag.describe(path)
            : Advice.message(error);
    command.getErr().printf("%s: %s%n", name, Printable.message(message));
    if (debug) {
      error.printStackTrace(command.getErr());
    }
    return ExitCode.of(error);
  }
}
