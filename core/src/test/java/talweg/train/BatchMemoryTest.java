package talweg.train;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import talweg.data.Dataset;
import talweg.error.OutOfMemoryException;
import talweg.nn.Activation;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Backends;
import talweg.session.Session;

class BatchMemoryTest {
  private static final int EXAMPLES = 2000;
  private static final long LIMIT = 2 << 20;
  private final Dataset data = random();

  @Test
  void theBatchThatIsSaidToFitDoesAndMuchMoreDoesNot() {
    OutOfMemoryException e = assertThrows(OutOfMemoryException.class, () -> train(1500, LIMIT));
    assertTrue(e.getMessage().contains("asked for"), e.getMessage());
    assertTrue(e.getMessage().contains("limit 2.0 MiB"), e.getMessage());
    assertTrue(e.getMessage().contains("batch 120.0 KiB"), e.getMessage());
    int fits = largest(e);
    assertTrue(fits > 100, e.getMessage());
    train(fits, LIMIT);
    assertThrows(OutOfMemoryException.class, () -> train(fits * 3 / 2, LIMIT));
  }

  /** Far less fits than a few small reductions of the batch would reach. */
  @Test
  void theSearchReachesSmallBatches() {
    long limit = 300 << 10;
    int fits = largest(assertThrows(OutOfMemoryException.class, () -> train(1500, limit)));
    assertTrue(fits < 200, "fits: " + fits);
    train(fits, limit);
    assertThrows(OutOfMemoryException.class, () -> train(fits * 3 / 2, limit));
  }

  private static int largest(OutOfMemoryException error) {
    Matcher found = Pattern.compile("TrainerOptions.batch\\((\\d+)").matcher(error.getMessage());
    assertTrue(found.find(), error.getMessage());
    return Integer.parseInt(found.group(1));
  }

  @Test
  void aNetworkWithoutRoomForABatchIsToldSo() {
    OutOfMemoryException e = assertThrows(OutOfMemoryException.class, () -> train(256, 36_000));
    assertTrue(e.getMessage().contains("not even"), e.getMessage());
    assertFalse(e.getMessage().contains("TrainerOptions.batch"), e.getMessage());
  }

  private void train(int batch, long limit) {
    try (Session session = new Session(Backends.open("reference"), limit)) {
      Module model =
          new Sequential(
                  new Linear(20, 64), new Activation(Activation.Kind.TANH), new Linear(64, 3))
              .init(session, 1);
      Trainer trainer =
          new Trainer(
              model, Objective.crossEntropy(), Optimizers.adamW(1e-3), TrainerOptions.of(2, batch));
      trainer.fit(data);
    }
  }

  private static Dataset random() {
    Random random = new Random(4);
    float[] x = new float[EXAMPLES * 20];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) random.nextGaussian();
    }
    return Dataset.classification(
        "random", x, new int[] {20}, random.ints(EXAMPLES, 0, 3).toArray(), 3);
  }
}
