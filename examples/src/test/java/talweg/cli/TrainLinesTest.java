package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.Standardizer;
import talweg.report.LossText;
import talweg.train.EpochResult;
import talweg.train.Evaluation;
import talweg.train.Progress;

class TrainLinesTest {
  private static final LossText CLASSES = LossText.of("cross-entropy", List.of(), null);

  private int columns;

  @ParameterizedTest
  @ValueSource(ints = {20, 36, 40, 50, 60, 79, 80, 81, 100, 132, 200})
  void everyLineFitsTheTerminal(int width) {
    columns = width;
    TrainLines lines = lines(CLASSES, 40, true);
    for (double speed : new double[] {3, 15_368, 1_234_567}) {
      String running = lines.progress(progress(speed, 75, new Evaluation(1.2345, 0.5)));
      int fits = Math.max(width - 1, "epoch 12/40 loss 1.2345  ETA 1:15".length());
      assertTrue(Console.columns(running) <= fits, running);
      String epoch = lines.epoch(epoch(12, speed, new Evaluation(0.0342, 0.9916)));
      int least = Math.max(width, "epoch 12/40 loss 0.0342 val 0.0626".length());
      assertTrue(Console.columns(epoch) <= least, epoch);
      assertTrue(epoch.contains("loss 0.0342") && epoch.contains("0.0626"), epoch);
    }
  }

  @Test
  void roomIsUsedWhereThereIsSome() {
    columns = 110;
    assertEquals(
        "epoch 12/40 loss 0.0342 accuracy 0.9916  val loss 0.0626 accuracy 0.9806  15,368"
            + " samples/s",
        lines(CLASSES, 40, true).epoch(epoch(12, 15_368, new Evaluation(0.0342, 0.9916))));
    columns = 80;
    assertEquals(
        "epoch 12/40 loss 0.0342 acc 0.9916  val loss 0.0626 acc 0.9806  15,368/s",
        lines(CLASSES, 40, true).epoch(epoch(12, 15_368, new Evaluation(0.0342, 0.9916))));
    String running =
        lines(CLASSES, 40, true).progress(progress(15_368, 75, new Evaluation(1.2345, 0.5)));
    assertTrue(running.contains("━━━━━─────"), running);
    assertTrue(running.endsWith("  15,368 samples/s  ETA 1:15"), running);
  }

  @Test
  void aPipeGetsAllWords() {
    columns = 40;
    assertEquals(
        "epoch 1/1 loss 0.0342 accuracy 0.9916  val loss 0.0626 accuracy 0.9806  3 samples/s",
        lines(CLASSES, 1, false).epoch(epoch(1, 3, new Evaluation(0.0342, 0.9916))));
  }

  @Test
  void theLinesOfARunLookAlike() {
    columns = 80;
    TrainLines lines = lines(CLASSES, 9, true);
    String first = lines.epoch(epoch(1, 1_234_567, new Evaluation(0.5, 0.5)));
    String second = lines.epoch(epoch(2, 7, new Evaluation(0.5, 0.5)));
    assertTrue(first.contains("acc ") && second.contains("acc "), first + second);
    columns = 120;
    assertTrue(lines.epoch(epoch(3, 7, new Evaluation(0.5, 0.5))).contains("accuracy "));
  }

  @Test
  void whatIsNotKnownYetIsNotMadeUp() {
    columns = 80;
    String running =
        lines(CLASSES, 40, true)
            .progress(progress(Double.NaN, Double.NaN, new Evaluation(1.2345, 0.5)));
    assertTrue(running.endsWith("ETA -:--"), running);
    assertFalse(running.contains("samples/s") || running.contains("NaN"), running);
  }

  /** A squared error of 0.25 on targets with a deviation of 40 is 20 in their unit. */
  @Test
  void errorsAreInTheUnitOfTheTarget() {
    columns = 80;
    Standardizer targets = new Standardizer(new double[] {100}, new double[] {40});
    LossText squared = LossText.of("mse", List.of("price"), targets);
    Evaluation quarter = new Evaluation(0.25, Double.NaN);
    assertEquals("rmse 20.000", squared.of(quarter));
    assertEquals(" (price, in its units)", squared.unit());
    assertTrue(squared.explanation().contains("rmse"), squared.explanation());
    assertEquals("mae 10.000", LossText.of("l1", List.of("price"), targets).of(quarter));
    LossText huber = LossText.of("huber", List.of("price"), targets);
    assertEquals("loss 0.2500", huber.of(quarter));
    assertEquals("", huber.unit() + huber.explanation());
    assertEquals("loss 0.2500", LossText.of("mse", List.of("a", "b"), null).of(quarter));
    String epoch = lines(squared, 40, true).epoch(epoch(1, 10, quarter));
    assertTrue(epoch.startsWith("epoch  1/40 rmse 20.000  val rmse "), epoch);
  }

  @Test
  void hugeErrorsStayShort() {
    LossText seconds = LossText.of("mse", List.of("t"), null);
    assertEquals("rmse 1,700,000", seconds.of(new Evaluation(1.7e6 * 1.7e6, Double.NaN)));
    assertEquals("rmse 1.700e+12", seconds.of(new Evaluation(1.7e12 * 1.7e12, Double.NaN)));
    assertEquals("loss NaN", CLASSES.loss(new Evaluation(Double.NaN, 0.1)));
  }

  private TrainLines lines(LossText loss, int epochs, boolean terminal) {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    Console console = new Console(nowhere, null, terminal, Map.of("NO_COLOR", "1"), () -> columns);
    return new TrainLines(console, loss, epochs);
  }

  private static Progress progress(double speed, double left, Evaluation soFar) {
    return new Progress(12, 40, 20, 40, soFar, speed, left);
  }

  private static EpochResult epoch(int number, double speed, Evaluation train) {
    double accuracy = Double.isNaN(train.accuracy()) ? Double.NaN : 0.9806;
    return new EpochResult(
        number, 41L * number, train, new Evaluation(0.0626, accuracy), 1e-3, 1, 0.1, speed);
  }
}
