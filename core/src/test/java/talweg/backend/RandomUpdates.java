package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.reference.ReferenceBackend;
import talweg.spi.Backend;
import talweg.tensor.DType;

/** Fused updates against the composed ones of the reference; each test's name has its seed. */
public abstract class RandomUpdates {
  private final Supplier<Backend> backends;

  protected RandomUpdates(Supplier<Backend> backends) {
    this.backends = backends;
  }

  static LongStream seeds() {
    return new Random().longs(8);
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void fusedEqualsComposed(long seed) {
    UpdateProblem problem = new UpdateProblem(seed);
    for (DType dtype : new DType[] {DType.F64, DType.F32}) {
      Map<String, double[]> fused = problem.run(backends.get(), dtype, false);
      Map<String, double[]> composed = problem.run(new ReferenceBackend(), dtype, true);
      assertEquals(composed.keySet(), fused.keySet());
      composed.forEach((name, values) ->
          UpdateProblem.assertScaled(
              values,
              fused.get(name),
              dtype == DType.F64 ? 1e-12 : 1e-5,
              () -> "seed %d, %s, %s of %s".formatted(seed, dtype, name, problem)));
    }
  }
}
