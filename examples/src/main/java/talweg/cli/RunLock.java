package talweg.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.CheckpointException;

/**
 * Keeps a run's folder to one process while it writes there: a lock of the operating system's on
 * the file {@code run.lock}, which ends with the process, however that ends. The file says who
 * holds it, and is deleted by whoever let it go in order.
 */
final class RunLock implements AutoCloseable {
  static final String NAME = "run.lock";

  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

  /**
   * What the file says must stay readable where a lock keeps readers out: it is on no byte of it.
   */
  private static final long LOCKED_BYTE = Long.MAX_VALUE - 1;

  private static final int MOST_PADDING = 1024;

  private static final DateTimeFormatter SINCE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  private static final int MOMENTS = 50;
  private static final int MOMENT_MILLIS = 20;

  /**
   * Files that this process has locked. Opening and closing one again would let its lock go, so
   * that it must not even be tried.
   */
  private static final Set<Object> OWN = ConcurrentHashMap.newKeySet();

  private Path file;
  private Path own;
  private Path made;
  private FileChannel channel;

  /** Makes a folder, which is locked by this one then, or says that it is there already. */
  boolean make(Path folder) {
    try {
      Files.createDirectories(folder.toAbsolutePath().getParent());
      Files.createDirectory(folder);
    } catch (FileAlreadyExistsException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: cannot be made: %s; name a folder that can be written".formatted(folder, e), e);
    }
    made = folder;
    take(folder);
    return true;
  }

  /**
   * Takes a folder's lock, making the folder if need be, unless this has it already.
   *
   * @throws CheckpointException if another run writes there, naming it
   * @throws UncheckedIOException if the folder cannot be written
   */
  void take(Path folder) {
    if (file != null) {
      return;
    }
    Path wanted = folder.resolve(NAME);
    try {
      if (Files.notExists(folder)) {
        Files.createDirectories(folder);
        made = folder;
      }
      Path known = folder.toRealPath().resolve(NAME);
      if (!OWN.add(known)) {
        throw taken(folder, "this process");
      }
      own = known;
      file = wanted;
      lock(folder);
    } catch (IOException e) {
      close();
      throw new UncheckedIOException(
          "%s: cannot write: %s; is the folder writable and the disk not full?"
              .formatted(wanted, e),
          e);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void lock(Path folder) throws IOException {
    while (channel == null) {
      FileChannel opened =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (!isLocked(opened)) {
          throw taken(folder, holder());
        }
        write(opened);
        // Between opening and locking, its last holder may have deleted it.
        if (Files.exists(file) && Files.size(file) == opened.size()) {
          channel = opened;
        }
      } finally {
        if (channel == null) {
          opened.close();
        }
      }
    }
  }

  /** Whether this process has the lock now; also where the file system knows none. */
  private boolean isLocked(FileChannel opened) {
    try {
      return opened.tryLock(LOCKED_BYTE, 1, false) != null;
    } catch (IOException e) {
      LOG.warn(
          "{}: this file system has no locks ({}); see to it that no other run writes there",
          file,
          e.toString());
      return true;
    }
  }

  /** Says who holds it. The length is random: it tells this file from another of its name. */
  private static void write(FileChannel to) throws IOException {
    String text =
        "process %d on %s since %s"
            .formatted(ProcessHandle.current().pid(), host(), LocalDateTime.now().format(SINCE));
    String padding = " ".repeat(ThreadLocalRandom.current().nextInt(MOST_PADDING));
    to.truncate(0);
    ByteBuffer bytes = ByteBuffer.wrap((text + padding + "\n").getBytes(StandardCharsets.UTF_8));
    while (bytes.hasRemaining()) {
      to.write(bytes);
    }
  }

  /** Without asking the network, which may take its time to answer. */
  private static String host() {
    String name =
        System.getenv(System.getenv("COMPUTERNAME") == null ? "HOSTNAME" : "COMPUTERNAME");
    try {
      return name == null ? Files.readString(Path.of("/proc/sys/kernel/hostname")).strip() : name;
    } catch (IOException e) {
      return "this machine";
    }
  }

  /** Whoever has just got the lock needs a moment to say so. */
  private String holder() {
    try {
      String said = "";
      for (int i = 0; i < MOMENTS && said.isEmpty(); i++) {
        if (i > 0) {
          Thread.sleep(MOMENT_MILLIS);
        }
        said = Files.readString(file).strip();
      }
      return said.isEmpty() ? "it does not say which" : said;
    } catch (IOException e) {
      return "it ends just now: " + e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "it does not say which";
    }
  }

  private static CheckpointException taken(Path folder, String who) {
    return new CheckpointException(
        "%s: another run is writing there (%s); wait for its end, or name another folder"
            .formatted(folder, who));
  }

  /** Lets the lock go; a folder that it made and in which nothing is goes with it. */
  @Override
  public void close() {
    try {
      if (channel != null) {
        delete();
        channel.close();
      }
      if (made != null) {
        Files.deleteIfExists(made);
      }
    } catch (DirectoryNotEmptyException e) {
      // As it should be: something was written there.
    } catch (IOException e) {
      LOG.warn("{}: was not closed: {}", file, e.toString());
    } finally {
      channel = null;
      file = null;
      made = null;
      if (own != null) {
        OWN.remove(own);
        own = null;
      }
    }
  }

  /**
   * Before the lock is let go: whoever waits for it looks again whether the file is still there.
   */
  private void delete() throws IOException {
    try {
      Files.deleteIfExists(file);
    } catch (FileSystemException e) {
      // Windows deletes no open file; it stays, and says whose it was.
      LOG.debug("{}: stays: {}", file, e.toString());
    }
  }
}
