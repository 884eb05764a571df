package talweg.tensor;

import java.lang.foreign.MemorySegment;
import talweg.error.DTypeException;

/** Brings a tensor's elements to host arrays, converting the element type there. */
final class HostReader {
  private HostReader() {}

  static double[] doubles(Tensor tensor) {
    int n = Math.toIntExact(tensor.size());
    double[] out = new double[n];
    switch (tensor.dtype()) {
      case F64 -> tensor.download(MemorySegment.ofArray(out));
      case F32, BF16 -> {
        float[] raw = floats(tensor);
        for (int i = 0; i < n; i++) {
          out[i] = raw[i];
        }
      }
      case I64 -> {
        long[] raw = new long[n];
        tensor.download(MemorySegment.ofArray(raw));
        for (int i = 0; i < n; i++) {
          out[i] = raw[i];
        }
      }
      case I32, U8 -> {
        int[] raw = ints(tensor);
        for (int i = 0; i < n; i++) {
          out[i] = raw[i];
        }
      }
    }
    return out;
  }

  static float[] floats(Tensor tensor) {
    int n = Math.toIntExact(tensor.size());
    float[] out = new float[n];
    switch (tensor.dtype()) {
      case F32 -> tensor.download(MemorySegment.ofArray(out));
      case BF16 -> {
        short[] raw = new short[n];
        tensor.download(MemorySegment.ofArray(raw));
        for (int i = 0; i < n; i++) {
          out[i] = Float.intBitsToFloat(raw[i] << 16);
        }
      }
      case F64, I32, I64, U8 -> {
        double[] raw = doubles(tensor);
        for (int i = 0; i < n; i++) {
          out[i] = (float) raw[i];
        }
      }
    }
    return out;
  }

  static int[] ints(Tensor tensor) {
    int n = Math.toIntExact(tensor.size());
    int[] out = new int[n];
    switch (tensor.dtype()) {
      case I32 -> tensor.download(MemorySegment.ofArray(out));
      case I64 -> {
        long[] raw = new long[n];
        tensor.download(MemorySegment.ofArray(raw));
        for (int i = 0; i < n; i++) {
          out[i] = Math.toIntExact(raw[i]);
        }
      }
      case U8 -> {
        byte[] raw = new byte[n];
        tensor.download(MemorySegment.ofArray(raw));
        for (int i = 0; i < n; i++) {
          out[i] = raw[i] & 0xFF;
        }
      }
      case F32, F64, BF16 ->
          throw new DTypeException(
              "toInts: " + tensor + " has real elements; use toFloats() or toDoubles()");
    }
    return out;
  }
}
