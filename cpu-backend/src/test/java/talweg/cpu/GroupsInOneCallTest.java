package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.backend.UpdateRun;
import talweg.optim.OptimizerOptions;
import talweg.optim.OptimizerSpec;
import talweg.optim.Optimizers;
import talweg.spi.DeviceSpec;
import talweg.tensor.DType;

/** Parameter groups of one family: those with different states cannot share a fused call. */
class GroupsInOneCallTest {
  static List<Arguments> groups() {
    OptimizerSpec plainAdam = Optimizers.adam(0.9, 0.99, 1e-8, 0, false).rate(0.01);
    OptimizerSpec amsgrad = Optimizers.adam(0.8, 0.95, 1e-6, 0.1, true).rate(0.02);
    OptimizerSpec plainRms = Optimizers.rmsprop(0.9, 1e-3, 0, 0, false).rate(0.01);
    OptimizerSpec centered = Optimizers.rmsprop(0.8, 1e-3, 0.1, 0.5, true).rate(0.02);
    return List.of(
        Arguments.of("adam, amsgrad first", false, amsgrad, plainAdam),
        Arguments.of("adam, amsgrad last", false, plainAdam, amsgrad),
        Arguments.of("adam, both alike", true, plainAdam, plainAdam.rate(0.3)),
        Arguments.of("adam, both amsgrad", true, amsgrad, amsgrad.rate(0.3)),
        Arguments.of("rmsprop, centered first", false, centered, plainRms),
        Arguments.of("rmsprop, centered last", false, plainRms, centered),
        Arguments.of("rmsprop, both centered", true, centered, centered.rate(0.3)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("groups")
  void theyGiveWhatTheirComposedFormGives(
      String what, boolean fuses, OptimizerSpec first, OptimizerSpec second) {
    List<OptimizerSpec> specs = List.of(first, second);
    Map<String, double[]> expected = trained(specs, false, false);
    Map<String, double[]> actual = trained(specs, true, fuses);
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), 1e-12, name));
  }

  private static Map<String, double[]> trained(
      List<OptimizerSpec> specs, boolean fusion, boolean fuses) {
    Random random = new Random(7);
    double[][] weights = {normals(random), normals(random)};
    OptimizerOptions options = OptimizerOptions.DEFAULT.composed(!fusion);
    try (UpdateRun run =
        new UpdateRun(
            new CpuBackend(DeviceSpec.DEFAULT),
            DType.F64,
            specs,
            new int[] {0, 1},
            options,
            weights)) {
      assertEquals(fuses, run.optimizer().isFused(), run.optimizer()::explain);
      for (int step = 0; step < 6; step++) {
        run.step(normals(random), normals(random));
      }
      return run.everything();
    }
  }

  private static double[] normals(Random random) {
    return random.doubles(19).map(_ -> random.nextGaussian()).toArray();
  }
}
