package talweg.io;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import talweg.check.HeapLimit;
import talweg.check.RegularFile;
import talweg.check.Uninterrupted;
import talweg.check.WriteErrors;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.tensor.DType;

/**
 * Reads and writes the safetensors format: 8 bytes of header length, a JSON header (name to dtype,
 * shape, byte range), then the values, little-endian and without gaps. Reading runs no code of the
 * file's and trusts none of its numbers: everything is checked against the file's size before
 * memory is taken.
 *
 * <p>Files that are written here carry a SHA-256 of themselves, which reading verifies: it tells of
 * damage, but does not prove who wrote a file. Files of other tools have none.
 */
public final class Safetensors {
  /** The longest header that is read or written, as in the reference implementation. */
  static final int MAX_HEADER = 100_000_000;

  /** Bytes of the heap for a byte of the header, at most. */
  private static final int HEADER_COPIES = 8;

  private Safetensors() {}

  /**
   * What is in a file.
   *
   * @param tensors in the order of the file; F16 is read as F32, which is exact
   * @param sealed whether the file carries its SHA-256, which then was verified
   * @param others tensors of element types that cannot be read, such as {@code BOOL[2, 3]}: their
   *     values are left out
   */
  public record Content(
      Map<String, HostTensor> tensors,
      Map<String, String> metadata,
      boolean sealed,
      Map<String, String> others) {
    /** A file all of whose tensors were read. */
    public Content(Map<String, HostTensor> tensors, Map<String, String> metadata, boolean sealed) {
      this(tensors, metadata, sealed, Map.of());
    }
  }

  /**
   * Reads a file.
   *
   * @throws InputNotFoundException if there is no such file, or it is a folder, a pipe or a device
   * @throws DataFormatException if it is damaged, not in this format, or larger than the heap
   *     allows
   * @throws CheckpointException if it cannot be read
   */
  public static Content read(Path file) {
    RegularFile.require(file, "a safetensors file");
    try {
      return Uninterrupted.run(() -> {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
          return read(file.toString(), channel);
        }
      });
    } catch (NoSuchFileException e) {
      throw new InputNotFoundException(file + ": there is no such file", e);
    } catch (IOException e) {
      throw new CheckpointException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }

  static Content read(String file, SeekableByteChannel channel) throws IOException {
    try {
      return readWhole(file, channel);
    } catch (OutOfMemoryError e) {
      throw HeapLimit.full(file, e);
    }
  }

  private static Content readWhole(String file, SeekableByteChannel channel) throws IOException {
    long size = channel.size();
    ByteBuffer prefix = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    int headerLength = 0;
    if (size >= Long.BYTES) {
      fill(file, channel, prefix);
      headerLength = headerLength(file, prefix, size);
    } else {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected a safetensors file, got %d bytes; it was cut off, get it again",
              file,
              size));
    }
    requireMemory(file, headerLength, Runtime.getRuntime().maxMemory());
    byte[] json = new byte[headerLength];
    fill(file, channel, ByteBuffer.wrap(json));
    long dataBytes = size - Long.BYTES - headerLength;
    SafetensorsHeader header = SafetensorsHeader.parse(file, json, dataBytes);
    Seal seal = Seal.find(file, json, header.metadata());
    seal.update(prefix.flip());
    seal.updateHeader();
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    Map<String, String> others = new LinkedHashMap<>();
    Chunks chunks = new Chunks(seal);
    for (Map.Entry<String, SafetensorsHeader.Entry> named : header.tensors().entrySet()) {
      SafetensorsHeader.Entry entry = named.getValue();
      DType dtype = entry.type().read();
      if (dtype == null) {
        chunks.pass(file, channel, entry.end() - entry.begin());
        others.put(named.getKey(), entry.toString());
        continue;
      }
      HostTensor tensor =
          new HostTensor(
              dtype, entry.shape(), allocate(file, entry.shape().size() * dtype.bytes()));
      if (entry.type() == StoredType.F16) {
        chunks.widen(file, channel, tensor);
      } else {
        chunks.read(file, channel, tensor);
      }
      tensors.put(named.getKey(), tensor);
    }
    seal.verify(file);
    Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
    boolean sealed = metadata.remove(Seal.KEY) != null;
    return new Content(tensors, metadata, sealed, others);
  }

  /** A header of many small tensors takes some eight times its length as objects. */
  static void requireMemory(String file, int headerLength, long heap) {
    HeapLimit.require(
        file,
        String.format(Locale.ROOT, "its header's %d bytes", headerLength),
        (long) HEADER_COPIES * headerLength,
        "get the file again if it should have a smaller header",
        heap);
  }

  private static int headerLength(String file, ByteBuffer prefix, long size) {
    long length = prefix.getLong(0);
    if (length >= 0 && length <= Math.min(MAX_HEADER, size - Long.BYTES)) {
      return (int) length;
    }
    String start = new String(prefix.array(), StandardCharsets.ISO_8859_1);
    String known =
        start.startsWith("version ")
            ? "; it looks like a pointer of Git LFS: fetch the file itself with 'git lfs pull'"
            : start.startsWith("PK")
                ? "; it looks like a zip, perhaps a model of PyTorch's torch.save: save it with"
                    + " safetensors.torch.save_file"
                : "; it was cut off, or is no safetensors file";
    throw new DataFormatException(
        String.format(
            Locale.ROOT,
            "%s: expected a header of at most %d bytes, got a length of %s%s",
            file,
            Math.min(MAX_HEADER, size - Long.BYTES),
            Long.toUnsignedString(length),
            known));
  }

  private static MemorySegment allocate(String file, long bytes) {
    try {
      return HostTensor.allocate(bytes);
    } catch (OutOfMemoryError e) {
      throw new CheckpointException(
          String.format(Locale.ROOT, "%s: no memory for a tensor of %d bytes", file, bytes), e);
    }
  }

  static void fill(String file, SeekableByteChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException(file + " ended while it was read");
      }
    }
  }

  /**
   * Writes a file, which appears complete or not at all.
   *
   * @param metadata text about the model, stored in the header
   * @throws IllegalArgumentException for what {@link #read} would refuse
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(
      Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    byte[] header = header(file, tensors, metadata);
    try {
      AtomicFile.write(
          file,
          channel -> {
            Seal seal = Seal.ofZeros(header);
            ByteBuffer prefix =
                ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(0, header.length);
            seal.update(prefix.duplicate());
            seal.updateHeader();
            Chunks.write(channel, prefix);
            Chunks.write(channel, ByteBuffer.wrap(header));
            Chunks chunks = new Chunks(seal);
            for (HostTensor tensor : tensors.values()) {
              chunks.write(channel, tensor);
            }
            channel.position(Long.BYTES + seal.position());
            Chunks.write(channel, ByteBuffer.wrap(seal.digest()));
          });
    } catch (IOException e) {
      throw new CheckpointException(
          "%s: cannot be written: %s".formatted(file, WriteErrors.reason(e)), e);
    }
  }

  private static byte[] header(
      Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    if (tensors.containsKey(SafetensorsHeader.METADATA) || metadata.containsKey(Seal.KEY)) {
      throw new IllegalArgumentException(
          "%s: a tensor cannot be named %s, nor metadata %s"
              .formatted(file, SafetensorsHeader.METADATA, Seal.KEY));
    }
    Map<String, String> sealed = new LinkedHashMap<>();
    sealed.put(Seal.KEY, Seal.ZEROS);
    sealed.putAll(metadata);
    SafetensorsHeader intended = SafetensorsHeader.of(tensors, sealed);
    byte[] header = intended.bytes();
    if (header.length > MAX_HEADER) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d tensors need a header of %d bytes, expected at most %d",
              file,
              tensors.size(),
              header.length,
              MAX_HEADER));
    }
    boolean readable;
    try {
      SafetensorsHeader read =
          SafetensorsHeader.parse(file.toString(), header, intended.dataBytes());
      readable = read.equals(intended) && Seal.find(file.toString(), header, sealed) != null;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException(
          "%s: would not be read again: %s".formatted(file, e.getMessage()), e);
    }
    if (!readable) {
      throw new IllegalArgumentException(
          file + ": a name or metadata has characters that UTF-8 cannot hold");
    }
    return header;
  }
}
