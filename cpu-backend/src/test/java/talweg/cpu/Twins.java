package talweg.cpu;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import talweg.reference.ReferenceBackend;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Makes random tensors on the reference and another backend alike, and compares them afterwards:
 * the whole buffer, so that stray writes are found, too.
 */
public final class Twins {
  public final Backend reference = new ReferenceBackend();

  /** The backend under test, the CPU's unless said otherwise. */
  final Backend cpu;

  public final Random random;
  private final long seed;

  Twins(long seed) {
    this(seed, new CpuBackend(DeviceSpec.DEFAULT));
  }

  public Twins(long seed, Backend tested) {
    this.seed = seed;
    this.random = new Random(seed);
    this.cpu = tested;
  }

  /** A backend call on views. */
  @FunctionalInterface
  public interface Call {
    void on(Backend backend, View... views);
  }

  /** Makes the same call on both backends, each with its own views of the tensors. */
  public void run(Call call, Twin... tensors) {
    call.on(reference, Arrays.stream(tensors).map(Twin::expected).toArray(View[]::new));
    call.on(cpu, Arrays.stream(tensors).map(Twin::actual).toArray(View[]::new));
  }

  /** A tensor of standard normal numbers, or of small integers where the type is one. */
  public Twin normal(DType dtype, Shape shape, Form form) {
    return of(dtype, shape, form, () -> random.nextGaussian() * (dtype.isFloating() ? 1 : 100));
  }

  /** A tensor of positive numbers around 1. */
  public Twin positive(DType dtype, Shape shape, Form form) {
    return of(dtype, shape, form, () -> Math.exp(random.nextGaussian()));
  }

  /**
   * A tensor in which NaN, infinities, zeros of both signs, ties, huge and tiny numbers are
   * frequent.
   */
  public Twin special(DType dtype, Shape shape, Form form) {
    double[] special = {
      Double.NaN,
      Double.POSITIVE_INFINITY,
      Double.NEGATIVE_INFINITY,
      0,
      -0.0,
      1,
      -1,
      0.5,
      2,
      1e30,
      -1e30,
      1e-30,
      20,
      -20,
      90,
      -90,
      3e9,
      -3e9,
      254.5,
      255.5,
      1.00390625,
      1.01171875
    };
    return of(
        dtype,
        shape,
        form,
        () ->
            random.nextInt(3) > 0
                ? special[random.nextInt(special.length)]
                : random.nextGaussian() * 10);
  }

  /** A tensor of the given numbers, converted to the element type by the reference backend. */
  public Twin of(DType dtype, Shape shape, Form form, DoubleSupplier values) {
    long[] strides = strides(shape, form);
    int offset = random.nextInt(3) == 0 ? random.nextInt(1, 9) : 0;
    int length = offset + 1;
    for (int i = 0; i < strides.length; i++) {
      length += (int) (Math.max(0, shape.dim(i) - 1) * strides[i]);
    }
    length += random.nextInt(3);
    Buffer expected = reference.allocate(dtype, length);
    Buffer wide = reference.allocate(DType.F64, length);
    double[] numbers = new double[length];
    for (int i = 0; i < length; i++) {
      numbers[i] = values.getAsDouble();
    }
    View whole = View.contiguous(expected, 0, Shape.of(length));
    View source = View.contiguous(wide, 0, Shape.of(length));
    reference.upload(MemorySegment.ofArray(numbers), source);
    reference.copy(source, whole);
    Buffer actual = cpu.allocate(dtype, length);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate((long) length * dtype.bytes());
      reference.download(whole, bytes);
      cpu.upload(bytes, View.contiguous(actual, 0, Shape.of(length)));
    }
    return new Twin(
        new View(expected, offset, shape, strides), new View(actual, offset, shape, strides));
  }

  private long[] strides(Shape shape, Form form) {
    int rank = shape.rank();
    long[] strides = new long[rank];
    long stride = 1;
    int repeated = rank == 0 ? -1 : random.nextInt(rank);
    for (int i = 0; i < rank; i++) {
      int axis = form == Form.TRANSPOSED ? i : rank - 1 - i;
      switch (form) {
        case CONTIGUOUS, TRANSPOSED -> {
          strides[axis] = stride;
          stride *= Math.max(1, shape.dim(axis));
        }
        case SLICED -> {
          int step = random.nextInt(1, 3);
          strides[axis] = stride * step;
          stride *= Math.max(1, shape.dim(axis)) * step + random.nextInt(3);
        }
        case BROADCAST -> {
          boolean constant = axis == repeated || random.nextInt(3) == 0;
          strides[axis] = constant ? 0 : stride;
          stride *= constant ? 1 : Math.max(1, shape.dim(axis));
        }
      }
    }
    return strides;
  }

  /**
   * A shape of the given rank with at most {@code limit} elements, of which an axis may have extent
   * 1.
   */
  public Shape shape(int rank, int limit) {
    int[] dims = new int[rank];
    int left = limit;
    for (int i = rank - 1; i >= 0; i--) {
      int most = i == 0 ? left : Math.max(1, (int) Math.pow(left, random.nextDouble()));
      dims[i] = random.nextInt(4) == 0 ? 1 : 1 + random.nextInt(most);
      left /= dims[i];
    }
    return Shape.of(dims);
  }

  public Form form() {
    return Form.values()[random.nextInt(Form.values().length)];
  }

  public Form writable() {
    return Form.WRITABLE[random.nextInt(Form.WRITABLE.length)];
  }

  /** Fails unless both buffers agree to the bit (any NaN equals any NaN). */
  public void assertSame(Twin twin) {
    assertClose(twin, 0, 0);
  }

  /**
   * Fails unless all elements of both buffers agree within {@code tolerance} relative to their
   * magnitude, or to {@code scale} where that is larger.
   */
  public void assertClose(Twin twin, double tolerance, double scale) {
    double[] expected = read(reference, twin.expected());
    double[] actual = read(cpu, twin.actual());
    for (int i = 0; i < expected.length; i++) {
      double e = expected[i];
      double a = actual[i];
      boolean same = e == a || (Double.isNaN(e) && Double.isNaN(a));
      if (!same && !(Math.abs(e - a) <= tolerance * Math.max(Math.abs(e), scale))) {
        fail(
            "seed %d: element %d of the buffer under %s: expected %s, got %s"
                .formatted(seed, i, twin.actual(), e, a));
      }
    }
  }

  /** Tolerance of a function that rounds about once. */
  public static double tolerance(DType dtype) {
    return dtype == DType.F32 ? 2e-6 : 1e-13;
  }

  /** Tolerance of sums and products. */
  public static double sumTolerance(DType dtype) {
    return dtype == DType.F32 ? 5e-6 : 1e-13;
  }

  /** The whole buffer under a view, widened; I64 without loss as long as it is below 2^53. */
  static double[] read(Backend backend, View view) {
    DType dtype = view.dtype();
    int length = (int) view.buffer().length();
    View whole = View.contiguous(view.buffer(), 0, Shape.of(length));
    double[] out = new double[length];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, (long) length * dtype.bytes()), 8);
      backend.download(whole, bytes);
      for (int i = 0; i < length; i++) {
        out[i] = element(dtype, bytes, i);
      }
    }
    return out;
  }

  private static double element(DType dtype, MemorySegment bytes, int i) {
    return switch (dtype) {
      case F32 -> bytes.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      case F64 -> bytes.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      case BF16 -> Float.intBitsToFloat(bytes.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
      case I32 -> bytes.getAtIndex(ValueLayout.JAVA_INT, i);
      case I64 -> bytes.getAtIndex(ValueLayout.JAVA_LONG, i);
      case U8 -> bytes.getAtIndex(ValueLayout.JAVA_BYTE, i) & 0xFF;
    };
  }
}
