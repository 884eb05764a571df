package talweg.tensorboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Locale;
import talweg.check.WriteErrors;
import talweg.io.GrowingFile;

/**
 * Writes a TensorBoard event file: scalars and histograms over steps. {@code tensorboard --logdir
 * FOLDER} shows it, also while it grows; event files in one folder are shown as one run. A disk
 * that becomes full while it grows does not end the training; see {@link GrowingFile}.
 *
 * <p>The messages are those of TensorFlow's {@code event.proto} and {@code summary.proto}.
 */
public final class EventWriter implements AutoCloseable {
  private static final double MILLIS = 1e-3;

  /** {@code SessionLog.START}: readers drop what they have from this step on. */
  private static final long START = 1;

  private final Path file;
  private final GrowingFile records;
  private final InstantSource time;

  /**
   * Begins a new event file in a folder, which is made if need be.
   *
   * @throws UncheckedIOException if it cannot be written
   */
  public EventWriter(Path folder) {
    this(folder, InstantSource.system());
  }

  EventWriter(Path folder, InstantSource time) {
    this.time = time;
    // TensorBoard looks for names with "tfevents", and reads them in the order of their names.
    String prefix =
        String.format(Locale.ROOT, "events.out.tfevents.%010d.talweg", time.millis() / 1000);
    Path free = folder.resolve(prefix);
    for (int i = 2; Files.exists(free); i++) {
      free = folder.resolve(prefix + "." + i);
    }
    file = free;
    byte[] version = event(0).string(3, "brain.Event:2").toBytes();
    try {
      records =
          new GrowingFile(
              file,
              RecordFrame.around(version),
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new UncheckedIOException(WriteErrors.cannotWrite(file, e), e);
    }
  }

  /** The file. */
  public Path file() {
    return file;
  }

  /**
   * Adds a point of a curve.
   *
   * @param tag name of the curve; what is before a slash groups it
   */
  public void scalar(String tag, long step, double value) {
    summary(step, new ProtoWriter().string(1, tag).fixed(2, (float) value));
  }

  /** Adds the distribution of values at a step; values that are not finite are left out. */
  public void histogram(String tag, long step, double[] values) {
    summary(step, new ProtoWriter().string(1, tag).message(5, new Histogram(values).proto()));
  }

  /**
   * Says that the run goes on after a step: what earlier files of the folder have of later ones
   * will be written again, and is cut off there.
   */
  public void goOnAfter(long step) {
    EventFiles.cutAfter(file.toAbsolutePath().getParent(), step, file);
    byte[] event = event(step + 1).message(7, new ProtoWriter().int64(1, START)).toBytes();
    records.append(RecordFrame.around(event));
    records.flush();
  }

  /** Whether everything is in the file, after a {@link #flush}. */
  public boolean isWhole() {
    return records.isWhole();
  }

  /** Hands everything to the operating system, so that TensorBoard sees it. */
  public void flush() {
    records.flush();
  }

  @Override
  public void close() {
    records.close();
  }

  private void summary(long step, ProtoWriter value) {
    byte[] event = event(step).message(5, new ProtoWriter().message(1, value)).toBytes();
    records.append(RecordFrame.around(event));
  }

  private ProtoWriter event(long step) {
    return new ProtoWriter().fixed(1, time.millis() * MILLIS).int64(2, step);
  }
}
