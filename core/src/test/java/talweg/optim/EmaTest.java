package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.TalwegException;
import talweg.nn.Linear;
import talweg.nn.Parameter;
import talweg.op.NonFinite;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;

class EmaTest {
  private static final double DECAY = 0.75;

  private final Session session = new Session(new ReferenceBackend());
  private final Linear model = new Linear(3, 2);
  private Optimizer optimizer;
  private Ema ema;

  @AfterEach
  void close() {
    session.close();
  }

  private void start(DType dtype) {
    model.init(session, dtype, 3);
    optimizer = Optimizers.sgd(0.5).bind(model, OptimizerOptions.DEFAULT.nonFinite(NonFinite.SKIP));
    ema = new Ema(optimizer, DECAY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"F64", "F32"})
  void followsItsFormula(DType dtype) {
    start(dtype);
    double[] expected = weights();
    for (int i = 1; i <= 4; i++) {
      step(i);
      ema.update();
      double[] w = weights();
      Arrays.setAll(expected, k -> DECAY * expected[k] + (1 - DECAY) * w[k]);
      assertArrayEquals(expected, averages(), dtype == DType.F64 ? 1e-15 : 1e-6);
    }
  }

  @Test
  void aStepThatIsLeftOutDoesNotCount() {
    start(DType.F64);
    step(1);
    ema.update();
    double[] before = averages();
    step(Double.NaN);
    ema.update();
    assertArrayEquals(before, averages());
    step(1);
    ema.update();
    assertTrue(!Arrays.equals(before, averages()), "a step makes a difference");
  }

  @Test
  void isSwappedInAndOut() {
    start(DType.F64);
    step(1);
    ema.update();
    double[] weights = weights();
    double[] averages = averages();
    Ema.Swapped swapped = ema.swapIn();
    assertArrayEquals(averages, weights());
    assertArrayEquals(averages, averages());
    assertThrows(TalwegException.class, ema::swapIn);
    assertThrows(TalwegException.class, ema::update);
    swapped.close();
    assertArrayEquals(weights, weights());
    swapped.close();
    assertArrayEquals(weights, weights(), "closing twice exchanges once");
    assertArrayEquals(averages, averages());
    step(1);
    ema.update();
  }

  @Test
  void weightsThatWereReplacedCannotBePutBack() {
    start(DType.F64);
    Ema.Swapped swapped = ema.swapIn();
    model.init(session, DType.F64, 4);
    double[] drawn = weights();
    String message = assertThrows(TalwegException.class, swapped::close).getMessage();
    assertTrue(message.startsWith("ema: the trained weights cannot be put back: "), message);
    assertTrue(message.contains("values of parameter \"weight\""), message);
    assertArrayEquals(drawn, weights());
    swapped.close();
    ema.close();
  }

  @Test
  void wrongArgumentsAreRefused() {
    start(DType.F64);
    assertThrows(IllegalArgumentException.class, () -> new Ema(optimizer, 1));
    assertThrows(IllegalArgumentException.class, () -> new Ema(optimizer, -0.1));
    assertThrows(IllegalArgumentException.class, () -> new Ema(optimizer, Double.NaN));
    Parameter other = new Linear(1, 1).trainable().getFirst();
    assertThrows(IllegalArgumentException.class, () -> ema.of(other));
  }

  private void step(double gradient) {
    try (var _ = session.scope("step")) {
      for (Parameter parameter : model.trainable()) {
        parameter.value().mul(gradient).sum().backward();
      }
      optimizer.step();
    }
  }

  private double[] weights() {
    return model.trainable().stream()
        .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
        .toArray();
  }

  private double[] averages() {
    return model.trainable().stream()
        .flatMapToDouble(p -> Arrays.stream(ema.of(p).toDoubles()))
        .toArray();
  }
}
