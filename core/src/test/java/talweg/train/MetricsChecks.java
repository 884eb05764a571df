package talweg.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.op.FusedCall;
import talweg.reference.ReferenceBackend;
import talweg.session.Capture;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Running sums of losses and right answers, against their composition on the reference. */
public abstract class MetricsChecks {
  private static final long SEED = 20_261_125;
  private static final int BATCHES = 3;

  private final Supplier<Backend> backends;
  private Session session;

  protected MetricsChecks(Supplier<Backend> backends) {
    this.backends = backends;
  }

  @BeforeEach
  void open() {
    session = new Session(backends.get());
    assertTrue(session.backend().supports(FusedCall.Score.class));
  }

  @AfterEach
  void close() {
    session.close();
  }

  /** Backends share rows out in different ways, depending on how many and how long they are. */
  @ParameterizedTest(name = "{0} rows of {1} in {2} and {3}, seed " + SEED)
  @CsvSource({
    "1, 1, F32, I32",
    "1, 10, F64, I64",
    "5, 3, F32, I64",
    "128, 10, F32, I32",
    "1000, 37, F64, I32",
    "3000, 2, F32, I32",
    "7, 1500, F32, I64",
    "9, 1025, F64, I32"
  })
  void agreesWithItsComposition(int rows, int classes, DType dtype, DType index) {
    double[] expected;
    try (Session reference = new Session(new ReferenceBackend())) {
      expected = sums(reference, rows, classes, dtype, index, false);
    }
    assertTrue(expected[1] < BATCHES * rows || rows == 1, "all are right");
    assertTrue(expected[1] > 0 || rows < 100, "none is right");
    assertSums(expected, sums(session, rows, classes, dtype, index, false));
    assertSums(expected, sums(session, rows, classes, dtype, index, true));
  }

  private static void assertSums(double[] expected, double[] actual) {
    assertEquals(expected[0], actual[0], 1e-14 * Math.abs(expected[0]));
    assertEquals(expected[1], actual[1]);
  }

  /** Sums over some batches; where they are not dense, the call cannot be used. */
  private static double[] sums(
      Session session, int rows, int classes, DType dtype, DType index, boolean transposed) {
    Random random = new Random(SEED);
    Metrics metrics = new Metrics(session, true);
    metrics.reset();
    for (int batch = 0; batch < BATCHES; batch++) {
      double[] values =
          random
              .ints((long) rows * classes, 0, VALUES.length)
              .mapToDouble(i -> VALUES[i])
              .toArray();
      Tensor prediction = session.tensor(values, rows, classes).to(dtype);
      Tensor target = session.tensor(random.ints(rows, -1, classes + 1).toArray(), rows).to(index);
      Tensor loss = session.scalar(dtype, random.nextGaussian());
      Tensor given = transposed ? prediction.transpose().contiguous().transpose() : prediction;
      metrics.add(loss, given, target);
    }
    return metrics.sums().toDoubles();
  }

  /** Few, so that most rows have several largest ones. */
  private static final double[] VALUES = {
    -1, 0, -0.0, 1, 2, 2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.NaN
  };

  @Test
  void ofNumbersOnlyTheLossIsAdded() {
    Metrics metrics = new Metrics(session, false);
    metrics.reset();
    Tensor x = session.tensor(new float[] {1, 2, 3, 4}, 4, 1);
    metrics.add(session.scalar(DType.F32, 0.25), x, x);
    metrics.add(session.scalar(DType.F32, 1), x, x);
    assertSums(new double[] {5, 0}, metrics.sums().toDoubles());
  }

  @Test
  protected void replaysAddAgain() {
    Metrics metrics = new Metrics(session, true);
    metrics.reset();
    Tensor prediction = session.tensor(new float[] {1, 2, 4, 3, 5, 5}, 3, 2);
    Tensor classes = session.tensor(new int[] {1, 1, 0}, 3);
    Tensor loss = session.scalar(DType.F32, 0.5);
    Capture capture = session.capture(() -> metrics.add(loss, prediction, classes));
    assertSums(new double[] {1.5, 2}, metrics.sums().toDoubles());
    classes.assign(new double[] {0, 1, 1});
    capture.replay();
    classes.assign(new double[] {1, 0, 0});
    capture.replay();
    assertSums(new double[] {4.5, 5}, metrics.sums().toDoubles());
  }
}
