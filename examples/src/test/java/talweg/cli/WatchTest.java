package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** What a training leaves to look at. */
class WatchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void theReportIsWholeAndNeedsNothingElse() throws IOException {
    Cli run = train("--epochs 3 --hidden 32 --accumulate 2 --batch 16");
    assertTrue(run.out().contains("report in "), run.out());
    assertFalse(run.out().contains("optimizer "), "where the time goes is in the report");
    String page = Files.readString(folder.resolve("report.html"));
    requireSelfContained(page);
    assertEquals(4, count(page, "<svg "));
    for (String text :
        List.of(
            "Loss",
            "Accuracy",
            "Learning rate",
            "Gradient norm",
            "precision",
            "true classes",
            "taken for",
            "--accumulate",
            "threads",
            "forward",
            "prefers-color-scheme: dark",
            "width=device-width")) {
      assertTrue(page.contains(text), text);
    }
    assertTrue(count(page, "data:image/png;base64,") > 12);
    assertFalse(page.contains("{{") || page.contains("NaN"), "a place was not filled");
    String csv = Files.readString(folder.resolve("metrics.csv"));
    assertTrue(csv.startsWith("epoch,steps,train_loss"), csv);
    assertTrue(csv.lines().skip(1).allMatch(line -> line.split(",", -1).length == 16), csv);
    assertTrue(csv.lines().skip(1).allMatch(line -> !line.endsWith(",")), "parts were timed");
  }

  @Test
  void withoutPlotsOnlyTablesStay() throws IOException {
    train("--epochs 1 --hidden 8 --no-plots");
    String page = Files.readString(folder.resolve("report.html"));
    requireSelfContained(page);
    assertEquals(0, count(page, "<svg ") + count(page, "<img "));
    assertTrue(page.contains("precision"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"kind", "price"})
  void tablesHaveRowsInsteadOfImagesAndNothingOfThemIsMarkup(String target) throws IOException {
    StringBuilder text = new StringBuilder("<b>size</b>,price,kind\n");
    for (int i = 0; i < 80; i++) {
      text.append("%d,%d.5,%s%n".formatted(i % 9, 3 * (i % 9), i % 3 == 0 ? "<i>" : "a&b"));
    }
    Path table = Files.writeString(folder.resolve("t.csv"), text);
    train("--epochs 2 --hidden 8 --batch 8 --data csv:" + table + " --target " + target);
    String page = Files.readString(folder.resolve("report.html"));
    requireSelfContained(page);
    assertFalse(page.contains("<b>size") || page.contains("<i>"), "not escaped");
    assertTrue(page.contains("&lt;b>size&lt;/b>"), "the feature's name");
    assertTrue(page.contains("<td class=\"n\">8</td>"), "a size in its own unit");
    assertTrue(page.contains(target.equals("kind") ? "a&amp;b" : "root mean squared error"));
  }

  @Test
  void eventsHoldCurvesAndHistograms() throws IOException {
    train("--epochs 3 --hidden 8");
    List<Path> events;
    try (var files = Files.list(folder)) {
      events = files.filter(f -> f.getFileName().toString().contains("tfevents")).toList();
    }
    assertEquals(1, events.size());
    // Tags are plain text within the records.
    String text = Files.readString(events.getFirst(), StandardCharsets.ISO_8859_1);
    for (String tag :
        List.of(
            "loss/train",
            "val/loss",
            "accuracy/train",
            "val/accuracy",
            "optimizer/learning_rate",
            "optimizer/gradient_norm",
            "optimizer/mean_gradient_norm",
            "optimizer/max_gradient_norm",
            "throughput/samples_per_s",
            "throughput/forward_samples_per_s",
            "weights/1.weight",
            "gradients/4.bias")) {
      assertEquals(3, count(text, tag), tag);
    }
  }

  @Test
  void theBudgetIsShownAndKept() {
    Cli run = train("--epochs 1 --hidden 16 --memory 64M");
    assertTrue(run.out().contains("memory at most 64.0 MiB (--memory) of "), run.out());
    Cli small =
        Cli.line(
            "train --backend cpu --epochs 1 --hidden 64 --batch 1400 --memory 2M --out "
                + folder.resolve("small"));
    assertEquals(1, small.exitCode(), small.out());
    String error = small.err();
    assertTrue(error.contains("asked for") && error.contains("limit 2.0 MiB"), error);
    assertTrue(error.contains("largest holders: "), error);
    Matcher fits = Pattern.compile("--batch (\\d+)\\); with --accumulate (\\d+)").matcher(error);
    assertTrue(fits.find(), error);
    Cli fitting =
        Cli.line(
            "train --backend cpu --epochs 2 --hidden 64 --memory 2M --batch %s --accumulate %s --out %s"
                .formatted(fits.group(1), fits.group(2), folder.resolve("fits")));
    assertEquals(0, fitting.exitCode(), fitting.err());
  }

  @Test
  void findingARateTrainsNothing() throws IOException {
    Cli run = train("--find-lr --json --hidden 32");
    JsonNode event = JSON.readTree(run.outLines().getLast());
    assertEquals("find_lr", event.get("event").asString());
    double rate = event.get("suggestion").asDouble();
    assertTrue(rate > 1e-5 && rate < 1, event.toString());
    assertEquals(event, JSON.readTree(Files.readString(folder.resolve("find-lr.json"))));
    assertTrue(Files.readString(folder.resolve("find-lr.svg")).contains("<svg"));
    assertFalse(Files.exists(folder.resolve("model.safetensors")));
    assertTrue(run.err().contains("try --lr "), run.err());
  }

  /**
   * Timed steps are not replayed but give the same bits, and so do steps after whose evaluation
   * memory has to be given back.
   */
  @Test
  void neitherWatchingNorABudgetChangesTheWeights() throws IOException {
    train("--epochs 2 --hidden 16 --batch 16");
    byte[] watched = weights();
    String last = Files.readAllLines(folder.resolve("metrics.csv")).getLast();
    assertFalse(last.contains(",,"), last);
    train("--epochs 2 --hidden 16 --batch 16 --no-plots --memory 200K");
    assertArrayEquals(watched, weights());
    // No epoch has enough steps for one to be timed.
    train("--epochs 2 --hidden 16 --batch 1000");
    last = Files.readAllLines(folder.resolve("metrics.csv")).getLast();
    assertEquals("", String.join("", List.of(last.split(",", -1)).subList(10, 14)), last);
  }

  @Test
  void anErrorInAGradientNamesLayerAndCheckpoint() {
    Cli run =
        Cli.line(
            "train --backend cpu --optimizer sgd --lr 1e30 --schedule constant --epochs 3 --out "
                + folder);
    assertEquals(1, run.exitCode(), run.out());
    assertTrue(run.err().contains("(layer "), run.err());
    assertTrue(run.err().contains("Linear("), run.err());
    assertTrue(run.err().contains("try a tenth of its learning rate of 1.00e+30"), run.err());
    assertTrue(run.err().contains("checkpoint"), run.err());
  }

  private byte[] weights() throws IOException {
    return Files.readAllBytes(folder.resolve("model.safetensors"));
  }

  private Cli train(String flags) {
    try {
      // A folder with checkpoints is refused; these runs are to replace each other.
      Path checkpoints = folder.resolve("checkpoint");
      if (Files.exists(checkpoints)) {
        try (var files = Files.list(checkpoints)) {
          for (Path file : files.toList()) {
            Files.delete(file);
          }
        }
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Cli run = Cli.line("train --backend cpu --out " + folder + " " + flags);
    assertEquals(0, run.exitCode(), run.err());
    return run;
  }

  private static void requireSelfContained(String page) {
    String own = page.replace("http://www.w3.org/2000/svg", "");
    assertFalse(own.contains("http:") || own.contains("https:"), "an address");
    assertFalse(own.contains("<script") || own.contains("<link") || own.contains("@import"));
  }

  private static int count(String text, String part) {
    return (text.length() - text.replace(part, "").length()) / part.length();
  }
}
