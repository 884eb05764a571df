package talweg.resume;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.io.HostTensor;
import talweg.io.Safetensors;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.LayerNorm;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.train.Cadence;
import talweg.train.Checkpoint;
import talweg.train.CheckpointFolder;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/** A checkpoint that an older version's library wrote resumes; see the README beside it. */
class FormerCheckpointTest {
  private static final Path FILES =
      Path.of("src/test/resources/talweg/fixtures/ea1175e/batch-norm");
  private static final long SEED = 11;

  @TempDir Path folder;

  /** Weights and running averages, to the last bit where Java's Math is that of x86-64. */
  @Test
  void batchNormResumesToTheSameBits() {
    assumeTrue(Set.of("amd64", "x86_64").contains(System.getProperty("os.arch")));
    CheckpointFolder to = new CheckpointFolder(folder, 1);
    try (Session session = Session.open("reference")) {
      Module model =
          new Sequential(
                  new Linear(2, 12),
                  new BatchNorm(12),
                  new Activation(Activation.Kind.RELU),
                  new Linear(12, 6),
                  new LayerNorm(6),
                  new Activation(Activation.Kind.TANH),
                  new Linear(6, 2))
              .init(session, SEED);
      new Trainer(
              model,
              Objective.crossEntropy(),
              Optimizers.adamW(1e-2),
              TrainerOptions.of(4, 8).seed(SEED))
          .saveTo(to, Cadence.everyEpochs(1000), Map.of("name", "batch norm"))
          .resume(Checkpoint.read(FILES.resolve("checkpoint.safetensors")))
          .fit(points(50, 0), points(20, 1));
    }
    Map<String, HostTensor> expected = model(FILES.resolve("final.safetensors"));
    Map<String, HostTensor> actual = model(to.files().getFirst());
    assertFalse(expected.isEmpty());
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach(
        (name, tensor) -> assertEquals(-1, tensor.data().mismatch(actual.get(name).data()), name));
  }

  private static Map<String, HostTensor> model(Path checkpoint) {
    Map<String, HostTensor> tensors = new TreeMap<>(Safetensors.read(checkpoint).tensors());
    tensors.keySet().removeIf(name -> !name.startsWith("model."));
    return tensors;
  }

  /** Points in the plane, in two classes: those of the program that wrote the checkpoint. */
  private static Dataset points(int n, int phase) {
    float[] x = new float[2 * n];
    int[] labels = new int[n];
    for (int i = 0; i < n; i++) {
      labels[i] = i % 2;
      x[2 * i] = ((37 * i + 11 * phase) % 101) / 101f - 0.5f;
      x[2 * i + 1] = ((53 * i + 29 * phase) % 97) / 97f - 0.5f + labels[i] * 0.4f;
    }
    return Dataset.classification("points", x, new int[] {2}, labels, 2);
  }
}
