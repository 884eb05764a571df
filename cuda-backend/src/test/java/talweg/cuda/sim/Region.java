package talweg.cuda.sim;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** A piece of simulated memory with the addresses base to base + size. */
final class Region {
  private static final VarHandle SHORTS = view(short[].class);
  private static final VarHandle INTS = view(int[].class);
  private static final VarHandle LONGS = view(long[].class);

  private final String name;
  private final long base;
  private final byte[] data;
  private long size;

  Region(String name, long base, byte[] data, long size) {
    this.name = name;
    this.base = base;
    this.data = data;
    this.size = size;
  }

  private static VarHandle view(Class<?> arrayType) {
    return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
  }

  String name() {
    return name;
  }

  long base() {
    return base;
  }

  long size() {
    return size;
  }

  byte[] data() {
    return data;
  }

  /** Makes every later access fail. */
  void retire() {
    size = 0;
  }

  boolean contains(long address, long bytes) {
    long at = address - base;
    return at >= 0 && bytes <= size - at;
  }

  /** Reads with the extension that the type asks for. */
  long load(long address, PtxType type) {
    int at = (int) (address - base);
    return switch (type) {
      case U8 -> data[at] & 0xffL;
      case S8 -> data[at];
      case U16 -> (short) SHORTS.get(data, at) & 0xffffL;
      case S16 -> (short) SHORTS.get(data, at);
      case U32, F32 -> (int) INTS.get(data, at) & 0xffffffffL;
      case S32 -> (int) INTS.get(data, at);
      case U64, S64, F64 -> (long) LONGS.get(data, at);
      default -> throw PtxFault.undecodable("no memory access of type " + type);
    };
  }

  void store(long address, int bytes, long value) {
    int at = (int) (address - base);
    switch (bytes) {
      case 1 -> data[at] = (byte) value;
      case 2 -> SHORTS.set(data, at, (short) value);
      case 4 -> INTS.set(data, at, (int) value);
      default -> LONGS.set(data, at, value);
    }
  }
}
