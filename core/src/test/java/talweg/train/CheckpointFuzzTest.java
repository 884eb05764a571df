package talweg.train;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.data.Dataset;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.io.Mutations;
import talweg.io.Safetensors;
import talweg.nn.BatchNorm;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.optim.schedule.Plateau;
import talweg.session.Session;

/**
 * A state that somebody altered and sealed again gives the declared exceptions, or a training that
 * runs. {@code -Dtalweg.fuzz.inputs=1000000} tries more.
 */
class CheckpointFuzzTest {
  private static final int INPUTS = Integer.getInteger("talweg.fuzz.inputs", 4_000);

  @TempDir Path folder;

  private final Dataset data =
      Dataset.classification(
          "points",
          new float[] {0, 1, 1, 0, 2, 2, -1, 3},
          new int[] {2},
          new int[] {0, 1, 0, 1},
          2);

  @Test
  void alteredStatesAreRefusedOrRun() {
    long seed = Long.getLong("talweg.fuzz.seed", 20261128);
    System.out.println("talweg.fuzz.seed=" + seed);
    Mutations mutations = new Mutations(seed);
    try (Session session = Session.open("reference")) {
      Trainer first = trainer(session);
      first.saveTo(new CheckpointFolder(folder, 9), Cadence.everySteps(1), Map.of("--lr", "0.1"));
      first.fit(data, data);
      // After an epoch and a half: it has everything that a state can have.
      Path file = new CheckpointFolder(folder, 9).files().get(1);
      Safetensors.Content content = Safetensors.read(file);
      byte[] state = content.metadata().get(Checkpoint.STATE_KEY).getBytes(StandardCharsets.UTF_8);
      Trainer trainer = trainer(session);
      trainer.resume(Checkpoint.of(file, content)).fit(data, data);
      int resumed = 0;
      for (int i = 0; i < INPUTS; i++) {
        byte[] altered = mutations.mutate(state);
        Map<String, String> metadata = new HashMap<>(content.metadata());
        metadata.put(Checkpoint.STATE_KEY, new String(altered, StandardCharsets.UTF_8));
        try {
          resumed += resumes(trainer, file, content, metadata) ? 1 : 0;
        } catch (Throwable e) {
          throw new AssertionError(
              "seed %d, input %d: %s"
                  .formatted(seed, i, new String(altered, StandardCharsets.UTF_8)),
              e);
        }
      }
      assertTrue(resumed > 0 && resumed < INPUTS, resumed + " of " + INPUTS);
    }
  }

  private boolean resumes(
      Trainer trainer, Path file, Safetensors.Content content, Map<String, String> metadata) {
    try {
      trainer.resume(
          Checkpoint.of(file, new Safetensors.Content(content.tensors(), metadata, true)));
      trainer.fit(data, data);
      return true;
    } catch (DataFormatException | CheckpointException e) {
      return false;
    }
  }

  private static Trainer trainer(Session session) {
    Module model =
        new Sequential(new Linear(2, 3), new BatchNorm(3), new Linear(3, 2)).init(session, 1);
    Plateau schedule =
        new Plateau(0.05, Plateau.Goal.MIN, 0.5, 0, 0.9, true, 0, 0, 0, 0, 0, 1.0 / 0);
    return new Trainer(
            model,
            Objective.crossEntropy(),
            Optimizers.adamW(1).schedule(schedule),
            TrainerOptions.of(2, 2))
        .earlyStop(5);
  }
}
