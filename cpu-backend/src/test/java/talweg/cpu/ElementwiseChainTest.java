package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.op.BinaryKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Operations that are put off and run block by block give the bits of those that run one by one,
 * however they share memory.
 */
class ElementwiseChainTest {
  private static final int BUFFERS = 4;
  private static final int OPERATIONS = 60;
  private static final int ROWS = 300;
  private static final int COLUMNS = 251;
  private static final int SIZE = ROWS * COLUMNS;

  /** Room for views that begin elsewhere. */
  private static final int SLACK = 3 * COLUMNS;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void givesTheBitsOfSingleOperations(long seed) {
    double[][] chained = run(seed, false);
    double[][] single = run(seed, true);
    for (int k = 0; k < BUFFERS; k++) {
      assertArrayEquals(single[k], chained[k], "seed " + seed + ", buffer " + k);
    }
  }

  private static double[][] run(long seed, boolean oneByOne) {
    Random random = new Random(seed);
    DType dtype = seed % 2 == 0 ? DType.F64 : DType.F32;
    CpuBackend cpu = new CpuBackend(new DeviceSpec(0, 3));
    try {
      View[] buffers = new View[BUFFERS];
      for (int k = 0; k < BUFFERS; k++) {
        buffers[k] = wide(cpu, DType.F64, random.doubles(SIZE + SLACK).toArray());
        View narrow = flat(cpu, dtype, SIZE + SLACK);
        cpu.copy(buffers[k], narrow);
        buffers[k] = narrow;
      }
      for (int i = 0; i < OPERATIONS; i++) {
        step(cpu, random, buffers);
        if (oneByOne) {
          cpu.synchronize();
        }
      }
      double[][] contents = new double[BUFFERS][SIZE + SLACK];
      for (int k = 0; k < BUFFERS; k++) {
        View wide = flat(cpu, DType.F64, SIZE + SLACK);
        cpu.copy(buffers[k], wide);
        cpu.download(wide, MemorySegment.ofArray(contents[k]));
      }
      return contents;
    } finally {
      cpu.close();
    }
  }

  /** One operation on random views; the results stay in a range that does not overflow. */
  private static void step(CpuBackend cpu, Random random, View... buffers) {
    View out = matrix(buffers[random.nextInt(BUFFERS)], offset(random));
    View a = operand(random, out, buffers);
    View b = operand(random, out, buffers);
    switch (random.nextInt(8)) {
      case 0 -> cpu.unary(UnaryKind.TANH, 0, 0, a, out);
      case 1 -> cpu.binary(BinaryKind.MAXIMUM, a, b, out);
      case 2 -> cpu.affine(0.5, 0.1, a, out);
      case 3 -> {
        cpu.binary(BinaryKind.SUB, a, b, out);
        cpu.unary(UnaryKind.SIGMOID, 0, 0, out, out);
      }
      case 4 -> cpu.copy(a, out);
      case 5 -> cpu.fill(out, 0.25);
      case 6 -> {
        View sums =
            matrix(buffers[random.nextInt(BUFFERS)], 0)
                .slice(new int[2], new int[] {1, 1}, Shape.of(ROWS, 1));
        if (sums.buffer() != a.buffer()) {
          cpu.reduce(ReduceKind.MAX, 1, a, sums);
        }
      }
      default -> cpu.binary(BinaryKind.MUL, a, b, out);
    }
  }

  /** The output itself, or a view that does not share memory with it unless element by element. */
  private static View operand(Random random, View out, View... buffers) {
    View buffer = buffers[random.nextInt(BUFFERS)];
    if (buffer.buffer() == out.buffer()) {
      return out;
    }
    View view = matrix(buffer, offset(random));
    return switch (random.nextInt(4)) {
      case 0 -> view.slice(new int[2], new int[] {1, 1}, Shape.of(1, COLUMNS)).expand(out.shape());
      case 1 ->
          View.contiguous(buffer.buffer(), offset(random), Shape.of(COLUMNS, ROWS)).transpose();
      default -> view;
    };
  }

  /** Mostly 0, so that views coincide more often than they overlap. */
  private static int offset(Random random) {
    return random.nextInt(4) == 0 ? random.nextInt(SLACK) : 0;
  }

  private static View matrix(View buffer, int offset) {
    return View.contiguous(buffer.buffer(), offset, Shape.of(ROWS, COLUMNS));
  }

  private static View flat(CpuBackend cpu, DType dtype, int length) {
    return View.contiguous(cpu.allocate(dtype, length), 0, Shape.of(length));
  }

  private static View wide(CpuBackend cpu, DType dtype, double[] values) {
    View view = flat(cpu, dtype, values.length);
    cpu.upload(MemorySegment.ofArray(values), view);
    return view;
  }
}
