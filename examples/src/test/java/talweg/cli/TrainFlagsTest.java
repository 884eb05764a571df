package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.io.Safetensors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Flags of a training whose effect shows in what it leaves behind. */
class TrainFlagsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EXAMPLES = 40;

  @TempDir Path folder;

  private int runs;

  private Path out(int run) {
    return folder.resolve("run-" + run);
  }

  /** A short training; flags given here come last. */
  private Cli train(String flags) {
    return Cli.line(
        "train --json --backend cpu --threads 1 --hidden 4 --out %s %s"
            .formatted(out(++runs), flags));
  }

  private JsonNode done(String flags) {
    Cli run = train(flags);
    assertEquals(0, run.exitCode(), run.err());
    return JSON.readTree(run.outLines().getLast());
  }

  /** All weights of the last run; what else is in the file names the seed. */
  private Map<String, List<Byte>> weights() {
    Map<String, List<Byte>> weights = new TreeMap<>();
    Safetensors.read(out(runs).resolve("model.safetensors"))
        .tensors()
        .forEach((name, tensor) -> {
          List<Byte> bytes = new ArrayList<>();
          for (byte b : tensor.data().toArray(ValueLayout.JAVA_BYTE)) {
            bytes.add(b);
          }
          weights.put(name, bytes);
        });
    return weights;
  }

  /** Two classes of images in a file, the last of which are held out whatever the seed. */
  private Path images() throws IOException {
    Path idx = Files.createDirectories(folder.resolve("idx"));
    try (DataOutputStream images =
            new DataOutputStream(Files.newOutputStream(idx.resolve("train-images-idx3-ubyte")));
        DataOutputStream labels =
            new DataOutputStream(Files.newOutputStream(idx.resolve("train-labels-idx1-ubyte")))) {
      for (int value : new int[] {0x803, EXAMPLES, 2, 2}) {
        images.writeInt(value);
      }
      labels.writeInt(0x801);
      labels.writeInt(EXAMPLES);
      for (int i = 0; i < EXAMPLES; i++) {
        labels.writeByte(i % 2);
        for (int p = 0; p < 4; p++) {
          images.writeByte(100 * (i % 2) + 3 * i + p);
        }
      }
    }
    return idx;
  }

  /** Steps so small that the weights are the initial ones. */
  @Test
  void theSeedChoosesTheInitialWeights() throws IOException {
    String still =
        "--optimizer sgd:momentum=0 --lr 1e-30 --schedule constant --epochs 1 --dropout 0 --data"
            + " idx:"
            + images()
            + " --seed ";
    done(still + 7);
    Map<String, List<Byte>> first = weights();
    done(still + 7);
    assertEquals(first, weights());
    done(still + 8);
    assertNotEquals(first, weights());
  }

  /** The order of the batches follows from the seed that the training was given. */
  @ParameterizedTest
  @CsvSource({"7", "8"})
  void theSeedIsTheTrainingsSeed(long seed) throws IOException {
    done("--epochs 1 --checkpoint-every 1epoch --data idx:%s --seed %d".formatted(images(), seed));
    Path checkpoint;
    try (var files = Files.list(out(runs).resolve("checkpoint"))) {
      checkpoint = files.toList().getFirst();
    }
    List<Long> seeds =
        Safetensors.read(checkpoint).metadata().values().stream()
            .filter(text -> text.startsWith("{"))
            .map(JSON::readTree)
            .filter(state -> state.has("settings"))
            .map(state -> state.get("settings").get("seed").asLong())
            .toList();
    assertEquals(List.of(seed), seeds);
  }

  @Test
  void accumulatedBatchesMakeFewerSteps() throws IOException {
    String flags = "--epochs 2 --batch 3 --data idx:%s --accumulate ".formatted(images());
    // 32 of the 36 examples that the test part leaves are for training: 11 batches an epoch.
    assertEquals(22, done(flags + 1).get("steps").asInt());
    assertEquals(12, done(flags + 2).get("steps").asInt());
    assertEquals(6, done(flags + 5).get("steps").asInt());
  }

  /** After one step no gradient is finite: the run ends there, or leaves all others out. */
  @Test
  void stepsThatAreNotFiniteFailOrAreSkipped() throws IOException {
    String flags =
        "--optimizer sgd --lr 1e38 --schedule constant --epochs 3 --data idx:%s --nonfinite "
            .formatted(images());
    Cli failed = train(flags + "fail");
    assertEquals(1, failed.exitCode(), failed.err());
    assertTrue(failed.err().contains("step "), failed.err());
    Cli skipping = train(flags + "skip");
    assertEquals(1, skipping.exitCode(), skipping.err());
    assertTrue(skipping.err().contains(" steps were skipped, as their"), skipping.err());
  }

  /** Losses fall and accuracies rise: a plateau that watched the other one would react. */
  @Test
  void thePlateauWatchesWhatIsMonitored() {
    String flags = "--hidden 16 --epochs 3 --lr 0.001 --schedule plateau:patience=0,factor=0.5";
    assertEquals(0.001, lastLearningRate(flags + ",mode=max --monitor accuracy"));
    assertEquals(0.001, lastLearningRate(flags + " --monitor loss"));
  }

  private double lastLearningRate(String flags) {
    Cli run = train(flags);
    assertEquals(0, run.exitCode(), run.err());
    return run.outLines().stream()
        .map(JSON::readTree)
        .filter(line -> line.get("event").asString().equals("epoch"))
        .toList()
        .getLast()
        .get("learning_rate")
        .asDouble();
  }

  /** Every row has a category of its own, and so have those that are held out. */
  @Test
  void unknownCategoriesAreRefusedOrZeros() throws IOException {
    StringBuilder text = new StringBuilder("name,size,kind\n");
    for (int i = 0; i < 30; i++) {
      text.append("n").append(i).append(',').append(i).append(',').append(i % 2 == 0 ? "a" : "b");
      text.append('\n');
    }
    Path table = Files.writeString(folder.resolve("t.csv"), text);
    String flags = "--epochs 1 --data csv:" + table;
    for (String refusing : List.of("", " --unknown refuse")) {
      Cli run = train(flags + refusing);
      assertEquals(65, run.exitCode(), run.err());
      assertTrue(run.err().contains("\"name\""), run.err());
    }
    Cli zeros = train(flags + " --unknown zeros");
    assertEquals(0, zeros.exitCode(), zeros.err());
  }
}
