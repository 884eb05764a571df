package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.io.HostTensor;
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

  @Test
  void schedulesReadTheirOwnText() {
    Schedule schedule = new Schedule.Cosine(0.125, 1000, 1e-5);
    assertEquals(schedule, Schedules.parse(Schedules.format(schedule)));
  }
}
