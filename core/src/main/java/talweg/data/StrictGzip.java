package talweg.data;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A gzip stream that refuses bytes after its last member.
 *
 * <p>{@link GZIPInputStream} takes any such bytes, and a damaged further member too, for the end of
 * the stream; a data file that was joined or overwritten badly would then lose rows silently.
 */
final class StrictGzip extends GZIPInputStream {
  private static final int TRAILER_BYTES = 8;

  private final Counter counter;
  private long filledTo;

  private StrictGzip(Counter counter) throws IOException {
    super(counter, 1 << 16);
    this.counter = counter;
  }

  static StrictGzip of(InputStream packed) throws IOException {
    return new StrictGzip(new Counter(packed));
  }

  /** Bytes that were taken from the packed stream so far. */
  long packedBytes() {
    return counter.count;
  }

  @Override
  protected void fill() throws IOException {
    super.fill();
    filledTo = counter.count;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int n = super.read(into, offset, length);
    if (n < 0) {
      // At the end the superclass has tried to read one more member header, so that any byte behind
      // the trailer has been counted, while the inflater still knows where its data ended.
      long end = filledTo - inf.getRemaining() + TRAILER_BYTES;
      if (counter.count > end) {
        throw new ZipException(
            "packed byte " + end + ": the gzip data end here, more bytes follow");
      }
    }
    return n;
  }

  private static final class Counter extends FilterInputStream {
    private long count;

    Counter(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int n = super.read(into, offset, length);
      count += Math.max(n, 0);
      return n;
    }
  }
}
