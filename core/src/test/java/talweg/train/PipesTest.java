package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Csv;
import talweg.data.Idx;
import talweg.data.Preprocessing;
import talweg.error.InputNotFoundException;
import talweg.error.TalwegException;
import talweg.io.Safetensors;

/** A pipe in place of a file is refused: whoever opens it waits until somebody writes to it. */
@DisabledOnOs(OS.WINDOWS)
class PipesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir Path folder;

  private Path pipe;

  @BeforeEach
  void makePipe() throws Exception {
    pipe = pipe(folder.resolve("step-000000009.safetensors"));
  }

  private static Path pipe(Path at) throws Exception {
    Process mkfifo = new ProcessBuilder("mkfifo", at.toString()).inheritIO().start();
    assertEquals(0, mkfifo.waitFor());
    return at;
  }

  @Test
  void readersRefuseIt() {
    for (Runnable reader :
        List.<Runnable>of(
            () -> Safetensors.read(pipe),
            () -> ModelFile.read(pipe),
            () -> Checkpoint.read(pipe),
            () -> Csv.load(pipe),
            () -> Idx.read(pipe, pipe))) {
      assertTimeoutPreemptively(
          PATIENCE,
          () -> {
            InputNotFoundException e = assertThrows(InputNotFoundException.class, reader::run);
            assertTrue(e.getMessage().contains("got a pipe or a device"), e.getMessage());
          });
    }
  }

  /** A checkpoint that is a pipe is passed over like a damaged one. */
  @Test
  void theCheckpointBeforeItIsTried() throws IOException {
    Files.createFile(folder.resolve("step-000000008.safetensors"));
    assertTimeoutPreemptively(
        PATIENCE,
        () -> {
          TalwegException e =
              assertThrows(TalwegException.class, () -> new CheckpointFolder(folder, 3).newest());
          assertTrue(e.getMessage().contains("none of the 2 checkpoints"), e.getMessage());
        });
  }

  /** Streamed images are opened long after the folder was listed. */
  @Test
  void anImageThatBecameAPipe() throws Exception {
    Path classes = folder.resolve("zoo");
    Map<String, String> images = Map.of("a", "1.png", "b", "2.png");
    for (Map.Entry<String, String> image : images.entrySet()) {
      Path in = Files.createDirectories(classes.resolve(image.getKey()));
      ImageIO.write(
          new BufferedImage(4, 4, BufferedImage.TYPE_BYTE_GRAY),
          "png",
          in.resolve(image.getValue()).toFile());
    }
    Preprocessing encoding =
        Preprocessing.fromJson(
            "{\"kind\":\"images\",\"colour\":false,\"height\":4,\"width\":4,\"resize\":false,"
                + "\"classes\":[\"a\",\"b\"]}");
    var data = encoding.stream(classes, folder);
    assertEquals(16, data.features(1).length);
    Files.delete(classes.resolve("b/2.png"));
    pipe(classes.resolve("b/2.png"));
    assertTimeoutPreemptively(
        PATIENCE, () -> assertThrows(InputNotFoundException.class, () -> data.features(1)));
  }
}
