package talweg.tensorboard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/**
 * Frames records as TensorFlow's TFRecord: length (8 bytes), its masked CRC32C (4), the data, their
 * masked CRC32C (4), all little-endian.
 */
final class RecordFrame {
  private static final int MASK = 0xa282ead8;

  private RecordFrame() {}

  /** One record with its frame. */
  static byte[] around(byte[] data) {
    ByteBuffer record =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(data.length);
    record.putInt(maskedCrc(record.array(), 0, Long.BYTES));
    record.put(data);
    record.putInt(maskedCrc(data, 0, data.length));
    return record.array();
  }

  /** Rotated by 15 bits, plus a constant: a CRC of data that hold CRCs would be a weak one. */
  static int maskedCrc(byte[] data, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(data, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }
}
