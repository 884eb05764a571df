package talweg.cuda.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The host's memory behind the addresses that callers of the driver pass. */
@SuppressWarnings("restricted") // addresses come from native callers
final class Host {
  private static final int LONGEST_NAME = 4096;

  private Host() {}

  static MemorySegment segment(long address, long bytes) {
    CuError.require(address != 0, CuResult.INVALID_VALUE, "null pointer");
    return MemorySegment.ofAddress(address).reinterpret(bytes);
  }

  static void putLong(long address, long value) {
    segment(address, 8).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
  }

  static void putInt(long address, int value) {
    segment(address, 4).set(ValueLayout.JAVA_INT_UNALIGNED, 0, value);
  }

  static void putFloat(long address, float value) {
    segment(address, 4).set(ValueLayout.JAVA_FLOAT_UNALIGNED, 0, value);
  }

  static long getLong(long address) {
    return segment(address, 8).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }

  static int getInt(long address) {
    return segment(address, 4).get(ValueLayout.JAVA_INT_UNALIGNED, 0);
  }

  static String name(long address) {
    return segment(address, LONGEST_NAME).getString(0);
  }

  /** A text that ends with a zero byte, whatever its length. */
  static String text(long address) {
    return segment(address, Integer.MAX_VALUE).getString(0);
  }
}
