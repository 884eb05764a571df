package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Csv;
import talweg.error.DataFormatException;
import talweg.error.ShapeException;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Linear;
import talweg.optim.Schedule;
import talweg.optim.schedule.Schedules;
import talweg.tensorboard.EventWriter;

/** What is written in a language with digits and a decimal separator of its own. */
class LocaleTest {
  @TempDir Path folder;

  private final Locale before = Locale.getDefault();

  @BeforeEach
  void writePersian() {
    Locale.setDefault(Locale.forLanguageTag("fa-IR"));
    assertEquals("\u06f1\u066b\u06f5", "%.1f".formatted(1.5), "or this test would show nothing");
  }

  @AfterEach
  void restore() {
    Locale.setDefault(before);
  }

  @Test
  void checkpointsAreFoundAgain() {
    CheckpointFolder checkpoints = new CheckpointFolder(folder, 2);
    Path file = checkpoints.save(540, Map.<String, HostTensor>of(), Map.of());
    assertEquals("step-000000540.safetensors", file.getFileName().toString());
    assertEquals(List.of(file), checkpoints.files());
  }

  @Test
  void eventFilesHaveTensorBoardsNames() throws Exception {
    try (EventWriter _ = new EventWriter(folder)) {
      try (var files = Files.list(folder)) {
        String name = files.toList().getFirst().getFileName().toString();
        assertTrue(name.matches("events\\.out\\.tfevents\\.[0-9]{10}\\.talweg.*"), name);
      }
    }
  }

  /** The compiler refuses formats that depend on a locale; these are some of what it saw to. */
  @Test
  void messagesHaveOrdinaryDigits() {
    String message = assertThrows(ShapeException.class, () -> new Linear(0, 1250)).getMessage();
    assertTrue(message.startsWith("Linear(0, 1250): "), message);
    message =
        assertThrows(DataFormatException.class, () -> Safetensors.read(file("1234567")))
            .getMessage();
    assertTrue(message.contains("got 7 bytes"), message);
    message =
        assertThrows(DataFormatException.class, () -> Csv.load(file("a,b\n1\n"))).getMessage();
    assertTrue(message.contains("line 2: expected 2 cells"), message);
  }

  private Path file(String content) {
    try {
      return Files.writeString(folder.resolve("f"), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void schedulesReadTheirOwnText() {
    Schedule schedule = new Schedule.Cosine(0.125, 1000, 1e-5);
    assertEquals(schedule, Schedules.parse(Schedules.format(schedule)));
  }
}
