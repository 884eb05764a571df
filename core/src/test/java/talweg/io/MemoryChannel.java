package talweg.io;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** Bytes as a file that is read. */
final class MemoryChannel implements SeekableByteChannel {
  private final byte[] bytes;
  private final long claimedSize;
  private int position;

  MemoryChannel(byte[] bytes) {
    this(bytes, bytes.length);
  }

  /** A file that says it is longer than what can be read of it. */
  MemoryChannel(byte[] bytes, long claimedSize) {
    this.bytes = bytes;
    this.claimedSize = claimedSize;
  }

  @Override
  public int read(ByteBuffer target) {
    if (position == bytes.length) {
      return -1;
    }
    int n = Math.min(target.remaining(), bytes.length - position);
    target.put(bytes, position, n);
    position += n;
    return n;
  }

  @Override
  public long size() {
    return claimedSize;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public SeekableByteChannel position(long next) {
    position = Math.toIntExact(next);
    return this;
  }

  @Override
  public int write(ByteBuffer source) {
    throw new UnsupportedOperationException();
  }

  @Override
  public SeekableByteChannel truncate(long size) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isOpen() {
    return true;
  }

  @Override
  public void close() {}
}
