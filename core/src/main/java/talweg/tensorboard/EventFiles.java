package talweg.tensorboard;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The event files that earlier starts of a run left in its folder. */
final class EventFiles {
  private static final Logger LOG = LoggerFactory.getLogger(EventFiles.class);

  /** Length and its checksum before a record's data, and the checksum of the data behind them. */
  private static final int BEFORE = Long.BYTES + Integer.BYTES;

  private static final int AFTER = Integer.BYTES;

  /** Of its data, an event's time and step. */
  private static final int STEP_WITHIN = 1 + Double.BYTES + 1 + 10;

  private EventFiles() {}

  /**
   * Cuts off what was written after a step, which is trained again, and a record that was not
   * finished. What cannot be cut stays, with a warning.
   *
   * @param except a file that stays as it is
   */
  static void cutAfter(Path folder, long step, Path except) {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, "events.out.tfevents.*.talweg*")) {
      for (Path file : files) {
        if (!file.getFileName().equals(except.getFileName())) {
          cut(file, step);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      LOG.warn(
          "{}: its event files cannot be cut, curves may double back: {}", folder, e.toString());
    }
  }

  private static void cut(Path file, long step) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size();
      ByteBuffer start = ByteBuffer.allocate(BEFORE + STEP_WITHIN).order(ByteOrder.LITTLE_ENDIAN);
      long end = 0;
      while (end < size) {
        read(channel, end, start);
        long next = end + recordBytes(start);
        if (next <= end || next > size || step(start) > step) {
          channel.truncate(end);
          return;
        }
        end = next;
      }
    }
  }

  /** Of the record that begins in the buffer, or 0 if none does. */
  private static long recordBytes(ByteBuffer start) {
    if (start.limit() < BEFORE
        || start.getInt(Long.BYTES) != RecordFrame.maskedCrc(start.array(), 0, Long.BYTES)) {
      return 0;
    }
    long length = start.getLong(0);
    return length < 0 ? 0 : BEFORE + length + AFTER;
  }

  private static void read(FileChannel channel, long at, ByteBuffer buffer) throws IOException {
    buffer.clear();
    int n = 0;
    while (buffer.hasRemaining() && n >= 0) {
      n = channel.read(buffer, at + buffer.position());
    }
    buffer.flip();
  }

  /** The step of an event as {@link EventWriter} writes it: behind the time, which has 9 bytes. */
  private static long step(ByteBuffer start) {
    int at = BEFORE + 1 + Double.BYTES;
    if (start.limit() <= at || start.get(at) != 2 << 3) {
      return 0;
    }
    long step = 0;
    int shift = 0;
    for (at++; at < start.limit() && shift < Long.SIZE; at++) {
      step |= (start.get(at) & 0x7fL) << shift;
      if (start.get(at) >= 0) {
        return step;
      }
      shift += 7;
    }
    return step;
  }
}
