package talweg.cli;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.check.WriteErrors;
import talweg.io.AtomicFile;
import talweg.io.GrowingFile;
import talweg.train.EpochResult;
import talweg.train.Phases;
import talweg.train.TrainingListener;

/**
 * Writes a line per epoch to {@code metrics.csv}, at once, so that an interrupted run keeps its
 * lines. A disk that becomes full does not end the training; see {@link GrowingFile}.
 *
 * <p>It is where the results of all epochs are: checkpoints hold the last ones only. A run that
 * goes on keeps its lines up to the checkpoint, and takes the others away.
 */
final class MetricsCsv implements TrainingListener, AutoCloseable {
  static final String HEADER =
      "epoch,steps,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,gradient_norm,samples_per_s,seconds,data_us,forward_us,backward_us,optimizer_us,gradient_norm_mean,gradient_norm_max";

  private static final Logger LOG = LoggerFactory.getLogger(MetricsCsv.class);

  private final Path file;
  private final Path earlier;
  private final Consumer<EpochResult> past;
  private GrowingFile lines;
  private Phases phases;

  /**
   * Goes on, once {@link #onResume} says from where.
   *
   * @param earlier the file of the run that goes on, the same or another one
   * @param past is handed the results until then
   */
  MetricsCsv(Path file, Path earlier, Consumer<EpochResult> past) {
    this.file = file;
    this.earlier = earlier;
    this.past = past;
  }

  /** Begins a file. */
  MetricsCsv(Path file) {
    this(file, file, _ -> {});
    try {
      lines =
          new GrowingFile(
              file,
              bytes(HEADER),
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private UncheckedIOException failed(IOException e) {
    return new UncheckedIOException(WriteErrors.cannotWrite(file, e), e);
  }

  @Override
  public void onResume(List<EpochResult> before) {
    NavigableMap<Integer, EpochResult> exact = new TreeMap<>();
    before.forEach(result -> exact.put(result.epoch(), result));
    int finished = before.isEmpty() ? 0 : exact.lastKey();
    MetricsRows rows = new MetricsRows(earlier, finished);
    try {
      MetricsRows.Found found =
          rows.forEach((epoch, row) -> {
            exact.headMap(epoch, false).values().forEach(past);
            EpochResult known = exact.get(epoch);
            past.accept(known == null ? MetricsRows.result(epoch, row) : known);
            exact.headMap(epoch, true).clear();
          });
      exact.values().forEach(past);
      // Rows of the checkpoint may be missing between those of the file.
      boolean inPlace =
          found.cleanBytes() > 0 && Files.exists(file) && Files.isSameFile(file, earlier);
      int kept = inPlace ? found.rows() + exact.size() : rewrite(rows, before);
      lines =
          GrowingFile.goOn(file, bytes(HEADER), inPlace ? found.cleanBytes() : Files.size(file));
      if (inPlace) {
        exact.values().forEach(result -> lines.append(bytes(row(result))));
        lines.flush();
      }
      if (kept < finished) {
        LOG.warn(
            "{}: {} of the {} epochs before are missing, as {} does not have them any more",
            file,
            finished - kept,
            finished,
            earlier);
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** Writes the file anew, and gives the number of its rows. */
  private int rewrite(MetricsRows rows, List<EpochResult> before) throws IOException {
    AtomicInteger count = new AtomicInteger();
    AtomicFile.write(
        file,
        channel -> {
          count.set(0);
          NavigableMap<Integer, EpochResult> missing = new TreeMap<>();
          before.forEach(result -> missing.put(result.epoch(), result));
          OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
          out.write(bytes(HEADER));
          rows.forEach((epoch, row) -> {
            for (EpochResult result : missing.headMap(epoch, false).values()) {
              out.write(bytes(row(result)));
              count.incrementAndGet();
            }
            missing.headMap(epoch, true).clear();
            out.write(bytes(row));
            count.incrementAndGet();
          });
          for (EpochResult result : missing.values()) {
            out.write(bytes(row(result)));
            count.incrementAndGet();
          }
          out.flush();
        });
    return count.get();
  }

  @Override
  public void onPhases(Phases measured) {
    phases = measured;
  }

  @Override
  public void onEpoch(EpochResult result) {
    lines.append(bytes(row(result)));
    lines.flush();
  }

  @Override
  public void beforeCheckpoint() {
    lines.force();
  }

  /** Whether no line is missing. */
  boolean isWhole() {
    return lines.isWhole();
  }

  private String row(EpochResult r) {
    return String.format(
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
  }

  @Override
  public void close() {
    if (lines != null) {
      lines.close();
    }
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
