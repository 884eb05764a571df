package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.op.FusedOp;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Cross entropy of scores that overflowed. */
class InfiniteLogitsTest {
  private static final double INFINITY = Double.POSITIVE_INFINITY;

  /** A loss is the logarithm of the sum of exponentials minus the score of the class. */
  static Stream<Arguments> rows() {
    return Stream.of(
        Arguments.of("a wrong class is certain", new double[] {INFINITY, 0, 1}, 1, INFINITY),
        Arguments.of("the class is certain", new double[] {0, INFINITY, 1}, 1, Double.NaN),
        Arguments.of("a wrong class is ruled out", new double[] {-INFINITY, 0, 0}, 1, Math.log(2)),
        Arguments.of("the class is ruled out", new double[] {0, -INFINITY, 0}, 1, INFINITY),
        Arguments.of(
            "every class is ruled out",
            new double[] {-INFINITY, -INFINITY, -INFINITY},
            1,
            Double.NaN),
        Arguments.of("one is undefined", new double[] {Double.NaN, 0, 0}, 1, Double.NaN));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rows")
  void theFusedLossIsThatOfItsFormula(String what, double[] scores, int label, double expected) {
    try (Session session = new Session(new CpuBackend(DeviceSpec.DEFAULT))) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        Tensor logits = session.tensor(scores, 1, 3).to(dtype);
        Tensor classes = session.tensor(new int[] {label}, 1);
        Tensor loss = Fusion.apply(new FusedOp.SoftmaxCrossEntropy(0, false), logits, classes);
        assertArrayEquals(new double[] {expected}, loss.toDoubles(), 1e-6, dtype::toString);
      }
    }
  }
}
