package talweg.nd4j;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.nativeblas.NativeOpsHolder;
import talweg.cpu.Casts;
import talweg.cpu.CpuModel;
import talweg.cpu.Randoms;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.Contract;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * ND4J as a backend: one of its operations for each call where it has one that means the same, else
 * several. On the host in Java are: random numbers, which are specified to the bit; conversions
 * that ND4J does not saturate; choosing between two operands, which ND4J does very slowly; the
 * check of indices; and adding at indices, for which ND4J does not promise an order.
 *
 * <p>What differs from other backends: tanh, sigmoid, and what is made of them and of erfc, are
 * exact to the element type's precision of 1, so that results near 0 have fewer digits or are 0.
 *
 * <p>Sums have the same bits from run to run as long as the number of threads is the same.
 */
public final class Nd4jBackend implements Backend {
  private final Casts casts = new Casts();
  private final Randoms randoms = new Randoms();

  /**
   * Loads ND4J, if this is its first use.
   *
   * @param threads for its loops and its BLAS, which all of this process share; 0 for its own
   *     choice
   */
  Nd4jBackend(int threads) {
    Nd4j.getMemoryManager().togglePeriodicGc(false);
    if (threads > 0) {
      NativeOpsHolder.getInstance().getDeviceNativeOps().setOmpNumThreads(threads);
      Nd4j.factory().blas().setMaxThreads(threads);
    }
  }

  @Override
  public String name() {
    return Nd4jProvider.NAME;
  }

  @Override
  public String device() {
    int threads = NativeOpsHolder.getInstance().getDeviceNativeOps().ompGetMaxThreads();
    return String.format(
        Locale.ROOT,
        "%s, %d thread%s, ND4J %s with %s",
        CpuModel.name(),
        threads,
        threads == 1 ? "" : "s",
        version(),
        Nd4j.factory().blas().getBlasVendor());
  }

  /** As its jar tells it. */
  private static String version() {
    Properties properties = new Properties();
    try (InputStream in =
        Nd4jBackend.class.getResourceAsStream(
            "/META-INF/maven/org.nd4j/nd4j-native/pom.properties")) {
      if (in != null) {
        properties.load(in);
      }
    } catch (IOException e) {
      // As good as no version.
    }
    return properties.getProperty("version", "of unknown version");
  }

  @Override
  public long memoryBytes() {
    return Pointer.totalPhysicalBytes();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return new Nd4jBuffer(dtype, length);
  }

  @Override
  public void release(Buffer buffer) {
    ((Nd4jBuffer) buffer).release();
  }

  @Override
  public void synchronize() {
    // Every call has finished when it returns.
  }

  @Override
  public void upload(MemorySegment source, View out) {
    assert Contract.transfer(out, source.byteSize());
    long width = out.dtype().bytes();
    MemorySegment target = Nd4jBuffer.of(out).segment();
    copyBytes(source, 0, target, out.offset() * width, out.size() * width);
  }

  @Override
  public void download(View in, MemorySegment target) {
    assert Contract.transfer(in, target.byteSize());
    long width = in.dtype().bytes();
    MemorySegment source = Nd4jBuffer.of(in).segment();
    copyBytes(source, in.offset() * width, target, 0, in.size() * width);
  }

  /** The form that takes a layout, as in the CPU backend: C2 of JDK 25.0.3 breaks the shorter. */
  private static void copyBytes(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    MemorySegment.copy(source, JAVA_BYTE, from, target, JAVA_BYTE, to, bytes);
  }

  @Override
  public void fill(View out, double value) {
    assert Contract.writable(out);
    if (out.size() == 0) {
      return;
    }
    try (Scratch scratch = new Scratch()) {
      Object element = HostArrays.create(out.dtype(), 1);
      casts.convert(DType.F64, new double[] {value}, 0, out.dtype(), element, 0, 1);
      View constant = scratch.view(out.dtype(), Shape.SCALAR);
      HostArrays.store(element, constant);
      // Repeated by strides of 0: assigning an array of one element would set one element.
      copy(new View(constant.buffer(), 0, out.shape(), new long[out.rank()]), out);
    }
  }

  @Override
  public void random(RandomKind kind, long seed, int site, View state, View out) {
    assert out.isContiguous() && Contract.arithmetic(out) && state.dtype() == DType.F64;
    long counter = (long) ((double[]) HostArrays.load(state))[StepState.RANDOM];
    int n = Math.toIntExact(out.size());
    Object numbers = HostArrays.create(out.dtype(), n);
    randoms.fill(kind, seed, site, counter, numbers, 0, 0, n);
    HostArrays.store(numbers, out);
  }

  @Override
  public void copy(View in, View out) {
    assert Contract.elementwise(out, in);
    if (out.size() == 0) {
      return;
    }
    if (isWidening(in.dtype(), out.dtype())) {
      try (Scratch scratch = new Scratch()) {
        Nd4jBuffer.array(out).assign(scratch.in(in));
      }
    } else {
      int n = Math.toIntExact(out.size());
      Object converted = HostArrays.create(out.dtype(), n);
      casts.convert(in.dtype(), HostArrays.load(in), 0, out.dtype(), converted, 0, n);
      HostArrays.store(converted, out);
    }
  }

  /** Whether nothing is to be rounded or saturated but by F32. */
  private static boolean isWidening(DType from, DType to) {
    return from == to || to == DType.F64 || (to == DType.F32 && from != DType.I64);
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    if (out.size() > 0) {
      try (Scratch scratch = new Scratch()) {
        INDArray target = Nd4jBuffer.array(out);
        Elementwise.unary(kind, rounded(p, out), rounded(q, out), scratch.in(in), target, scratch);
      }
    }
  }

  @Override
  public void binary(BinaryKind kind, View a, View b, View out) {
    assert Contract.elementwise(out, a, b) && Contract.binaryTypes(kind, a, b, out);
    if (out.size() == 0) {
      return;
    }
    try (Scratch scratch = new Scratch()) {
      INDArray target = Nd4jBuffer.array(out);
      boolean broadcasts = Elementwise.broadcasts(kind);
      INDArray x = scratch.in(broadcasts ? unrepeated(a, null) : a);
      INDArray y = scratch.in(broadcasts ? unrepeated(b, a) : b);
      if (kind.isComparison()) {
        target.assign(Elementwise.compare(kind, x, y, target.shape(), scratch));
      } else {
        Elementwise.binary(kind, x, y, target, scratch);
      }
    }
  }

  /**
   * An operand with extent 1 along the axes where it repeats, unless {@code other} repeats there,
   * too: ND4J's own broadcasting is many times as fast as its loops over strides of 0.
   */
  private static View unrepeated(View view, View other) {
    int[] dims = view.dims().clone();
    for (int i = 0; i < dims.length; i++) {
      if (view.strides()[i] == 0 && (other == null || other.strides()[i] != 0)) {
        dims[i] = 1;
      }
    }
    return new View(view.buffer(), view.offset(), Shape.of(dims), view.strides());
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    if (out.size() > 0) {
      try (Scratch scratch = new Scratch()) {
        INDArray target = Nd4jBuffer.array(out);
        Elementwise.affine(rounded(scale, out), rounded(shift, out), scratch.in(in), target);
      }
    }
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    assert Contract.elementwise(out, condition, a, b) && Contract.sameType(out, a, b);
    assert condition.dtype() == DType.U8 : condition;
    if (out.size() > 0) {
      try (Scratch scratch = new Scratch()) {
        INDArray choice = scratch.dense(scratch.in(condition));
        INDArray target = Nd4jBuffer.array(out);
        Elementwise.select(choice, scratch.in(a), scratch.in(b), target, scratch);
      }
    }
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    assert Contract.reduction(kind, axis, in, out);
    int[] axes = IntStream.range(0, in.rank()).filter(i -> in.dims()[i] != out.dims()[i]).toArray();
    if (out.size() == 0) {
      return;
    }
    if (in.size() == 0 || (kind.isIndex() && axes.length == 0)) {
      fill(out, kind == ReduceKind.MEAN ? Double.NaN : 0);
    } else if (axes.length == 0) {
      copy(in, out);
    } else {
      try (Scratch scratch = new Scratch()) {
        Reductions.run(kind, axes, in, Nd4jBuffer.array(out), scratch);
      }
    }
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    assert Contract.matmul(transA, transB, a, b, out);
    if (out.size() == 0) {
      return;
    }
    if (a.size() == 0) {
      scale(beta, out);
      return;
    }
    try (Scratch scratch = new Scratch()) {
      DataType type = Nd4jBuffer.type(out.dtype());
      INDArray left = matrix(transA ? a.transpose() : a, type, scratch);
      INDArray right = matrix(transB ? b.transpose() : b, type, scratch);
      INDArray target = Nd4jBuffer.array(out);
      INDArray dense = out.isContiguous() ? target : scratch.dense(type, target.shape());
      if (dense != target && beta != 0) {
        dense.assign(target);
      }
      Nd4j.exec(new Mmul(left, right, dense, alpha, beta, MMulTranspose.allFalse()));
      if (dense != target) {
        target.assign(dense);
      }
    }
  }

  /** Dense in one order or the other: ND4J hands some other layouts to BLAS, which refuses them. */
  private static INDArray matrix(View view, DataType type, Scratch scratch) {
    INDArray array = scratch.as(type, scratch.in(view));
    if (view.isContiguous() || view.transpose().isContiguous()) {
      return array;
    }
    INDArray dense = scratch.like(array);
    dense.assign(array);
    return dense;
  }

  private void scale(double beta, View out) {
    if (beta == 0) {
      fill(out, 0);
    } else {
      affine(beta, 0, out, out);
    }
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    assert Contract.indexed(axis, in, index, out);
    if (out.size() == 0) {
      return;
    }
    try (Scratch scratch = new Scratch()) {
      long[] places = places("gather", axis, in, index);
      INDArray indices = scratch.dense(DataType.INT64, places.length);
      HostArrays.store(places, indices);
      INDArray selected = scratch.dense(Nd4jBuffer.type(out.dtype()), places.length);
      Nd4j.exec(
          DynamicCustomOp.builder("gather")
              .addInputs(Nd4jBuffer.of(in).flat(), indices)
              .addOutputs(selected)
              .addIntegerArguments(0)
              .build());
      Nd4jBuffer.array(out).assign(selected.reshape(Nd4jBuffer.dims(out)));
    }
  }

  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    assert Contract.indexed(axis, out, index, in) && Contract.arithmetic(out);
    long[] places = places("scatteradd", axis, out, index);
    MemorySegment target = Nd4jBuffer.of(out).segment();
    switch (HostArrays.load(in)) {
      case float[] terms -> HostArrays.add(terms, places, target);
      case double[] terms -> HostArrays.add(terms, places, target);
      case Object other -> throw new AssertionError(other.getClass());
    }
  }

  /** Where in the buffer of {@code whole} each index points to. */
  private static long[] places(String operation, int axis, View whole, View index) {
    long[] lines = whole.strides().clone();
    long stride = lines[axis];
    lines[axis] = 0;
    long[] places = HostArrays.positions(index.dims(), lines, whole.offset());
    long[] indices = HostArrays.loadIndex(index);
    int extent = whole.dims()[axis];
    for (int i = 0; i < places.length; i++) {
      if (indices[i] < 0 || indices[i] >= extent) {
        throw new ShapeException(
            String.format(
                Locale.ROOT,
                "%s: index %d at position %s is out of range for axis %d of %s: expected 0 <= index"
                    + " < %d",
                operation,
                indices[i],
                Arrays.toString(position(i, index.shape())),
                axis,
                whole.shape(),
                extent));
      }
      places[i] += indices[i] * stride;
    }
    return places;
  }

  private static int[] position(int place, Shape shape) {
    int[] position = new int[shape.rank()];
    for (int i = position.length - 1; i >= 0; i--) {
      position[i] = place % shape.dim(i);
      place /= shape.dim(i);
    }
    return position;
  }

  @Override
  public void close() {
    // ND4J stays loaded: other backends of this process may use it.
  }

  /** A constant as the element type holds it. */
  private static double rounded(double constant, View like) {
    return like.dtype() == DType.F32 ? (float) constant : constant;
  }
}
