package talweg.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Stack;
import picocli.CommandLine.IParameterPreprocessor;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Lets a formula begin with a minus, as in {@code talweg minimize -x^2}: what looks like a short
 * flag and is none goes to the end, behind {@code --}.
 */
final class FormulaArgument implements IParameterPreprocessor {
  @Override
  public boolean preprocess(
      Stack<String> arguments, CommandSpec command, ArgSpec none, Map<String, Object> info) {
    List<String> given = new ArrayList<>(arguments);
    Collections.reverse(given);
    List<String> kept = new ArrayList<>();
    List<String> formulas = new ArrayList<>();
    boolean value = false;
    for (String argument : given) {
      boolean formula =
          !value && argument.matches("(?s)-[^-].*") && option(command, argument) == null;
      (formula ? formulas : kept).add(argument);
      value = !value && takesValue(command, argument);
    }
    if (formulas.size() == 1 && !given.contains("--")) {
      kept.add("--");
      kept.addAll(formulas);
      Collections.reverse(kept);
      arguments.clear();
      arguments.addAll(kept);
    }
    return false;
  }

  private static OptionSpec option(CommandSpec command, String argument) {
    return command.optionsMap().get(argument);
  }

  private static boolean takesValue(CommandSpec command, String argument) {
    OptionSpec option = option(command, argument);
    return option != null && option.arity().max() > 0;
  }
}
