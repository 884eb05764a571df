package talweg.cuda;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import talweg.cuda.sim.DeviceModel;
import talweg.cuda.sim.SimulatedGpu;
import talweg.kernels.KernelManifest;
import talweg.reference.ReferenceBackend;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * The CUDA backend on the simulated device beside the reference: operands exist on both with the
 * same layout and content, calls go to both, and afterwards all memory of the outputs is compared,
 * so also what should not have been written.
 */
final class TwinBackends implements AutoCloseable {
  private static final double[] SPECIAL = {
    Double.NaN,
    Double.POSITIVE_INFINITY,
    Double.NEGATIVE_INFINITY,
    0.0,
    -0.0,
    1,
    -1,
    1e30,
    -1e30,
    0.5
  };

  /** Bytes that the host's memory is longer than what is copied. */
  private static final int SPARE = 9;

  final Random random;
  private final Backend cuda;
  private final Backend reference = new ReferenceBackend();
  private final long seed = System.nanoTime();
  private final List<Twin> twins = new ArrayList<>();

  /** One view on both backends. */
  record Twin(View cuda, View reference) {
    DType dtype() {
      return cuda.dtype();
    }
  }

  /** On a device of any of the architectures that code is shipped for. */
  TwinBackends(SimulatedGpu gpu) {
    random = new Random(seed);
    List<Integer> architectures = KernelManifest.architectures();
    int capability = architectures.get(random.nextInt(architectures.size()));
    System.out.printf("seed %d, compute capability %d%n", seed, capability);
    gpu.become(DeviceModel.STANDARD.withCapability(capability));
    cuda = new CudaProvider().open(DeviceSpec.DEFAULT);
  }

  /** On a backend that is open already, and is closed at the end. */
  TwinBackends(Backend cuda) {
    random = new Random(seed);
    System.out.printf("seed %d%n", seed);
    this.cuda = cuda;
  }

  Backend cuda() {
    return cuda;
  }

  /** Does the same on both. */
  void run(BiConsumer<Backend, Side> call) {
    call.accept(reference, Twin::reference);
    call.accept(cuda, Twin::cuda);
  }

  /** Picks the view of the backend that runs. */
  interface Side {
    View of(Twin twin);
  }

  /** Dense in row-major order, {@code offset} elements after the memory's start. */
  Twin dense(DType dtype, int offset, int... dims) {
    Shape shape = Shape.of(dims);
    return twin(dtype, offset + shape.size() + 3, offset, shape, View.rowMajorStrides(shape));
  }

  /** Axes in any order, with gaps, at any offset; no element twice. */
  Twin strided(DType dtype, int... dims) {
    return arbitrary(dtype, false, dims);
  }

  /** As strided, with some axes repeating their elements. */
  Twin operand(DType dtype, int... dims) {
    return arbitrary(dtype, true, dims);
  }

  private Twin arbitrary(DType dtype, boolean mayRepeat, int... dims) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < dims.length; axis++) {
      axes.add(random.nextInt(axes.size() + 1), axis);
    }
    long[] strides = new long[dims.length];
    long reach = 1;
    for (int axis : axes) {
      if (mayRepeat && random.nextInt(4) == 0) {
        continue;
      }
      strides[axis] = reach * (1 + random.nextInt(2));
      reach = strides[axis] * Math.max(1, dims[axis]);
    }
    int offset = random.nextInt(5);
    return twin(dtype, offset + reach, offset, Shape.of(dims), strides);
  }

  /** Any view, on memory of the given length. */
  Twin twin(DType dtype, long length, long offset, Shape shape, long[] strides) {
    Buffer onCuda = cuda.allocate(dtype, length);
    Buffer onReference = reference.allocate(dtype, length);
    Twin twin =
        new Twin(
            new View(onCuda, offset, shape, strides),
            new View(onReference, offset, shape, strides));
    twins.add(twin);
    fill(twin, i -> random.nextInt(8) == 0 ? special() : random.nextGaussian() * 3);
    return twin;
  }

  private double special() {
    return SPECIAL[random.nextInt(SPECIAL.length)];
  }

  /** What to put into an element of memory. */
  interface Content {
    double at(int index);
  }

  /** Sets all memory under a view. */
  void fill(Twin twin, Content content) {
    int length = Math.toIntExact(twin.reference().buffer().length());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate((long) length * twin.dtype().bytes() + SPARE, 8);
      for (int i = 0; i < length; i++) {
        put(twin.dtype(), host, i, content.at(i));
      }
      run((backend, side) -> backend.upload(host, whole(side.of(twin))));
    }
  }

  private static View whole(View view) {
    int length = Math.toIntExact(view.buffer().length());
    return View.contiguous(view.buffer(), 0, Shape.of(length));
  }

  private static void put(DType dtype, MemorySegment host, int i, double x) {
    switch (dtype) {
      case F32 -> host.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) x);
      case F64 -> host.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x);
      case BF16 ->
          host.setAtIndex(
              ValueLayout.JAVA_SHORT, i, (short) (Float.floatToIntBits((float) x) >>> 16));
      case I32 -> host.setAtIndex(ValueLayout.JAVA_INT, i, (int) x);
      case I64 -> host.setAtIndex(ValueLayout.JAVA_LONG, i, (long) x);
      case U8 -> host.set(ValueLayout.JAVA_BYTE, i, (byte) (long) x);
    }
  }

  private static double get(DType dtype, MemorySegment host, long i) {
    return switch (dtype) {
      case F32 -> host.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      case F64 -> host.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      case BF16 -> Float.intBitsToFloat(host.getAtIndex(ValueLayout.JAVA_SHORT, i) << 16);
      case I32 -> host.getAtIndex(ValueLayout.JAVA_INT, i);
      // Exact as far as the tests go: both sides lose the same bits.
      case I64 -> host.getAtIndex(ValueLayout.JAVA_LONG, i);
      case U8 -> host.get(ValueLayout.JAVA_BYTE, i) & 0xFF;
    };
  }

  /** All memory under a view has the same bits on both, up to the payload of NaNs. */
  void assertSame(Twin twin, String what) {
    assertClose(twin, 0, 0, what);
  }

  /**
   * As {@link #assertSame}, up to an error in units of the type's precision at the expected value,
   * or at {@code floor} where that is less.
   */
  void assertClose(Twin twin, double ulps, double floor, String what) {
    DType dtype = twin.dtype();
    long length = twin.reference().buffer().length();
    double precision = dtype == DType.F64 ? 0x1p-52 : dtype == DType.F32 ? 0x1p-23 : 0;
    double smallest = dtype == DType.F64 ? Double.MIN_NORMAL : Float.MIN_NORMAL;
    double least = Math.max(floor, smallest);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(length * dtype.bytes() + SPARE, 8);
      MemorySegment actual = arena.allocate(length * dtype.bytes() + SPARE, 8);
      reference.download(whole(twin.reference()), expected);
      cuda.download(whole(twin.cuda()), actual);
      for (long i = 0; i < length; i++) {
        double x = get(dtype, expected, i);
        double y = get(dtype, actual, i);
        boolean close =
            Double.compare(x, y) == 0
                || x == y
                || Math.abs(x - y) <= ulps * precision * Math.max(Math.abs(x), least);
        if (!close) {
          fail(
              "%s: expected %s, got %s at element %d of %s"
                  .formatted(what, x, y, i, twin.reference()));
        }
      }
    }
  }

  /** Frees all operands, so that many cases fit into one session. */
  void clear() {
    for (Twin twin : twins) {
      cuda.release(twin.cuda().buffer());
      reference.release(twin.reference().buffer());
    }
    twins.clear();
  }

  @Override
  public void close() {
    clear();
    reference.close();
    cuda.close();
  }
}
