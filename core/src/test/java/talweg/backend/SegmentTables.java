package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.op.FusedCall.AdamStep;
import talweg.op.FusedCall.LambStep;
import talweg.op.FusedCall.MeasureGradients;
import talweg.op.FusedCall.Segment;
import talweg.op.FusedCall.SgdStep;
import talweg.op.FusedCall.Update;
import talweg.op.NonFinite;
import talweg.spi.Backend;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/**
 * Fused updates of random layouts: hundreds of tiny segments or some long ones, gaps of any size
 * between them, segments without a gradient, buffers at odd offsets. Each element is updated if it
 * belongs to a segment with a gradient, and by the rate of that segment's group.
 */
public abstract class SegmentTables {
  private static final int GROUPS = 3;
  private static final int WINDOW = 5;

  private final Supplier<Backend> backends;

  protected SegmentTables(Supplier<Backend> backends) {
    this.backends = backends;
  }

  static Stream<Arguments> cases() {
    return new Random()
        .longs(2)
        .boxed()
        .flatMap(seed ->
            Arrays.stream(Kind.values())
                .flatMap(kind ->
                    Stream.of(DType.F32, DType.F64).map(type -> Arguments.of(seed, kind, type))));
  }

  private enum Kind {
    TINY,
    LONG,
    MIXED
  }

  /** A layout on a backend, with all weights 1 and gradients between -1 and 1. */
  private static final class Layout {
    final Backend backend;
    final DType dtype;
    final Random random;
    final long[][] rows;
    final int length;
    final double[] gradients;
    final double[] rates;
    final double[] steps;
    final double[] state = new double[StepState.LENGTH];

    Layout(Backend backend, long seed, Kind kind, DType dtype) {
      this.backend = backend;
      this.dtype = dtype;
      this.random = new Random(seed);
      int count =
          switch (kind) {
            case TINY -> 1 + random.nextInt(700);
            case LONG -> 1 + random.nextInt(4);
            case MIXED -> 2 + random.nextInt(40);
          };
      this.rows = new long[count][];
      int end = random.nextInt(3) * random.nextInt(1500);
      for (int s = 0; s < count; s++) {
        boolean isLong = kind == Kind.LONG || (kind == Kind.MIXED && random.nextInt(8) == 0);
        int n = isLong ? 1 + random.nextInt(6000) : 1 + random.nextInt(9);
        int has = random.nextInt(6) == 0 ? 0 : 1;
        rows[s] = new long[] {end, n, random.nextInt(GROUPS), has};
        // Dense, or with padding, or far apart.
        end += n + (random.nextBoolean() ? 0 : random.nextInt(random.nextInt(20) == 0 ? 900 : 4));
      }
      this.length = end + random.nextInt(5);
      this.gradients =
          random.doubles(length, -1, 1).map(g -> dtype == DType.F32 ? (float) g : g).toArray();
      this.rates = random.doubles(GROUPS * WINDOW).toArray();
      this.steps = new double[count];
      state[StepState.WRITE] = 1;
      state[StepState.APPLIED] = random.nextInt(1000);
      state[StepState.ATTEMPTED] = state[StepState.APPLIED] + 3;
      state[StepState.GRAD_SCALE] = 1;
    }

    double rate(int segment) {
      int group = (int) rows[segment][Segment.GROUP.ordinal()];
      return rates[group * WINDOW + (int) state[StepState.APPLIED] % WINDOW];
    }

    boolean has(int segment) {
      return rows[segment][Segment.HAS_GRADIENT.ordinal()] != 0;
    }

    int from(int segment) {
      return (int) rows[segment][Segment.OFFSET.ordinal()];
    }

    int to(int segment) {
      return from(segment) + (int) rows[segment][Segment.LENGTH.ordinal()];
    }

    Update update(View params, View grads, View stepView) {
      View rateView = doubles(rates, GROUPS, WINDOW);
      return new Update(
          params, grads, segments(), stepView, rateView, doubles(state, state.length));
    }

    View segments() {
      long[] table = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
      View view =
          View.contiguous(
              backend.allocate(DType.I64, table.length), 0, Shape.of(rows.length, Segment.COLUMNS));
      backend.upload(MemorySegment.ofArray(table), view);
      return view;
    }

    /** At an offset that may be odd. */
    View flat(double[] values) {
      int shift = random.nextInt(3) == 0 ? random.nextInt(1, 9) : 0;
      View view =
          View.contiguous(
              backend.allocate(dtype, values.length + shift), shift, Shape.of(values.length));
      backend.copy(doubles(values, values.length), view);
      return view;
    }

    View ones() {
      double[] values = new double[length];
      Arrays.fill(values, 1);
      return flat(values);
    }

    View doubles(double[] values, int... dims) {
      View view = View.contiguous(backend.allocate(DType.F64, values.length), 0, Shape.of(dims));
      backend.upload(MemorySegment.ofArray(values), view);
      return view;
    }

    double[] read(View view) {
      View wide =
          View.contiguous(backend.allocate(DType.F64, view.size()), 0, Shape.of((int) view.size()));
      backend.copy(view.reshape(wide.shape()), wide);
      double[] values = new double[(int) view.size()];
      backend.download(wide, MemorySegment.ofArray(values));
      return values;
    }

    /** What every element is to be, where updated ones are {@code 1 - rate * direction}. */
    double[] expected(Direction direction) {
      double[] weights = new double[length];
      Arrays.fill(weights, 1);
      for (int s = 0; s < rows.length; s++) {
        for (int i = from(s); has(s) && i < to(s); i++) {
          weights[i] -= rate(s) * direction.of(s, i);
        }
      }
      return weights;
    }

    double[] expectedSteps() {
      double[] counts = new double[rows.length];
      Arrays.setAll(counts, s -> has(s) ? 1 : 0);
      return counts;
    }

    void assertClose(String what, double[] expected, View view) {
      UpdateProblem.assertScaled(
          expected, read(view), dtype == DType.F32 ? 2e-6 : 1e-12, () -> what);
    }
  }

  private interface Direction {
    double of(int segment, int element);
  }

  @ParameterizedTest(name = "seed {0}, {1}, {2}")
  @MethodSource("cases")
  void everyElementBelongsToItsSegment(long seed, Kind kind, DType dtype) {
    try (Backend backend = backends.get()) {
      Layout layout = new Layout(backend, seed, kind, dtype);
      sgd(layout);
      adam(layout);
      lamb(layout);
      measure(layout);
    }
  }

  private static void sgd(Layout layout) {
    View w = layout.ones();
    View steps = layout.doubles(layout.steps, layout.steps.length);
    double[] row = {0, 0, 0, 0, Double.POSITIVE_INFINITY};
    layout.backend.run(
        new SgdStep(
            layout.update(w, layout.flat(layout.gradients), steps), groups(layout, row), null));
    layout.assertClose("sgd", layout.expected((_, i) -> layout.gradients[i]), w);
    layout.assertClose("steps", layout.expectedSteps(), steps);
  }

  /** Betas 0, so that the direction is the gradient's sign, nearly. */
  private static void adam(Layout layout) {
    View w = layout.ones();
    View m = layout.ones();
    View v = layout.ones();
    View steps = layout.doubles(layout.steps, layout.steps.length);
    double[] row = {0, 0, 1, 0, 0, Double.POSITIVE_INFINITY};
    layout.backend.run(
        new AdamStep(
            layout.update(w, layout.flat(layout.gradients), steps),
            groups(layout, row),
            m,
            v,
            null));
    double[] g = layout.gradients;
    layout.assertClose("adam", layout.expected((_, i) -> g[i] / (Math.abs(g[i]) + 1)), w);
    double[] moments = new double[layout.length];
    Arrays.fill(moments, 1);
    for (int s = 0; s < layout.rows.length; s++) {
      if (layout.has(s)) {
        System.arraycopy(g, layout.from(s), moments, layout.from(s), layout.to(s) - layout.from(s));
      }
    }
    layout.assertClose("first moments", moments, m);
  }

  private static void lamb(Layout layout) {
    View w = layout.ones();
    View steps = layout.doubles(layout.steps, layout.steps.length);
    View ratios = layout.doubles(layout.steps, layout.steps.length);
    double infinity = Double.POSITIVE_INFINITY;
    double[] row = {0, 0, 1, 0, 0, 1, 0, 1, 0, infinity, infinity};
    layout.backend.run(
        new LambStep(
            layout.update(w, layout.flat(layout.gradients), steps),
            groups(layout, row),
            layout.ones(),
            layout.ones(),
            ratios));
    double[] g = layout.gradients;
    double[] expected = new double[layout.rows.length];
    for (int s = 0; s < expected.length; s++) {
      double squares = 0;
      for (int i = layout.from(s); i < layout.to(s); i++) {
        double u = g[i] / (Math.abs(g[i]) + 1);
        squares += u * u;
      }
      expected[s] = layout.has(s) ? Math.sqrt((layout.to(s) - layout.from(s)) / squares) : 0;
    }
    layout.assertClose("ratios", expected, ratios);
    layout.assertClose(
        "lamb", layout.expected((s, i) -> expected[s] * g[i] / (Math.abs(g[i]) + 1)), w);
  }

  /**
   * The norm, then the same with NaN in some gradients, of which the first that counts is named.
   */
  private static void measure(Layout layout) {
    double[] g = layout.gradients.clone();
    double total = 0;
    for (int s = 0; s < layout.rows.length; s++) {
      for (int i = layout.from(s); layout.has(s) && i < layout.to(s); i++) {
        total += g[i] * g[i];
      }
    }
    double[] good = measured(layout, g);
    assertEquals(0.5 * Math.sqrt(total), good[StepState.GRAD_NORM], 1e-12 * Math.sqrt(total));
    assertEquals(1, good[StepState.WRITE]);
    int first = 0;
    for (int k = 0; k < 3; k++) {
      int s = layout.random.nextInt(layout.rows.length);
      g[layout.random.nextInt(layout.from(s), layout.to(s))] = Double.NaN;
      first = layout.has(s) && (first == 0 || s + 1 < first) ? s + 1 : first;
    }
    double[] bad = measured(layout, g);
    assertEquals(first, bad[StepState.BAD_SEGMENT]);
    assertEquals(first == 0 ? 1 : 0, bad[StepState.WRITE]);
    assertEquals(first == 0 ? 0 : layout.state[StepState.ATTEMPTED], bad[StepState.BAD_STEP]);
  }

  private static double[] measured(Layout layout, double[] gradients) {
    View state = layout.doubles(layout.state, layout.state.length);
    layout.backend.run(
        new MeasureGradients(
            layout.flat(gradients),
            layout.segments(),
            0.5,
            Double.POSITIVE_INFINITY,
            0,
            NonFinite.FAIL,
            state));
    return layout.read(state);
  }

  /** The same constants for each group. */
  private static View groups(Layout layout, double[] row) {
    double[] table = new double[GROUPS * row.length];
    for (int g = 0; g < GROUPS; g++) {
      System.arraycopy(row, 0, table, g * row.length, row.length);
    }
    return layout.doubles(table, GROUPS, row.length);
  }
}
