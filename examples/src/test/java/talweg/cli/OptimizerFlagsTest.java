package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import talweg.op.NonFinite;
import talweg.optim.Clip;
import talweg.optim.OptimizerOptions;

/** Every flag of the optimizer reaches its options. */
class OptimizerFlagsTest {
  @Command
  private static final class Holder {
    @Mixin private OptimizerFlags flags;
  }

  private static OptimizerOptions options(String line) {
    Holder holder = new Holder();
    new CommandLine(holder)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(Stream.of(line.split(" +")).filter(s -> !s.isEmpty()).toArray(String[]::new));
    return holder.flags.options();
  }

  static List<Arguments> flags() {
    OptimizerOptions none = OptimizerOptions.DEFAULT;
    return List.of(
        Arguments.of("", none.nonFinite(NonFinite.FAIL).accumulate(1)),
        Arguments.of("--nonfinite skip", none.nonFinite(NonFinite.SKIP)),
        Arguments.of("--nonfinite propagate", none.nonFinite(NonFinite.PROPAGATE)),
        Arguments.of("--accumulate 3", none.accumulate(3)),
        Arguments.of("--clip-norm 2", none.clip(Clip.byGlobalNorm(2))),
        Arguments.of("--clip-value 2", none.clip(new Clip.ByValue(2))),
        Arguments.of("--clip-tensor-norm 2", none.clip(Clip.byTensorNorm(2))),
        Arguments.of("--clip-agc 2", none.clip(Clip.adaptive(2))),
        Arguments.of(
            "--optimizer lamb-nvidia:max-grad-norm=3", none.clip(Clip.byExactGlobalNorm(3))));
  }

  @ParameterizedTest(name = "\"{0}\"")
  @MethodSource("flags")
  void eachFlagIsHeeded(String line, OptimizerOptions expected) {
    assertEquals(expected, options(line));
  }

  @Test
  void boundsOfDifferentKindsExcludeEachOther() {
    String message =
        assertThrows(UsageException.class, () -> options("--clip-value 1 --clip-agc 1"))
            .getMessage();
    assertTrue(message.startsWith("--clip-value and --clip-agc: "), message);
  }
}
