package talweg.cli;

import java.util.Set;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import talweg.solve.LBFGS;
import talweg.solve.Stopping;

/** {@code --optimizer lbfgs[:history=10,tolerance=1e-9]}, which trains on all examples at once. */
final class FullBatchFlags {
  private static final String OPTIMIZER = "--optimizer";
  private static final String NAME = "lbfgs";

  private FullBatchFlags() {}

  /** The method, or null if another optimizer was chosen. */
  static LBFGS of(ParseResult given) {
    OptionSpec optimizer = given.matchedOption(OPTIMIZER);
    if (optimizer == null || optimizer.originalStringValues().isEmpty()) {
      return null;
    }
    String text = optimizer.originalStringValues().getLast();
    if (!text.equals(NAME) && !text.startsWith(NAME + ":")) {
      return null;
    }
    Settings settings =
        Settings.parse(OPTIMIZER, text).requireKnown(Set.of("history", "tolerance"));
    refuseFlagsOfMiniBatches(given);
    double history = settings.number("history", LBFGS.DEFAULT.history());
    double tolerance = settings.number("tolerance", Stopping.DEFAULT.gradientTolerance());
    if (!(history >= 1 && history <= 1000 && history == Math.rint(history)) || !(tolerance >= 0)) {
      throw new UsageException(
          "--optimizer lbfgs: expected history from 1 to 1000 and tolerance >= 0, got history=%s,tolerance=%s"
              .formatted(history, tolerance));
    }
    double step = Stopping.DEFAULT.stepTolerance();
    return new LBFGS((int) history, new Stopping(tolerance, step, Integer.MAX_VALUE));
  }

  private static void refuseFlagsOfMiniBatches(ParseResult given) {
    CommandSpec optimizerFlags = given.commandSpec().mixins().get("optimizer");
    CommandSpec checkpointFlags = given.commandSpec().mixins().get("checkpoints");
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      boolean ofOptimizers = optimizerFlags.findOption(name) != null && !name.equals(OPTIMIZER);
      if (ofOptimizers || name.equals("--batch")) {
        throw new UsageException(
            "%s does not go with --optimizer lbfgs, which trains on all examples at once and finds the length of its steps by a line search; leave it out"
                .formatted(name));
      }
      if (checkpointFlags.findOption(name) != null) {
        throw new UsageException(
            "%s does not go with --optimizer lbfgs, whose training saves no checkpoints; leave it out"
                .formatted(name));
      }
    }
  }
}
