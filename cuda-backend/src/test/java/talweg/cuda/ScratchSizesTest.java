package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;
import talweg.op.FusedActivation;
import talweg.op.FusedCall;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Layers whose sums are split among blocks, each as the first call of its device: the working
 * memory is then exactly as large as the call asks for, and what a kernel writes beyond it shows.
 */
@ExtendWith(SimulatedCuda.class)
class ScratchSizesTest {
  private static final double EPS = 1e-5;
  private static final double TOLERANCE = 2e-3;

  private final Random random = new Random(7);
  private Backend backend;

  @BeforeEach
  void open(SimulatedGpu gpu) {
    backend = new CudaProvider().open(DeviceSpec.DEFAULT);
  }

  @AfterEach
  void close() {
    if (backend != null) {
      backend.close();
    }
  }

  private View upload(DType dtype, MemorySegment values, int... dims) {
    Shape shape = Shape.of(dims);
    Buffer buffer = backend.allocate(dtype, shape.size());
    View view = View.contiguous(buffer, 0, shape);
    backend.upload(values, view);
    return view;
  }

  private View floats(float[] values, int... dims) {
    return upload(DType.F32, MemorySegment.ofArray(values), dims);
  }

  private float[] numbers(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private float[] read(View view) {
    float[] values = new float[Math.toIntExact(view.size())];
    backend.download(view, MemorySegment.ofArray(values));
    return values;
  }

  private static void close(double[] expected, float[] actual, String what) {
    for (int i = 0; i < expected.length; i++) {
      double tolerance = TOLERANCE * Math.max(1, Math.abs(expected[i]));
      assertEquals(expected[i], actual[i], tolerance, what + " " + i);
    }
  }

  @Test
  void biasGradients(SimulatedGpu gpu) {
    int rows = 1100;
    int columns = 65;
    float[] g = numbers(rows * columns);
    double[] sums = new double[columns];
    for (int i = 0; i < g.length; i++) {
      sums[i % columns] += g[i];
    }
    View gradient = floats(g, rows, columns);
    View dBias = floats(new float[columns], columns);
    backend.run(
        new FusedCall.LinearActivationBackward(
            gradient, gradient, FusedActivation.NONE, null, dBias, 0));
    close(sums, read(dBias), "bias");
  }

  @Test
  void layerNormGradients(SimulatedGpu gpu) {
    int rows = 1100;
    int columns = 33;
    float[] x = numbers(rows * columns);
    float[] g = numbers(rows * columns);
    double[] dWeight = new double[columns];
    double[] dBias = new double[columns];
    for (int row = 0; row < rows; row++) {
      Moments moments = Moments.of(x, row * columns, columns, 1, 1, 0);
      for (int column = 0; column < columns; column++) {
        int i = row * columns + column;
        dWeight[column] += g[i] * moments.normalised(x[i]);
        dBias[column] += g[i];
      }
    }
    View ones = floats(filled(columns), columns);
    View weightGradient = floats(new float[columns], columns);
    View biasGradient = floats(new float[columns], columns);
    View dx = floats(new float[x.length], rows, columns);
    backend.run(
        new FusedCall.LayerNormBackward(
            floats(x, rows, columns),
            ones,
            EPS,
            floats(g, rows, columns),
            dx,
            weightGradient,
            biasGradient));
    close(dWeight, read(weightGradient), "weight");
    close(dBias, read(biasGradient), "bias");
  }

  /** Channels side by side, and channels with positions: several blocks for each. */
  @ParameterizedTest
  @CsvSource({"1100,33,1", "3,5,3000"})
  void batchNorm(int batch, int channels, int positions, SimulatedGpu gpu) {
    float[] x = numbers(batch * channels * positions);
    float[] g = numbers(x.length);
    double[] dWeight = new double[channels];
    double[] dBias = new double[channels];
    double[] out = new double[x.length];
    int gap = (channels - 1) * positions;
    for (int channel = 0; channel < channels; channel++) {
      Moments moments = Moments.of(x, channel * positions, positions, 1, batch, gap);
      for (int example = 0; example < batch; example++) {
        for (int position = 0; position < positions; position++) {
          int i = (example * channels + channel) * positions + position;
          out[i] = moments.normalised(x[i]);
          dWeight[channel] += g[i] * out[i];
          dBias[channel] += g[i];
        }
      }
    }
    View input = floats(x, batch, channels, positions);
    View ones = floats(filled(channels), channels);
    View zeros = floats(new float[channels], channels);
    View statistics =
        upload(DType.F64, MemorySegment.ofArray(new double[2 * channels]), 2, channels);
    View result = floats(new float[x.length], batch, channels, positions);
    backend.run(new FusedCall.BatchNorm(input, ones, zeros, EPS, statistics, result));
    close(out, read(result), "result");
    View weightGradient = floats(new float[channels], channels);
    View biasGradient = floats(new float[channels], channels);
    View dx = floats(new float[x.length], batch, channels, positions);
    View gradient = floats(g, batch, channels, positions);
    backend.run(
        new FusedCall.BatchNormBackward(
            input, ones, EPS, statistics, gradient, dx, weightGradient, biasGradient));
    close(dWeight, read(weightGradient), "weight");
    close(dBias, read(biasGradient), "bias");
  }

  private static float[] filled(int count) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, 1);
    return values;
  }

  /** Mean and biased variance of runs of numbers that are {@code gap} apart. */
  private record Moments(double mean, double variance) {
    static Moments of(float[] x, int from, int length, int step, int runs, int gap) {
      double sum = 0;
      double squares = 0;
      int i = from;
      for (int run = 0; run < runs; run++, i += gap) {
        for (int k = 0; k < length; k++, i += step) {
          sum += x[i];
          squares += (double) x[i] * x[i];
        }
      }
      double count = (double) length * runs;
      double mean = sum / count;
      return new Moments(mean, squares / count - mean * mean);
    }

    double normalised(double value) {
      return (value - mean) / Math.sqrt(variance + EPS);
    }
  }
}
