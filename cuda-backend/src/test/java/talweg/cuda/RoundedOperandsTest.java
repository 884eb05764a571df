package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.Precision;
import talweg.spi.Replay;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Rounded copies of operands serve several products, but never once their source was written. */
@ExtendWith(SimulatedCuda.class)
class RoundedOperandsTest {
  private final Settings settings = new Settings();
  private final List<Buffer> buffers = new ArrayList<>();
  private Backend backend;
  private View x;
  private View y;
  private View out;

  @BeforeEach
  void open(SimulatedGpu gpu) {
    settings.set(ProductProviders.PROPERTY, "own");
    backend = new CudaProvider().open(new DeviceSpec(0, 0, Precision.BF16));
    x = floats(new float[] {1, 2, 3, 4}, 2, 2);
    y = floats(new float[] {1, 0, 0, 1}, 2, 2);
    out = floats(new float[4], 2, 2);
  }

  @AfterEach
  void close() {
    if (backend != null) {
      buffers.forEach(backend::release);
      backend.close();
    }
    settings.restore();
  }

  private View floats(float[] values, int... dims) {
    return upload(DType.F32, MemorySegment.ofArray(values), dims);
  }

  private View doubles(double[] values, int... dims) {
    return upload(DType.F64, MemorySegment.ofArray(values), dims);
  }

  private View upload(DType dtype, MemorySegment values, int... dims) {
    Shape shape = Shape.of(dims);
    Buffer buffer = backend.allocate(dtype, shape.size());
    buffers.add(buffer);
    View view = View.contiguous(buffer, 0, shape);
    backend.upload(values, view);
    return view;
  }

  private void multiply(boolean transX) {
    backend.matmul(transX, false, 1, 0, x, y, out);
  }

  private float[] read(View view) {
    float[] values = new float[(int) view.size()];
    backend.download(view, MemorySegment.ofArray(values));
    return values;
  }

  /** Kernels that round, as the products' own are left out. */
  private static long roundings(SimulatedGpu gpu) {
    return gpu.launches().entrySet().stream()
        .filter(entry -> entry.getKey().startsWith("cast"))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  @Test
  void oneCopyServesAnOperandAndItsTranspose(SimulatedGpu gpu) {
    multiply(false);
    assertTrue(Arrays.equals(new float[] {1, 2, 3, 4}, read(out)), Arrays.toString(read(out)));
    assertEquals(2, roundings(gpu));
    multiply(true);
    multiply(false);
    backend.matmul(false, true, 1, 0, y, x, out);
    assertEquals(2, roundings(gpu));
    assertTrue(Arrays.equals(new float[] {1, 3, 2, 4}, read(out)), Arrays.toString(read(out)));
  }

  @Test
  void roundsToNearest() {
    // Halfway between two neighbours lies 1 + 2^-8; even is 1.
    backend.upload(MemorySegment.ofArray(new float[] {1.00390625f, 1.0117188f, -3.01f, 0}), x);
    multiply(false);
    float[] expected = {1, 1.015625f, -3.015625f, 0};
    assertTrue(Arrays.equals(expected, read(out)), Arrays.toString(read(out)));
  }

  /** Each way of writing to x puts numbers there that the next product must see. */
  @Test
  void noCallThatWritesLeavesAStaleCopy() {
    View ones = floats(new float[] {7, 7, 7, 7}, 2, 2);
    View index = upload(DType.I32, MemorySegment.ofArray(new int[] {0, 0, 1, 1}), 2, 2);
    View state = doubles(new double[StepState.LENGTH], StepState.LENGTH);
    View row = floats(new float[] {1, 1}, 2);
    View statistics = doubles(new double[4], 2, 2);
    View cube = floats(new float[] {1, 2, 3, 5}, 2, 2, 1);
    View mask = upload(DType.U8, MemorySegment.ofArray(new byte[] {1, 0, 1, 0}), 2, 2);
    View thick = View.contiguous(x.buffer(), 0, Shape.of(2, 2, 1));
    View first = View.contiguous(x.buffer(), 0, Shape.of(2));
    Map<String, Consumer<Backend>> writers = new LinkedHashMap<>();
    writers.put("upload", b -> b.upload(MemorySegment.ofArray(new float[] {9, 8, 7, 6}), x));
    writers.put("fill", b -> b.fill(x, 3));
    writers.put("random", b -> b.random(RandomKind.UNIFORM, 5, 0, state, x));
    writers.put("copy", b -> b.copy(ones, x));
    writers.put("unary", b -> b.unary(UnaryKind.EXP, 0, 0, y, x));
    writers.put("unary in place", b -> b.unary(UnaryKind.SQUARE, 0, 0, x, x));
    writers.put("binary", b -> b.binary(BinaryKind.ADD, ones, y, x));
    writers.put("affine", b -> b.affine(2, 1, ones, x));
    writers.put("where", b -> b.where(mask, ones, y, x));
    writers.put(
        "reduce", b -> b.reduce(ReduceKind.SUM, -1, ones.expand(Shape.of(3, 2, 2)), lifted(x)));
    writers.put("matmul", b -> b.matmul(false, false, 2, 0, ones, ones, x));
    writers.put("gather", b -> b.gather(0, y, index, x));
    writers.put("scatterAdd", b -> b.scatterAdd(0, ones, index, x));
    writers.put(
        "LinearActivation",
        b -> b.run(new FusedCall.LinearActivation(ones, y, row, FusedActivation.RELU, x)));
    writers.put(
        "LinearActivationBackward",
        b ->
            b.run(
                new FusedCall.LinearActivationBackward(ones, y, FusedActivation.RELU, x, null, 0)));
    writers.put(
        "its bias",
        b ->
            b.run(
                new FusedCall.LinearActivationBackward(
                    ones, ones, FusedActivation.RELU, ones, first, 0)));
    View otherWeight = floats(new float[4], 2, 2);
    View otherBias = floats(new float[2], 2);
    writers.put(
        "LinearGradients",
        b -> b.run(new FusedCall.LinearGradients(ones, ones, x, 0.5, otherBias, 0)));
    writers.put(
        "its bias, too",
        b -> b.run(new FusedCall.LinearGradients(ones, ones, otherWeight, 0, first, 0.5)));
    View classes = upload(DType.I32, MemorySegment.ofArray(new int[] {0, 1}), 2);
    writers.put(
        "SoftmaxCrossEntropy",
        b -> b.run(new FusedCall.SoftmaxCrossEntropy(ones, classes, 0.1, first)));
    writers.put(
        "SoftmaxCrossEntropyBackward",
        b -> b.run(new FusedCall.SoftmaxCrossEntropyBackward(y, classes, 0, row, x)));
    writers.put("LayerNorm", b -> b.run(new FusedCall.LayerNorm(y, row, row, 1e-5, x)));
    View dWeight = floats(new float[2], 2);
    View dBias = floats(new float[2], 2);
    writers.put(
        "LayerNormBackward",
        b -> b.run(new FusedCall.LayerNormBackward(y, row, 1e-5, y, x, dWeight, dBias)));
    writers.put(
        "BatchNorm", b -> b.run(new FusedCall.BatchNorm(cube, row, row, 1e-5, statistics, thick)));
    writers.put(
        "BatchNormBackward",
        b ->
            b.run(
                new FusedCall.BatchNormBackward(
                    cube, row, 1e-5, statistics, cube, thick, dWeight, dBias)));
    FusedCall.SgdStep step = step();
    writers.put("SgdStep", b -> b.run(step));
    writers.forEach(this::mustBeSeen);
  }

  /** Plain gradient descent on x. */
  private FusedCall.SgdStep step() {
    double[] numbers = new double[StepState.LENGTH];
    numbers[StepState.WRITE] = 1;
    numbers[StepState.GRAD_SCALE] = 1;
    FusedCall.Update update =
        new FusedCall.Update(
            View.contiguous(x.buffer(), 0, Shape.of(4)),
            floats(new float[] {1, -1, 2, -2}, 4),
            upload(DType.I64, MemorySegment.ofArray(new long[] {0, 4, 0, 1}), 1, 4),
            doubles(new double[1], 1),
            doubles(new double[] {0.5}, 1, 1),
            doubles(numbers, StepState.LENGTH));
    double[] constants = {0, 0, 0, 0, Double.POSITIVE_INFINITY};
    return new FusedCall.SgdStep(update, doubles(constants, 1, constants.length), null);
  }

  private static View lifted(View view) {
    return View.contiguous(view.buffer(), 0, Shape.of(1, 2, 2));
  }

  private void mustBeSeen(String name, Consumer<Backend> writer) {
    multiply(false);
    float[] before = read(x);
    writer.accept(backend);
    float[] written = read(x);
    assertTrue(!Arrays.equals(before, written), name + " changed nothing");
    multiply(false);
    float[] product = read(out);
    for (int i = 0; i < product.length; i++) {
      assertEquals(written[i], product[i], Math.abs(written[i]) * 0x1p-8, name);
    }
  }

  @Test
  void replaysRoundAnewAndLeaveNothingStale() {
    multiply(false);
    Replay replay =
        backend.capture(() -> {
          backend.affine(2, 0, x, x);
          multiply(false);
        });
    assertTrue(Arrays.equals(new float[] {2, 4, 6, 8}, read(out)), Arrays.toString(read(out)));
    replay.run();
    assertTrue(Arrays.equals(new float[] {4, 8, 12, 16}, read(out)), Arrays.toString(read(out)));
    multiply(true);
    assertTrue(Arrays.equals(new float[] {4, 12, 8, 16}, read(out)), Arrays.toString(read(out)));
    replay.run();
    multiply(true);
    assertTrue(Arrays.equals(new float[] {8, 24, 16, 32}, read(out)), Arrays.toString(read(out)));
    replay.close();
  }

  @Test
  void memoryOfCopiesIsUsedAgain(SimulatedGpu gpu) {
    multiply(false);
    long after = gpu.liveBytes();
    for (int i = 0; i < 20; i++) {
      backend.fill(x, i);
      backend.fill(y, i);
      multiply(i % 2 == 0);
    }
    assertEquals(after, gpu.liveBytes());
  }
}
