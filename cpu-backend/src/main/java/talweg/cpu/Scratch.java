package talweg.cpu;

import java.lang.reflect.Array;
import talweg.tensor.DType;

/** Working memory that is kept between calls, by element type and slot. */
final class Scratch {
  private final Object[][] arrays;

  Scratch(int slots) {
    arrays = new Object[DType.values().length][slots];
  }

  /**
   * An array of at least {@code length} elements with undefined content, valid until the next call
   * for this slot.
   */
  Object array(DType dtype, int slot, int length) {
    Object[] slots = arrays[dtype.ordinal()];
    Object array = slots[slot];
    if (array == null || Array.getLength(array) < length) {
      array = CpuBuffer.newArray(dtype, length);
      slots[slot] = array;
    }
    return array;
  }
}
