package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LandscapeCommandTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"rosenbrock", "SADDLE", "learning-rates"})
  void aPictureIsWrittenTwice(String what) throws IOException {
    Cli run = Cli.run("landscape", what, "--out", folder, "--steps", 5);
    assertEquals(0, run.exitCode(), run.err());
    String name = what.toLowerCase(Locale.ROOT);
    assertEquals(List.of(name + ".png", name + ".svg"), files());
    assertEquals(2, run.outLines().size());
  }

  @Test
  void schedulesAreDrawnInTwoPictures() throws IOException {
    Cli run = Cli.run("landscape", "schedules", "--out", folder);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(4, files().size());
    String rising = Files.readString(folder.resolve("schedules-rising.svg"));
    assertTrue(rising.contains("one-cycle") && rising.contains("warm-up, cosine"));
  }

  @Test
  void theRegressionHasAPageOfItsOwn() throws IOException {
    Cli run =
        Cli.run(
            "landscape", "regression", "--out", folder, "--optimizers", "adam,sgd", "--steps", 7);
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(5, files().size());
    String page = Files.readString(folder.resolve("regression.html"));
    assertFalse(page.contains("{{"), "a place that was not filled");
    assertTrue(page.contains("max=\"7\""));
    assertTrue(page.contains("name: \"Adam\"") && page.contains("name: \"SGD\""));
    assertFalse(page.contains("name: \"Nesterov\""));
    assertTrue(page.contains("prefers-color-scheme: dark"));
    // The names of XML namespaces are the only addresses.
    assertFalse(page.replace("http://www.w3.org/2000/svg", "").contains("http"));
  }

  @Test
  void aNetworksSliceIsDrawn() {
    Cli run = Cli.run("landscape", "network", "--out", folder, "--grid", 5, "--dark");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(Files.exists(folder.resolve("network.png")));
  }

  @Test
  void anUnknownPictureListsTheKnownOnes() {
    Cli run = Cli.run("landscape", "mountains", "--out", folder);
    assertEquals(2, run.exitCode());
    assertTrue(
        run.err()
            .contains(
                "\"mountains\" is not known; expected one of: regression, rosenbrock, beale,"
                    + " himmelblau, ravine, saddle, learning-rates, network, schedules, all"),
        run.err());
  }

  @ParameterizedTest
  @ValueSource(strings = {"--steps 0", "--lr -1", "--lr NaN", "--optimizers newton", "--grid 1"})
  void badSettingsAreWrongUsage(String flags) throws IOException {
    Cli run =
        Cli.run(
            Stream.concat(
                    Stream.of("landscape", "saddle", "--out", folder), Stream.of(flags.split(" ")))
                .toArray());
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(flags.split(" ")[0]), run.err());
    assertEquals(List.of(), files());
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    assertEquals(2, Cli.run("landscape", "saddle", "--out", file).exitCode());
    Cli within = Cli.run("landscape", "saddle", "--steps", 2, "--out", file.resolve("deeper"));
    assertEquals(74, within.exitCode(), within.err());
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }
}
