package talweg.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import talweg.check.Uninterrupted;
import talweg.error.InputNotFoundException;

/** Where encoded rows go, one after the other: an array, or a file that is mapped afterwards. */
sealed interface FeatureSink extends AutoCloseable {
  /** Takes the next row. */
  void add(float[] row);

  /** All rows, once there are as many as announced. */
  Features features();

  @Override
  void close();

  /** Rows in memory. */
  final class InMemory implements FeatureSink {
    private final float[] values;
    private final int width;
    private int done;

    InMemory(String file, int rows, int width) {
      this.values = new float[HostMemory.floats(file, rows, width)];
      this.width = width;
    }

    @Override
    public void add(float[] row) {
      System.arraycopy(row, 0, values, done, width);
      done += width;
    }

    @Override
    public Features features() {
      assert done == values.length;
      return new Features.Held(values, width);
    }

    @Override
    public void close() {}
  }

  /**
   * Rows in a temporary file: little-endian floats. Where the system allows it, the file has no
   * name any more while it is in use, so that nothing is left behind, however the program ends.
   */
  final class InFile implements FeatureSink {
    private static final int BUFFER_BYTES = 1 << 18;

    private final Path file;
    private final FileChannel channel;
    private final int rows;
    private final int width;
    private final ByteBuffer buffer;

    InFile(Path folder, int rows, int width) {
      if (!Files.isDirectory(folder)) {
        throw new InputNotFoundException(
            folder + ": no such folder; expected one for the temporary file of encoded rows");
      }
      this.file = folder.resolve("talweg-" + UUID.randomUUID() + ".rows");
      this.rows = rows;
      this.width = width;
      int rowBytes = Math.multiplyExact(width, Float.BYTES);
      this.buffer =
          ByteBuffer.allocate(Math.max(rowBytes, BUFFER_BYTES)).order(ByteOrder.LITTLE_ENDIAN);
      try {
        channel =
            FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
      } catch (IOException e) {
        throw failure(e);
      }
    }

    @Override
    public void add(float[] row) {
      if (buffer.remaining() < row.length * Float.BYTES) {
        write();
      }
      for (float value : row) {
        buffer.putFloat(value);
      }
    }

    @Override
    public Features features() {
      write();
      try {
        return Uninterrupted.run(() -> MappedRows.ofFloats(channel, rows, width));
      } catch (IOException e) {
        throw failure(e);
      }
    }

    /** Closes the channel; what was mapped stays. */
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw failure(e);
      }
    }

    private void write() {
      buffer.flip();
      try {
        Uninterrupted.run(() -> {
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
          return null;
        });
      } catch (IOException e) {
        throw failure(e);
      }
      buffer.clear();
    }

    private UncheckedIOException failure(IOException e) {
      long bytes = (long) rows * width * Float.BYTES;
      return new UncheckedIOException(
          String.format(
              Locale.ROOT,
              "%s: the encoded rows, %d MiB, cannot be written there: %s; make room, or use another"
                  + " folder",
              file.getParent(),
              bytes >> 20,
              e),
          e);
    }
  }
}
