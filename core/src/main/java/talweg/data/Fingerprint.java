package talweg.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 over numbers, little-endian. */
final class Fingerprint {
  /** Examples of a streamed data set. */
  static final int SAMPLES = 4096;

  private static final int PORTION = 16 * 1024;

  private final MessageDigest sum;
  private final ByteBuffer buffer =
      ByteBuffer.allocate(PORTION * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);

  Fingerprint() {
    try {
      sum = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JVM has SHA-256", e);
    }
  }

  Fingerprint add(int[] values) {
    for (int from = 0; from < values.length; from += PORTION) {
      int count = Math.min(PORTION, values.length - from);
      buffer.clear().asIntBuffer().put(values, from, count);
      sum.update(buffer.limit(count * Integer.BYTES));
    }
    return this;
  }

  Fingerprint add(float[] values) {
    for (int from = 0; from < values.length; from += PORTION) {
      int count = Math.min(PORTION, values.length - from);
      buffer.clear().asFloatBuffer().put(values, from, count);
      sum.update(buffer.limit(count * Float.BYTES));
    }
    return this;
  }

  /** Row by row, wherever they are. */
  Fingerprint add(Features features) {
    float[] row = new float[features.width()];
    for (int i = 0; i < features.rows(); i++) {
      features.copy(i, row, 0);
      add(row);
    }
    return this;
  }

  String hex() {
    return HexFormat.of().formatHex(sum.digest());
  }
}
