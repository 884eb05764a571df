package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.io.FaultyFileSystem;
import talweg.train.EpochResult;
import talweg.train.Evaluation;

class MetricsCsvTest {
  @TempDir Path folder;

  @Test
  void aFullDiskDoesNotEndTheRunAndItsLinesComeLater() throws IOException {
    Path file = FaultyFileSystem.over(folder).resolve("metrics.csv");
    FaultyFileSystem disk = FaultyFileSystem.of(file);
    try (MetricsCsv metrics = new MetricsCsv(file)) {
      metrics.onEpoch(epoch(1));
      disk.failing(_ -> true);
      metrics.onEpoch(epoch(2));
      metrics.onEpoch(epoch(3));
      assertEquals(2, lines(), "the heading and one epoch");
      disk.failing(_ -> false);
      metrics.onEpoch(epoch(4));
      assertEquals(5, lines());
    }
    String[] lines = Files.readString(folder.resolve("metrics.csv")).split("\n");
    for (int epoch = 1; epoch <= 4; epoch++) {
      assertTrue(lines[epoch].startsWith(epoch + ","), lines[epoch]);
      assertEquals(lines[0].split(",", -1).length, lines[epoch].split(",", -1).length);
    }
  }

  @Test
  void aFileThatCannotBeBegunIsAnErrorThatNamesIt() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("run"), "a file");
    UncheckedIOException e =
        assertThrows(
            UncheckedIOException.class, () -> new MetricsCsv(inTheWay.resolve("metrics.csv")));
    assertTrue(e.getMessage().contains("metrics.csv: cannot write"), e.getMessage());
  }

  private long lines() throws IOException {
    return Files.readString(folder.resolve("metrics.csv")).lines().count();
  }

  private static EpochResult epoch(int number) {
    return new EpochResult(
        number, 10L * number, new Evaluation(0.5, 0.9), null, 0.01, 1, 0.1, 1000);
  }
}
