package talweg.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code talweg completion}: what makes a shell complete commands and flags. */
@Command(
    name = "completion",
    description =
        "Prints a script that lets bash and zsh complete commands, flags and their values.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "For this shell:    source <(./talweg completion)",
      "For every shell:   ./talweg completion > ~/.local/share/bash-completion/completions/talweg",
      "In zsh, first:     autoload -U +X bashcompinit && bashcompinit"
    })
final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec command;

  @Override
  public Integer call() {
    System.out.print(AutoComplete.bash("talweg", command.parent().commandLine()));
    System.out.flush();
    return ExitCode.DONE;
  }
}
