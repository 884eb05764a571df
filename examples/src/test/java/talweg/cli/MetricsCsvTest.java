package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
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

  private void write(Path file, int... epochs) {
    try (MetricsCsv metrics = new MetricsCsv(file)) {
      for (int epoch : epochs) {
        metrics.onEpoch(epoch(epoch));
      }
    }
  }

  /** Resumes after the epochs of a checkpoint and adds one. */
  private List<Integer> resume(Path earlier, int... held) throws IOException {
    Path file = folder.resolve("metrics.csv");
    past.clear();
    List<EpochResult> before = Arrays.stream(held).mapToObj(MetricsCsvTest::epoch).toList();
    try (MetricsCsv metrics = new MetricsCsv(file, earlier, past::add)) {
      metrics.onResume(before);
      metrics.onEpoch(epoch(held[held.length - 1] + 1));
    }
    List<String> lines = Files.readAllLines(file);
    assertEquals(MetricsCsv.HEADER, lines.getFirst());
    lines.forEach(line -> assertEquals(16, line.split(",", -1).length, line));
    return lines.stream().skip(1).map(line -> Integer.valueOf(line.split(",")[0])).toList();
  }

  private final List<EpochResult> past = new ArrayList<>();

  private static List<Integer> until(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }

  private List<Integer> pastEpochs() {
    return past.stream().map(EpochResult::epoch).toList();
  }

  /** A checkpoint holds the last epochs only; the others are in the file. */
  @Test
  void aRunThatGoesOnKeepsItsLinesUntilThere() throws IOException {
    Path file = folder.resolve("metrics.csv");
    write(file, 1, 2, 3, 4, 5, 6);
    Files.writeString(file, "7,70,0.5", StandardOpenOption.APPEND);
    byte[] before = Files.readAllBytes(file);
    assertEquals(until(5), resume(file, 3, 4));
    assertEquals(until(4), pastEpochs());
    assertEquals(epoch(1), past.getFirst());
    int kept = new String(before, StandardCharsets.UTF_8).indexOf("5,50");
    assertArrayEquals(
        Arrays.copyOf(before, kept), Arrays.copyOf(Files.readAllBytes(file), kept), "as they were");
  }

  @Test
  void rowsThatAreMissingComeFromTheCheckpoint() throws IOException {
    Path file = folder.resolve("metrics.csv");
    write(file, 1, 2);
    assertEquals(until(5), resume(file, 3, 4));
    Files.delete(file);
    assertEquals(until(3), resume(file, 1, 2));
    assertEquals(until(2), pastEpochs());
  }

  @Test
  void damagedLinesAreLeftOutAndTheRestStays() throws IOException {
    Path file = folder.resolve("metrics.csv");
    write(file, 1, 2, 3, 4, 5);
    String text = Files.readString(file);
    Files.writeString(file, text.replace("3,30,", "garb\u0000age"));
    assertEquals(List.of(1, 2, 4, 5, 6), resume(file, 5));
    Files.writeString(file, text.replace("3,30,", "garbage"));
    assertEquals(until(6), resume(file, 3, 5), "the checkpoint has the third");
    assertEquals(until(5), pastEpochs());
    Files.writeString(file, "x".repeat(100_000));
    assertEquals(List.of(7, 8, 9), resume(file, 7, 8));
  }

  @Test
  void anotherFolderGetsTheLinesToo() throws IOException {
    Path earlier = folder.resolve("first.csv");
    write(earlier, 1, 2, 3, 4);
    byte[] before = Files.readAllBytes(earlier);
    assertEquals(until(4), resume(earlier, 3));
    assertArrayEquals(before, Files.readAllBytes(earlier));
  }

  /** The report of a long run is drawn from a part of its epochs, evenly, with those that count. */
  @Test
  void theReportsEpochsAreBounded() {
    EpochHistory history = new EpochHistory();
    for (int i = 1; i <= 5 * EpochHistory.MOST; i++) {
      history.add(epoch(i));
    }
    List<EpochResult> shown = history.with(epoch(4242));
    assertTrue(shown.size() > EpochHistory.MOST / 2 && shown.size() <= EpochHistory.MOST + 2);
    assertEquals(1, shown.getFirst().epoch());
    assertEquals(5 * EpochHistory.MOST, shown.getLast().epoch());
    assertTrue(shown.stream().anyMatch(e -> e.epoch() == 4242));
    assertEquals(0.1 * 5 * EpochHistory.MOST, history.seconds(), 1e-6);
  }

  private long lines() throws IOException {
    return Files.readString(folder.resolve("metrics.csv")).lines().count();
  }

  private static EpochResult epoch(int number) {
    return new EpochResult(
        number, 10L * number, new Evaluation(0.5, 0.9), null, 0.01, 1, 0.1, 1000);
  }
}
