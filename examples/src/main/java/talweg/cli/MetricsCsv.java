package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import talweg.check.WriteErrors;
import talweg.io.GrowingFile;
import talweg.train.EpochResult;
import talweg.train.Phases;
import talweg.train.TrainingListener;

/**
 * Writes a line per epoch to {@code metrics.csv}, at once, so that an interrupted run keeps its
 * lines. A disk that becomes full does not end the training; see {@link GrowingFile}.
 */
final class MetricsCsv implements TrainingListener, AutoCloseable {
  private static final String HEADER =
      "epoch,steps,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,gradient_norm,samples_per_s,seconds,data_us,forward_us,backward_us,optimizer_us,gradient_norm_mean,gradient_norm_max";

  private final GrowingFile lines;
  private Phases phases;

  MetricsCsv(Path file) {
    try {
      lines =
          new GrowingFile(
              file,
              bytes(HEADER),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(file, e), e);
    }
  }

  @Override
  public void onResume(List<EpochResult> before) {
    before.forEach(this::onEpoch);
  }

  @Override
  public void onPhases(Phases measured) {
    phases = measured;
  }

  @Override
  public void onEpoch(EpochResult r) {
    String line =
        String.format(
            Locale.ROOT,
            "%d,%d,%s,%s,%s,%s,%s,%s,%.1f,%.3f,%s,%s,%s",
            r.epoch(),
            r.steps(),
            number(r.train().loss()),
            number(r.train().accuracy()),
            number(r.validation() == null ? Double.NaN : r.validation().loss()),
            number(r.validation() == null ? Double.NaN : r.validation().accuracy()),
            number(r.learningRate()),
            number(r.gradientNorm()),
            r.samplesPerSecond(),
            r.seconds(),
            parts(),
            number(r.gradientNormMean()),
            number(r.gradientNormMax()));
    lines.append(bytes(line));
    lines.flush();
  }

  @Override
  public void close() {
    lines.close();
  }

  /** Microseconds per example, empty while they were not measured. */
  private String parts() {
    return phases == null
        ? ",,,"
        : String.format(
            Locale.ROOT,
            "%.3f,%.3f,%.3f,%.3f",
            1e6 * phases.data(),
            1e6 * phases.forward(),
            1e6 * phases.backward(),
            1e6 * phases.optimizer());
  }

  private static byte[] bytes(String line) {
    return (line + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** Empty for what does not exist, such as the accuracy of a regression. */
  private static String number(double value) {
    return Double.isNaN(value) ? "" : Double.toString(value);
  }
}
