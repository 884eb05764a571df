package talweg.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The flags that a run was given, as they were written, so that it can be set up again.
 *
 * @param flags name to value
 */
record Configuration(Map<String, String> flags) {
  /** What a run that goes on may be given anew, beside flags that only say how it is shown. */
  private static final Set<String> CHANGEABLE =
      Set.of("--epochs", "--keep", "--backend", "--checkpoint-every", "--threads", "--memory");

  /** What belongs to one start of the program and is not kept. */
  private static final Set<String> OF_THE_MOMENT =
      Set.of("--resume", "--out", "--json", "--debug", "--no-plots", "--help", "--version");

  Configuration {
    // In a fixed order, so that a run's checkpoints have the same bytes each time.
    flags = Collections.unmodifiableMap(new LinkedHashMap<>(flags));
  }

  /**
   * What was given on the command line.
   *
   * @param split how the data are split, which is always kept: a run without it was started when
   *     there was no validation part. Null for such a run
   */
  static Configuration of(ParseResult given, String split) {
    Map<String, String> flags = new LinkedHashMap<>();
    if (split != null) {
      flags.put(SplitFlags.SPLIT, split);
    }
    for (OptionSpec option : given.matchedOptions()) {
      if (!OF_THE_MOMENT.contains(option.longestName())) {
        flags.put(option.longestName(), value(option));
      }
    }
    return new Configuration(flags);
  }

  private static String value(OptionSpec option) {
    return String.join(",", option.originalStringValues());
  }

  /** Whether the run was started when there was no validation part. */
  boolean hasTwoParts() {
    return !flags.containsKey(SplitFlags.SPLIT);
  }

  /**
   * The command line that goes on with this run: its own flags and what was given for the rest of
   * it.
   *
   * @param run for the error
   * @throws UsageException naming a flag that is not that of the run
   */
  List<String> resumedBy(ParseResult given, Path run) {
    Map<String, String> all = new LinkedHashMap<>(flags);
    List<String> arguments = new ArrayList<>();
    for (OptionSpec option : given.matchedOptions()) {
      String name = option.longestName();
      String value = value(option);
      if (OF_THE_MOMENT.contains(name)) {
        arguments.add(option.arity().max() == 0 ? name : name + "=" + value);
      } else if (CHANGEABLE.contains(name)) {
        all.put(name, value);
      } else if (!value.equals(flags.get(name))) {
        throw new UsageException(
            "%s: the run in %s %s, but now it is %s; leave the flag out to go on with that run, or train anew without --resume"
                .formatted(
                    name,
                    run,
                    flags.containsKey(name)
                        ? "was begun with " + flags.get(name)
                        : "was begun without this flag",
                    value));
      }
    }
    all.forEach((name, value) -> arguments.add(name + "=" + value));
    return arguments;
  }
}
