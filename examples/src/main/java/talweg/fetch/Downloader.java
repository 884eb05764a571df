package talweg.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Brings known files into a folder. A file appears under its name only when its SHA-256 is right;
 * until then it is called {@code NAME.part}, which a later attempt goes on with, be it from another
 * mirror. A file that is there already is never touched.
 */
public final class Downloader {
  private static final Duration CONNECT = Duration.ofSeconds(20);
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final HttpClient client;
  private final Duration patience;

  /** Downloads over the network, by the proxy that Java's settings name. */
  public Downloader() {
    this(
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build(),
        PATIENCE);
  }

  /** Downloads with a given client, which must not follow redirects. */
  Downloader(HttpClient client, Duration patience) {
    this.client = client;
    this.patience = patience;
  }

  /** What had to be done for a file. */
  public enum Outcome {
    /** It was there already. */
    PRESENT,
    /** It was downloaded. */
    DOWNLOADED,
    /** The rest of it was downloaded. */
    RESUMED
  }

  /**
   * Brings one file.
   *
   * @param progress told how many bytes are there
   * @throws UncheckedIOException if no mirror sends it, it is not what it should be, or cannot be
   *     written; the message says what was tried
   */
  public Outcome fetch(RemoteFile file, List<URI> mirrors, Path folder, LongConsumer progress) {
    Path target = folder.resolve(file.name());
    try {
      if (Files.exists(target)) {
        requireGood(file, target);
        return Outcome.PRESENT;
      }
      Files.createDirectories(folder);
      return download(file, mirrors, target, progress);
    } catch (UncheckedIOException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: cannot be written: %s; check the folder and the room on its disk"
              .formatted(target, e),
          e);
    }
  }

  private Outcome download(RemoteFile file, List<URI> mirrors, Path target, LongConsumer progress)
      throws IOException {
    Path part = target.resolveSibling(file.name() + ".part");
    List<String> tried = new ArrayList<>();
    try (FileChannel channel =
            FileChannel.open(
                part,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        FileLock _ = lock(part, channel)) {
      if (channel.size() > file.bytes()) {
        channel.truncate(0);
      }
      long before = channel.size();
      if (before == file.bytes() && isGood(file, part, channel, tried, "an earlier attempt")) {
        return finish(part, target, Outcome.RESUMED);
      }
      before = channel.size();
      Transfer transfer = new Transfer(client, patience, file.bytes(), channel, progress);
      for (URI mirror : mirrors) {
        URI address = mirror.resolve(file.name());
        try {
          transfer.run(address);
        } catch (IOException e) {
          tried.add("%s: %s".formatted(address, reason(e)));
          continue;
        }
        if (isGood(file, part, channel, tried, address.toString())) {
          return finish(part, target, before > 0 ? Outcome.RESUMED : Outcome.DOWNLOADED);
        }
      }
    }
    removeIfEmpty(part);
    throw failed(
        ("%s: could not be downloaded; tried %s; check the network (a proxy is told to Java by"
                + " -Dhttps.proxyHost and -Dhttps.proxyPort), try again later, or put the file"
                + " there yourself")
            .formatted(target, String.join("; ", tried)));
  }

  /** Checks what has arrived; what is wrong is removed, so that no attempt goes on with it. */
  private static boolean isGood(
      RemoteFile file, Path part, FileChannel channel, List<String> tried, String from)
      throws IOException {
    channel.force(true);
    String got = sha256(part);
    if (got.equals(file.sha256())) {
      return true;
    }
    channel.truncate(0);
    tried.add(
        "%s: expected SHA-256 %s, got %s; removed what it sent"
            .formatted(from, file.sha256(), got));
    return false;
  }

  private static Outcome finish(Path part, Path target, Outcome outcome) throws IOException {
    Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    return outcome;
  }

  private static void requireGood(RemoteFile file, Path target) throws IOException {
    String got = Files.isRegularFile(target) ? sha256(target) : "no regular file";
    if (!got.equals(file.sha256())) {
      throw failed(
          "%s: is there, but is another file: expected SHA-256 %s, got %s; move it away"
              .formatted(target, file.sha256(), got));
    }
  }

  private static FileLock lock(Path part, FileChannel channel) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      lock = null;
    }
    if (lock == null) {
      throw failed(part + ": another download of it is under way; wait for it");
    }
    return lock;
  }

  private static void removeIfEmpty(Path part) throws IOException {
    if (Files.size(part) == 0) {
      Files.delete(part);
    }
  }

  private static UncheckedIOException failed(String message) {
    return new UncheckedIOException(message, new IOException(message));
  }

  /** Some exceptions of the network say nothing but by their names. */
  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName();
    if (e.getClass() == IOException.class) {
      return e.getMessage();
    }
    return e.getMessage() == null ? name : name + ": " + e.getMessage();
  }

  private static String sha256(Path file) throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      int n;
      while ((n = in.read(buffer)) >= 0) {
        digest.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
