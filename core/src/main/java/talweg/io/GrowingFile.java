package talweg.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.check.Uninterrupted;

/**
 * A file that grows by whole records while something more important runs, which a full disk must
 * not end: what cannot be written is kept, with one warning, and written later, when there is room.
 * There is never a part of a record in the file. One that is deleted meanwhile is begun again, with
 * a warning.
 */
public final class GrowingFile implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(GrowingFile.class);

  /** Bytes from which on records are written without being flushed. */
  private static final int BUFFER = 1 << 16;

  /** Bytes that are kept at most while the file cannot be written; then records are left out. */
  static final int MOST_KEPT = 1 << 24;

  private final Path file;
  private final byte[] first;
  private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
  private FileChannel channel;
  private Object identity;
  private long end;
  private long leftOut;
  private boolean failing;
  private boolean forced;

  /**
   * Opens a file, whose folder is made if need be, and writes its first record. Unlike later ones
   * that has to succeed: at the beginning an error costs nothing yet.
   *
   * @throws IOException if it cannot be written
   */
  public GrowingFile(Path file, byte[] first, OpenOption... options) throws IOException {
    this(file, first, 0, options);
    pending.writeBytes(first);
    begin();
  }

  private GrowingFile(Path file, byte[] first, long end, OpenOption... options) throws IOException {
    this.file = file;
    this.first = first.clone();
    this.end = end;
    Files.createDirectories(file.toAbsolutePath().getParent());
    this.channel = FileChannel.open(file, Set.of(options));
    this.identity = identity();
  }

  /**
   * Opens a file to go on with it.
   *
   * @param first its first record, for the case that it has to be begun again
   * @param length how much of it stays, whole records
   * @throws IOException if it cannot be written
   */
  public static GrowingFile goOn(Path file, byte[] first, long length) throws IOException {
    GrowingFile opened = new GrowingFile(file, first, length, StandardOpenOption.WRITE);
    try {
      opened.channel.truncate(length);
    } catch (IOException | RuntimeException e) {
      opened.channel.close();
      throw e;
    }
    return opened;
  }

  private void begin() throws IOException {
    try {
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

  /**
   * Flushes, and makes sure that what was written survives a loss of power; a failure is only a
   * warning.
   */
  public void force() {
    flush();
    if (failing || forced) {
      return;
    }
    try {
      Uninterrupted.run(() -> {
        requireThere();
        channel.force(false);
        return null;
      });
      forced = true;
    } catch (IOException e) {
      LOG.warn("{}: cannot be forced to the disk: {}", file, e.toString());
    }
  }

  /** Whether nothing is missing of what was appended, after a {@link #flush}. */
  public boolean isWhole() {
    return pending.size() == 0 && leftOut == 0;
  }

  private void write() throws IOException {
    Uninterrupted.run(() -> {
      requireThere();
      writePending();
      return null;
    });
    forced = false;
  }

  /** What goes into a file whose name is gone is lost; this notices, and begins another one. */
  private void requireThere() throws IOException {
    boolean gone = !Files.exists(file);
    if (!gone && Objects.equals(identity, identity())) {
      if (!channel.isOpen()) {
        // An interrupt closed it.
        channel = FileChannel.open(file, StandardOpenOption.WRITE);
      }
      return;
    }
    channel.close();
    Files.createDirectories(file.toAbsolutePath().getParent());
    channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    identity = identity();
    end = channel.size();
    if (gone) {
      byte[] waiting = pending.toByteArray();
      pending.reset();
      pending.writeBytes(first);
      pending.writeBytes(waiting);
      LOG.warn(
          "{}: was deleted or moved while it was written; it is begun again, without what it had"
              + " until now",
          file);
    } else {
      LOG.warn(
          "{}: was replaced while it was written; it goes on at the end of what is there now",
          file);
    }
  }

  /** What tells this file from another one of its name; null where the system has no such thing. */
  private Object identity() throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  private void writePending() throws IOException {
    try {
      ByteBuffer bytes = ByteBuffer.wrap(pending.toByteArray());
      channel.position(end);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
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
