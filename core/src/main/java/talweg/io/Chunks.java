package talweg.io;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/** Moves tensors between memory and a channel in portions, taking them into a seal on the way. */
final class Chunks {
  /** A multiple of the width of every element. */
  private static final int SIZE = 1 << 20;

  private final Seal seal;
  private byte[] chunk = {};

  Chunks(Seal seal) {
    this.seal = seal;
  }

  void read(String file, SeekableByteChannel channel, HostTensor tensor) throws IOException {
    long bytes = tensor.data().byteSize();
    for (long at = 0; at < bytes; at += SIZE) {
      ByteBuffer portion = portion(bytes - at);
      Safetensors.fill(file, channel, portion);
      seal.update(portion.flip());
      toLittleEndian(tensor.dtype().bytes(), portion.limit());
      copy(MemorySegment.ofArray(chunk), 0, tensor.data(), at, portion.limit());
    }
  }

  /** Reads halves into a tensor of floats: each value is exact. */
  void widen(String file, SeekableByteChannel channel, HostTensor tensor) throws IOException {
    long bytes = tensor.shape().size() * Short.BYTES;
    for (long at = 0; at < bytes; at += SIZE) {
      ByteBuffer portion = portion(bytes - at).order(ByteOrder.LITTLE_ENDIAN);
      Safetensors.fill(file, channel, portion);
      seal.update(portion.flip());
      portion.rewind();
      for (long i = at / Short.BYTES; portion.hasRemaining(); i++) {
        float value = Float.float16ToFloat(portion.getShort());
        tensor.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
      }
    }
  }

  /** Passes bytes that nobody asks for, but of which the seal is, too. */
  void pass(String file, SeekableByteChannel channel, long bytes) throws IOException {
    for (long at = 0; at < bytes; at += SIZE) {
      ByteBuffer portion = portion(bytes - at);
      Safetensors.fill(file, channel, portion);
      seal.update(portion.flip());
    }
  }

  void write(WritableByteChannel channel, HostTensor tensor) throws IOException {
    long bytes = tensor.data().byteSize();
    for (long at = 0; at < bytes; at += SIZE) {
      ByteBuffer portion = portion(bytes - at);
      copy(tensor.data(), at, MemorySegment.ofArray(chunk), 0, portion.limit());
      toLittleEndian(tensor.dtype().bytes(), portion.limit());
      seal.update(portion.duplicate());
      write(channel, portion);
    }
  }

  static void write(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * The form of copy that takes a layout: compiled by C2 of JDK 25.0.3, the shorter form loses
   * elements of copies below 64 bytes.
   */
  private static void copy(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    MemorySegment.copy(source, JAVA_BYTE, from, target, JAVA_BYTE, to, bytes);
  }

  private ByteBuffer portion(long left) {
    int bytes = (int) Math.min(SIZE, left);
    if (chunk.length < bytes) {
      chunk = new byte[bytes];
    }
    return ByteBuffer.wrap(chunk, 0, bytes);
  }

  /** From the machine's byte order, or back. */
  private void toLittleEndian(int width, int bytes) {
    if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
      reverse(chunk, width, bytes);
    }
  }

  /** Reverses the bytes of each element. */
  static void reverse(byte[] data, int width, int bytes) {
    for (int i = 0; i < bytes; i += width) {
      for (int j = 0; j < width / 2; j++) {
        byte swap = data[i + j];
        data[i + j] = data[i + width - 1 - j];
        data[i + width - 1 - j] = swap;
      }
    }
  }
}
