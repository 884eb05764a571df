package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.data.Dataset;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.CallRecorder;

/** Steps on a device with memory of its own: the reference, which says that it is one. */
class ResidentDataTest {
  private static final int EXAMPLES = 50;
  private static final int FEATURES = 40;
  private static final int BATCH = 8;

  private long uploaded;

  @ParameterizedTest(name = "classes {0}, {1} batches a step")
  @CsvSource({"true, 1", "false, 1", "true, 3"})
  void gatheredBatchesGiveTheBitsOfUploadedOnes(boolean classes, int accumulate) {
    Dataset data = data(classes);
    double[] expected = trained(data, accumulate, false, Long.MAX_VALUE);
    long all = uploaded;
    assertArrayEquals(expected, trained(data, accumulate, true, Long.MAX_VALUE));
    assertTrue(uploaded < all / 2, uploaded + " bytes instead of " + all);
  }

  @Test
  void aDataSetThatTakesTooMuchStaysOut() {
    Dataset data = data(true);
    double[] expected = trained(data, 1, false, Long.MAX_VALUE);
    long all = uploaded;
    assertArrayEquals(expected, trained(data, 1, true, 4L * EXAMPLES * FEATURES));
    assertTrue(uploaded == all, uploaded + " bytes instead of " + all);
  }

  /** The weights after six epochs. */
  private double[] trained(Dataset data, int accumulate, boolean ownMemory, long memory) {
    uploaded = 0;
    Backend backend = Backends.open("reference");
    try (Session session =
        new Session(new CallRecorder(ownMemory ? device(backend, memory) : counted(backend)))) {
      Module model =
          new Sequential(
                  new Linear(FEATURES, 9),
                  new Activation(Activation.Kind.TANH),
                  new Linear(9, data.isClassification() ? 3 : 2))
              .init(session, 7);
      new Trainer(
              model,
              data.isClassification() ? Objective.crossEntropy() : Objective.mse(),
              Optimizers.adamW(1e-2),
              TrainerOptions.of(6, BATCH)
                  .seed(3)
                  .optimizer(OptimizerOptions.DEFAULT.accumulate(accumulate)))
          .fit(data);
      return model.trainable().stream()
          .flatMapToDouble(p -> Arrays.stream(p.value().toDoubles()))
          .toArray();
    }
  }

  private Backend counted(Backend backend) {
    return proxy(backend, true, 0);
  }

  private Backend device(Backend backend, long memory) {
    return proxy(backend, false, memory);
  }

  private Backend proxy(Backend backend, boolean hostMemory, long memory) {
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, arguments) -> {
              switch (method.getName()) {
                case "usesHostMemory" -> {
                  return hostMemory;
                }
                case "memoryBytes" -> {
                  return hostMemory ? backend.memoryBytes() : memory;
                }
                case "upload" -> uploaded += ((MemorySegment) arguments[0]).byteSize();
                default -> {}
              }
              try {
                return method.invoke(backend, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Dataset data(boolean classes) {
    Random random = new Random(11);
    float[] x = new float[EXAMPLES * FEATURES];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    int[] shape = {FEATURES};
    if (classes) {
      return Dataset.classification("made up", x, shape, random.ints(EXAMPLES, 0, 3).toArray(), 3);
    }
    float[] y = new float[EXAMPLES * 2];
    for (int i = 0; i < y.length; i++) {
      y[i] = (float) random.nextGaussian();
    }
    return Dataset.regression("made up", x, shape, y, List.of("a", "b"));
  }
}
