package talweg.data;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import talweg.check.RegularFile;
import talweg.error.InputNotFoundException;
import talweg.error.ReadFailedException;

/**
 * The bytes of one input, unpacked while they are read if they begin with gzip's magic number.
 *
 * <p>Every failure names the input. Positions count unpacked bytes.
 */
final class ByteSource implements AutoCloseable {
  /** No limit on unpacked bytes: for readers that know from a header how much to expect. */
  static final long UNLIMITED = Long.MAX_VALUE;

  /** Unpacked bytes for each packed one: what is read as data has some 5, a bomb has 1000. */
  private static final int MAX_RATIO = 200;

  /** Unpacked bytes that a file may have in any case: a short run of one value packs well. */
  private static final int UNPACKED_ANYWAY = 1 << 23;

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int GZIP_MAGIC = 0x1f8b;

  private final String name;
  private final InputStream in;
  private final StrictGzip gzip;
  private final boolean packed;
  private final long plainSize;
  private final long limit;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int next;
  private int end;
  private long delivered;

  private ByteSource(String name, InputStream raw, long fileSize, long limit) {
    this.name = name;
    this.limit = limit;
    try {
      InputStream buffered = new BufferedInputStream(raw, 512);
      buffered.mark(2);
      packed = (buffered.read() << 8 | buffered.read()) == GZIP_MAGIC;
      buffered.reset();
      gzip = packed ? StrictGzip.of(buffered) : null;
      in = packed ? gzip : buffered;
      plainSize = packed ? -1 : fileSize;
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Opens a regular file.
   *
   * @param limit most unpacked bytes to deliver
   * @throws InputNotFoundException if there is no such file, or it is a folder, a pipe or a device
   */
  static ByteSource open(Path file, long limit) {
    if (!Files.exists(file)) {
      throw new InputNotFoundException(file + ": no such file; check the path");
    }
    RegularFile.require(file, "a regular file");
    InputStream raw = null;
    try {
      raw = Files.newInputStream(file);
      return new ByteSource(file.toString(), raw, Files.size(file), limit);
    } catch (IOException e) {
      closeQuietly(raw);
      throw new ReadFailedException("%s: cannot be read: %s".formatted(file, e), e);
    } catch (RuntimeException e) {
      closeQuietly(raw);
      throw e;
    }
  }

  /** Takes over a stream; {@code name} stands for it in errors. */
  static ByteSource of(String name, InputStream raw, long limit) {
    return new ByteSource(name, raw, -1, limit);
  }

  String name() {
    return name;
  }

  /** Size in bytes of a file that is not packed, otherwise -1. */
  long plainSize() {
    return plainSize;
  }

  /** Number of bytes read so far. */
  long position() {
    return delivered - (end - next);
  }

  /** The next byte as 0..255, or -1 at the end. */
  int read() {
    return next < end || fill() ? buffer[next++] & 0xff : -1;
  }

  /** Like {@link #read()}, but the byte stays to be read. */
  int peek() {
    return next < end || fill() ? buffer[next] & 0xff : -1;
  }

  /** Reads until {@code into} is full or the input ends, and returns the number of bytes read. */
  int read(byte[] into, int offset, int length) {
    int done = 0;
    while (done < length && (next < end || fill())) {
      int n = Math.min(length - done, end - next);
      System.arraycopy(buffer, next, into, offset + done, n);
      next += n;
      done += n;
    }
    return done;
  }

  /** Up to {@code length} of the input's first bytes; only before anything was read. */
  byte[] head(int length) {
    assert position() == 0 : position();
    boolean more = true;
    while (more && end < length) {
      more = fill();
    }
    return Arrays.copyOf(buffer, Math.min(length, end));
  }

  /** What a file that is not data at all appears to be, from its first bytes, and what to do. */
  record Disguise(String what, String advice) {
    private static final Disguise LFS =
        new Disguise("a Git LFS pointer", "run \"git lfs pull\" to get the file itself");
    private static final Disguise PAGE =
        new Disguise("a web page", "a server sent it instead of the file: download the file again");
    private static final Disguise ZIP = new Disguise("a zip archive", "unpack it first");
    private static final Disguise GZIP = new Disguise("gzip inside gzip", "unpack it once");

    static Optional<Disguise> of(byte[] head) {
      String text = new String(head, StandardCharsets.ISO_8859_1);
      String lower = text.stripLeading().toLowerCase(Locale.ROOT);
      if (lower.startsWith("version https://git-lfs")) {
        return Optional.of(LFS);
      }
      if (Stream.of("<!doctype", "<html", "<?xml").anyMatch(lower::startsWith)) {
        return Optional.of(PAGE);
      }
      if (text.startsWith("PK\3\4")) {
        return Optional.of(ZIP);
      }
      return text.startsWith("\u001f\u008b") ? Optional.of(GZIP) : Optional.empty();
    }
  }

  @Override
  public void close() {
    closeQuietly(in);
  }

  private boolean fill() {
    int at = next == end ? 0 : end;
    try {
      int n = in.read(buffer, at, buffer.length - at);
      if (n < 0) {
        return false;
      }
      next = at == 0 ? 0 : next;
      end = at + n;
      delivered += n;
    } catch (IOException e) {
      throw failure(e);
    }
    if (delivered > limit) {
      throw Malformed.at(
          name,
          "byte " + limit,
          "at most " + limit + (packed ? " unpacked bytes" : " bytes"),
          "more",
          "if the file is genuine, raise the limit (CsvOptions.maxBytes)");
    }
    if (packed && delivered > mostUnpacked(gzip.packedBytes())) {
      throw Malformed.at(
          name,
          "byte " + delivered,
          String.format(Locale.ROOT, "at most %d unpacked bytes for each packed one", MAX_RATIO),
          "more",
          "if the file is genuine, unpack it first (gunzip)");
    }
    return true;
  }

  /** The largest unpacked size that is accepted for a packed size. */
  static long mostUnpacked(long packedBytes) {
    return UNPACKED_ANYWAY + MAX_RATIO * packedBytes;
  }

  private RuntimeException failure(IOException e) {
    if (e instanceof EOFException || e instanceof ZipException) {
      return Malformed.at(
          name,
          "after " + Malformed.count(delivered, "unpacked byte"),
          "an intact gzip stream",
          e instanceof EOFException ? "a premature end" : "damage (" + e.getMessage() + ")",
          "the file was cut or altered: copy or download it again");
    }
    return new ReadFailedException(
        String.format(Locale.ROOT, "%s: byte %d: cannot be read: %s", name, delivered, e), e);
  }

  private static void closeQuietly(InputStream in) {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      // Only reading happened here; a failing close loses nothing.
    }
  }
}
