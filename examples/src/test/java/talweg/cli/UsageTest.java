package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.DeviceSpec;

/** How the command line speaks. */
class UsageTest {
  @TempDir Path folder;

  @Test
  void aloneItPrintsItsHelp() {
    Cli alone = Cli.run();
    assertEquals(2, alone.exitCode());
    assertEquals(Cli.run("--help").out(), alone.out());
    assertEquals("", alone.err());
    assertTrue(alone.out().contains("@flags.txt"), alone.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "train --model transformer | --model: \"transformer\" is not known; expected one of: mlp,"
            + " cnn",
        "train --nonfinite ignore | --nonfinite: \"ignore\" is not known; expected one of: fail,"
            + " skip, propagate",
        "train --activation rleu | expected one of: relu, leaky-relu",
        "train --epochs nan | --epochs: expected a whole number, got \"nan\"",
        "train --epochs 3000000000 | --epochs: expected a whole number up to 2,147,483,647, got"
            + " \"3000000000\"",
        "train --hidden 12,x | --hidden: expected a whole number, got \"x\"",
        "train --lr fast | --lr: expected a number, got \"fast\"",
        "train --lr 1e-400 | --lr: expected a number from 4.9e-324 to 1.8e308, got \"1e-400\"",
        "train --lr 1e400 | got \"1e400\"",
        "train --lr Infinity | --lr: expected a positive number",
        "train --weight-decay Infinity | --weight-decay: expected at least 0 and finite, got"
            + " Infinity",
        "train --optimizer adam:eps=1e-400 | adam: eps: expected a number from 4.9e-324 to 1.8e308,"
            + " got \"1e-400\"",
        "train --optimizer adam:beta=1 | setting \"beta\" is not known; expected one of: beta1=0.9",
        "evaluate --model m --at-most - | --at-most: expected METRIC=X[,..], got \"-\"",
        "evaluate --model m --at-least f1=0.9 | --at-least: \"f1\" is not known; expected one of:"
            + " accuracy, macro_precision",
        "minimize x^2 --method bfgs | --method: \"bfgs\" is not known; expected one of: gd",
        "fetch cifar | NAME: \"cifar\" is not known; expected one of: mnist",
        "landscape --optimizers lion | expected one of: sgd, momentum",
      })
  void wrongValuesAreNamedInOneStyle(String line, String expected) {
    Cli run = Cli.line(line);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
  }

  @Test
  void namesAreUnderstoodInCapitals() {
    Cli run =
        Cli.line(
            "train --epochs 1 --backend CPU --model MLP --hidden 8 --activation GELU --optimizer"
                + " SGD --schedule Constant --nonfinite FAIL --precision FP32 --loss Cross-Entropy"
                + " --out "
                + folder);
    assertEquals(0, run.exitCode(), run.err());
  }

  @Test
  void aFormulaMayBeginWithAMinus() {
    for (String line :
        List.of(
            "minimize -cos(x)",
            "minimize -cos(x) --start -1",
            "minimize --start 0.5 -cos(x) --method newton",
            "minimize -- -cos(x)")) {
      Cli run = Cli.line(line);
      assertEquals(0, run.exitCode(), line + ": " + run.err());
      assertTrue(run.out().contains("-cos(x1)"), run.out());
    }
    assertEquals(0, Cli.line("minimize -h").exitCode());
    Cli wrong = Cli.line("minimize -cos(x) --metod newton");
    assertEquals(2, wrong.exitCode());
    assertTrue(wrong.err().contains("--metod"), wrong.err());
  }

  @Test
  void oneOfAThingIsNotSeveral() {
    Cli run = Cli.line("minimize x^2 --start 1");
    assertTrue(run.out().contains("after 1 iteration and"), run.out());
    Cli train = Cli.line("train --epochs 1 --hidden 8 --backend cpu --out " + folder);
    assertTrue(train.out().contains("after 1 epoch, 41 steps"), train.out());
    assertEquals("1 step", Text.count(1, "step"));
    assertEquals("1,200 steps", Text.count(1200, "step"));
  }

  @Test
  void aRunsFolderStandsForItsModel() throws IOException {
    String run = folder.resolve("run").toString();
    assertEquals(0, Cli.line("train --epochs 1 --hidden 8 --backend cpu --out " + run).exitCode());
    Cli file = Cli.line("evaluate --json --backend cpu --model " + run + "/model.safetensors");
    Cli whole = Cli.line("evaluate --json --backend cpu --better-than " + run + " --model " + run);
    assertEquals(1, whole.exitCode(), "no model is better than itself");
    assertEquals(0, file.exitCode(), file.err());
    String scores = file.out().substring(0, file.out().indexOf("\"passed\""));
    assertTrue(whole.out().startsWith(scores), whole.out());
    assertEquals(
        Cli.line("predict --backend cpu --model " + run + "/model.safetensors").out(),
        Cli.line("predict --backend cpu --model " + run).out());
    Cli empty = Cli.line("evaluate --model " + Files.createDirectory(folder.resolve("empty")));
    assertEquals(66, empty.exitCode());
    assertTrue(empty.err().contains("there is no model.safetensors in this folder"), empty.err());
  }

  @Test
  void probabilitiesHaveAsManyDigitsAsAFloat() {
    String run = folder.toString();
    Cli.line("train --epochs 1 --hidden 8 --backend cpu --out " + run);
    Cli predicted = Cli.line("predict --probabilities --backend cpu --model " + run);
    assertEquals(0, predicted.exitCode(), predicted.err());
    for (String line : predicted.outLines().subList(1, 20)) {
      for (String p : line.split(",")) {
        String digits = p.replaceFirst("E.*", "").replaceFirst("^[0.]+", "").replace(".", "");
        assertTrue(p.startsWith("example") || digits.length() <= 9, p);
      }
    }
    assertEquals("1.42686409E-8", Text.ofFloat(1.4268640896060776E-8));
    assertEquals("0.0", Text.ofFloat(0));
    assertEquals("NaN", Text.ofFloat(Double.NaN));
  }

  @Test
  void classesHaveTheirNamesAndTargetsTheirUnits() throws IOException {
    StringBuilder text = new StringBuilder("size,price,finding\n");
    for (int i = 0; i < 80; i++) {
      text.append(
          "%d,%d.5,%s%n".formatted(i % 9, 30 * (i % 9), i % 3 == 0 ? "malignant" : "benign"));
    }
    Path table = Files.writeString(folder.resolve("t.csv"), text);
    String run = folder.resolve("run").toString();
    String train =
        "train --backend cpu --epochs 2 --hidden 8 --batch 8 --data csv:" + table + " --target ";
    assertEquals(0, Cli.line(train + "finding --out " + run).exitCode());
    Cli classes = Cli.line("evaluate --model " + run);
    assertTrue(classes.out().contains("true \\ predicted    benign malignant"), classes.out());
    String other = folder.resolve("other").toString();
    Cli numbers = Cli.line(train + "price --out " + other);
    assertTrue(numbers.out().contains("target price"), numbers.out());
    assertTrue(numbers.out().contains(" (price, in its units) after 2 epochs"), numbers.out());
    assertFalse(numbers.out().contains("loss 0."), "one unit: " + numbers.out());
    Cli scores = Cli.line("evaluate --model " + other);
    assertTrue(scores.out().contains("price; rmse and mae are in its units"), scores.out());
    assertTrue(scores.out().contains("(mse of the standardised target)"), scores.out());
  }

  @Test
  void whatIsNotThereToResumeIsSaidSo() {
    Cli run = Cli.line("train --resume " + folder.resolve("nothing"));
    assertEquals(66, run.exitCode());
    assertTrue(run.err().contains("--resume"), run.err());
    assertTrue(run.err().contains("there is no such folder"), run.err());
  }

  @Test
  void argumentsAreReadFromAFile() throws IOException {
    Path flags =
        Files.writeString(
            folder.resolve("flags.txt"), "# small\n--epochs\n1\n--hidden 8\n--backend=cpu\n");
    Cli run = Cli.run("train", "@" + flags, "--out", folder.resolve("run"));
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().contains("Linear(64, 8)"), run.out());
  }

  @Test
  void aShellIsTaughtToComplete() {
    Cli run = Cli.run("completion");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.out().startsWith("#!"), run.out());
    assertTrue(run.out().contains("--find-lr") && run.out().contains("evaluate"), run.out());
    assertTrue(run.out().contains("complete -F _complete_talweg"), run.out());
  }

  @Test
  void theFirstWordsOfAReasonTellWhyThereIsNoGpu() {
    String driver = "no NVIDIA driver: libcuda.so.1 is not there; install it";
    assertEquals(
        Optional.of("no GPU: no NVIDIA driver (talweg doctor says more)"),
        MissingGpu.notice(List.of(provider("gpu", 20, driver), provider("cpu", 10, null)), "cpu"));
    assertEquals(
        Optional.of("no GPU: cuda:0: it is too old (talweg doctor says more)"),
        MissingGpu.notice(
            List.of(provider("gpu", 20, "cuda:0: it is too old; buy another")), "cpu"));
    assertEquals(
        Optional.empty(),
        MissingGpu.notice(List.of(provider("gpu", 20, null), provider("cpu", 10, null)), "gpu"));
  }

  /** Where there is none, and no one asks for it, it is not spoken of. */
  @Test
  void onlyTrainingsAndTheDoctorMissAGpu() {
    Cli train = Cli.line("train --epochs 1 --hidden 8 --backend cpu --out " + folder);
    assertFalse(train.out().contains("no GPU"), train.out());
    Cli evaluation = Cli.line("evaluate --model " + folder);
    assertEquals(0, evaluation.exitCode(), evaluation.err());
    assertFalse((evaluation.out() + evaluation.err()).contains("driver"), evaluation.err());
  }

  private static BackendProvider provider(String name, int rank, String missing) {
    return new BackendProvider() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public int rank() {
        return rank;
      }

      @Override
      public Optional<String> unavailableReason() {
        return Optional.ofNullable(missing);
      }

      @Override
      public Backend open(DeviceSpec spec) {
        throw new UnsupportedOperationException();
      }
    };
  }
}
