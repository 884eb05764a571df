package talweg.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.check.Uninterrupted;

/**
 * A file that grows by whole records while something more important runs, which a full disk must
 * not end: what cannot be written is kept, with one warning, and written later, when there is room.
 * There is never a part of a record in the file.
 */
public final class GrowingFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GrowingFile.class);

  /** Bytes from which on records are written without being flushed. */
  private static final int BUFFER = 1 << 16;

  /** Bytes that are kept at most while the file cannot be written; then records are left out. */
  static final int MOST_KEPT = 1 << 24;

  private final Path file;
  private FileChannel channel;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private long end;
  private long leftOut;
  private boolean failing;

  /**
   * Opens a file, whose folder is made if need be, and writes its first record. Unlike later ones
   * that has to succeed: at the beginning an error costs nothing yet.
   *
   * @throws IOException if it cannot be written
   */
  public GrowingFile(Path file, byte[] first, OpenOption... options) throws IOException {
    this.file = file;
    Files.createDirectories(file.toAbsolutePath().getParent());
    this.channel = FileChannel.open(file, Set.of(options));
    try {
      pending.writeBytes(first);
      write();
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Adds a record; it is in the file after the next {@link #flush} at the latest. */
  public void append(byte[] record) {
    if (failing && pending.size() + record.length > MOST_KEPT) {
      leftOut++;
      return;
    }
    pending.writeBytes(record);
    if (!failing && pending.size() >= BUFFER) {
      flush();
    }
  }

  /**
   * Hands everything to the operating system, so that others see it, if the file can be written.
   */
  public void flush() {
    if (pending.size() == 0) {
      return;
    }
    try {
      write();
      if (failing) {
        LOG.info("{}: can be written again, {} records are missing", file, leftOut);
      }
      failing = false;
    } catch (IOException e) {
      if (!failing) {
        LOG.warn(
            "{}: cannot be written: {}; what belongs there is kept and written when it can be,"
                + " everything else goes on; is the disk full?",
            file,
            e.toString());
      }
      failing = true;
    }
  }

  private void write() throws IOException {
    try {
      Uninterrupted.run(() -> {
        if (!channel.isOpen()) {
          // An interrupt of the thread closed it.
          channel = FileChannel.open(file, StandardOpenOption.WRITE);
        }
        ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
        channel.position(end);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        return null;
      });
    } catch (IOException e) {
      removePart(e);
      throw e;
    }
    end += pending.size();
    pending.reset();
  }

  private void removePart(IOException cause) {
    try {
      channel.truncate(end);
    } catch (IOException e) {
      // It will be written over.
      cause.addSuppressed(e);
    }
  }

  /** Tries a last time to write what is missing; says so if it stays missing. */
  @Override
  public void close() {
    flush();
    if (pending.size() > 0) {
      LOG.warn("{}: the last {} bytes could not be written", file, pending.size());
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.warn("{}: was not closed: {}", file, e.toString());
    }
  }
}
