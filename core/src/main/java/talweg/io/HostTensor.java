package talweg.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Locale;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * A tensor's elements in host memory, outside the Java heap: a copy that does not change when the
 * tensor does.
 *
 * @param data the elements in row-major order and the machine's byte order
 */
public record HostTensor(DType dtype, Shape shape, MemorySegment data) {
  public HostTensor {
    if (data.byteSize() != shape.size() * dtype.bytes()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "host tensor: %s%s needs %d bytes, got %d",
              dtype,
              shape,
              shape.size() * dtype.bytes(),
              data.byteSize()));
    }
  }

  /** A copy of a tensor's elements as they are now; waits for the device. */
  public static HostTensor of(Tensor tensor) {
    Session session = tensor.session();
    MemorySegment data = allocate(tensor.size() * tensor.dtype().bytes());
    try (var _ = session.noGrad();
        var _ = session.scope("copy to the host")) {
      session.download(tensor.contiguous().view(), data);
    }
    return new HostTensor(tensor.dtype(), tensor.shape(), data);
  }

  /**
   * Overwrites a contiguous tensor of the same shape; not recorded. Elements of a narrower floating
   * type are widened.
   */
  public void into(Tensor target) {
    Session session = target.session();
    if (dtype == target.dtype()) {
      session.upload(data, target.view());
      return;
    }
    try (var _ = session.noGrad();
        var _ = session.scope("copy from the host")) {
      Tensor own = session.empty(dtype, shape);
      session.upload(data, own.view());
      target.assign(own);
    }
  }

  /** Whether {@link #into} a tensor of the given type keeps every value exactly. */
  boolean fits(DType target) {
    return dtype == target
        || dtype.isFloating() && target.isFloating() && dtype.bytes() < target.bytes();
  }

  /** Memory that is freed when nobody refers to it any more. */
  static MemorySegment allocate(long bytes) {
    return Arena.ofAuto().allocate(bytes, Double.BYTES);
  }

  /** For example {@code F32[10, 16]}. */
  @Override
  public String toString() {
    return dtype + shape.toString();
  }
}
