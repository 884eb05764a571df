package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.tensor.Shape;

class InitTest {
  /** Fan-in 200, fan-out 300. */
  private static final Shape WEIGHT = Shape.of(300, 200);

  static Stream<Arguments> variances() {
    return Stream.of(
        Arguments.of("kaiming uniform", Init.kaimingUniform(), 2.0 / 200),
        Arguments.of("kaiming normal", Init.kaimingNormal(), 2.0 / 200),
        Arguments.of("xavier uniform", Init.xavierUniform(), 2.0 / 500),
        Arguments.of("xavier normal", Init.xavierNormal(), 2.0 / 500),
        Arguments.of("linear default", Init.fanInUniform(200), 1.0 / 600),
        Arguments.of("uniform", Init.uniform(-0.5, 0.5), 1.0 / 12),
        Arguments.of("normal", Init.normal(0, 0.3), 0.09));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("variances")
  void hasMeanZeroAndItsVariance(String name, Init init, double variance) {
    double[] values = init.draw(WEIGHT, new HostRandom(11, 0));
    assertEquals(WEIGHT.size(), values.length);
    double mean = Arrays.stream(values).average().orElseThrow();
    double square = Arrays.stream(values).map(v -> v * v).average().orElseThrow();
    assertEquals(0, mean, 5 * Math.sqrt(variance / values.length));
    assertEquals(variance, square, 0.03 * variance);
  }

  @Test
  void uniformDrawsStayWithinTheirBounds() {
    double bound = Math.sqrt(6.0 / 200);
    double[] values = Init.kaimingUniform().draw(WEIGHT, new HostRandom(11, 0));
    assertTrue(Arrays.stream(values).allMatch(v -> v >= -bound && v < bound));
    assertTrue(Arrays.stream(values).anyMatch(v -> v > 0.99 * bound));
  }

  @Test
  void constantsAreConstant() {
    assertArrayEquals(new double[] {0, 0}, Init.zeros().draw(Shape.of(2), new HostRandom(1, 0)));
    assertArrayEquals(new double[] {1, 1}, Init.ones().draw(Shape.of(2), new HostRandom(1, 0)));
  }

  @Test
  void seedsAndStreamsGiveDifferentNumbersAndTheSameGivesTheSame() {
    double[] first = Init.normal(0, 1).draw(WEIGHT, new HostRandom(1, 0));
    assertArrayEquals(first, Init.normal(0, 1).draw(WEIGHT, new HostRandom(1, 0)));
    assertTrue(first[0] != Init.normal(0, 1).draw(WEIGHT, new HostRandom(2, 0))[0]);
    assertTrue(first[0] != Init.normal(0, 1).draw(WEIGHT, new HostRandom(1, 1))[0]);
  }
}
