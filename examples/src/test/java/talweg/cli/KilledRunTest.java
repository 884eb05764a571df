package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.train.CheckpointFolder;

/**
 * Runs in JVMs of their own that are killed while they write a checkpoint after every step: nothing
 * is lost but the steps since the last one, and in the end the model is that of a run that was left
 * alone. {@code -Dtalweg.kill.rounds=100} kills more often.
 */
class KilledRunTest {
  private static final int ROUNDS = Integer.getInteger("talweg.kill.rounds", 10);

  private static final int STEPS_PER_EPOCH = 12;

  /** Steps that a round is sure to get ahead. */
  private static final int AHEAD = 3;

  /** Epochs that no machine finishes: a run is killed long before. */
  private static final int ENDLESS = 100_000_000;

  /** Against a hang only: nothing depends on how long it takes. */
  private static final long LIMIT_SECONDS = 600;

  /** Learning rates do not depend on the number of epochs. */
  private static final String TRAIN =
      "train --hidden 16 --batch 128 --backend cpu --threads 1 --dropout 0.2 --schedule constant"
          + " --epochs ";

  @TempDir Path folder;

  private Process process;
  private List<String> prefix = List.of();

  @AfterEach
  void end() throws InterruptedException {
    if (process != null && process.isAlive()) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void aRunThatIsKilledAgainAndAgainEndsAsIfItHadNotBeen() throws Exception {
    long seed = Long.getLong("talweg.kill.seed", System.nanoTime());
    System.out.println("talweg.kill.seed=" + seed);
    Random random = new Random(seed);
    Path run = folder.resolve("killed");
    String begin = TRAIN + ENDLESS + " --checkpoint-every 1 --out " + run;
    long reached = 0;
    for (int round = 0; round < ROUNDS; round++) {
      start(round == 0 ? begin : "train --resume " + run);
      long seen = waitForStep(run, reached + AHEAD);
      TimeUnit.MICROSECONDS.sleep(random.nextInt(60_000));
      seen = Math.max(seen, newestStep(run));
      process.destroyForcibly().waitFor();
      reached = step(new CheckpointFolder(run.resolve("checkpoint"), 3).newest().file());
      assertTrue(reached >= seen, "round %d: %d after %d".formatted(round, reached, seen));
    }
    int epochs = (int) (reached / STEPS_PER_EPOCH) + 2;
    Cli rest = Cli.run("train", "--resume", run, "--checkpoint-every", "1min", "--epochs", epochs);
    assertEquals(0, rest.exitCode(), rest.err());
    byte[] expected = uninterrupted(epochs);
    assertArrayEquals(expected, Files.readAllBytes(run.resolve("model.safetensors")));
    try (var left = Files.list(run.resolve("checkpoint"))) {
      assertTrue(left.noneMatch(f -> f.toString().endsWith(".tmp")));
    }
  }

  @Test
  void aSignalEndsTheRunWithACheckpoint() throws Exception {
    Path run = folder.resolve("stopped");
    start(TRAIN + ENDLESS + " --checkpoint-every 10 --keep 1 --out " + run);
    waitForStep(run, 10);
    process.destroy();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it did not end");
    assertEquals(143, process.exitValue(), output());
    assertTrue(output().contains("go on with: talweg train --resume " + run), output());
    int epochs = (int) (newestStep(run) / STEPS_PER_EPOCH) + 2;
    Cli rest = Cli.run("train", "--resume", run, "--epochs", epochs);
    assertEquals(0, rest.exitCode(), rest.err());
    byte[] expected = uninterrupted(epochs);
    assertArrayEquals(expected, Files.readAllBytes(run.resolve("model.safetensors")));
  }

  /** As when a terminal is closed or a connection breaks. */
  @Test
  void aHangUpEndsTheRunWithACheckpoint() throws Exception {
    Path run = folder.resolve("hung-up");
    start(TRAIN + ENDLESS + " --checkpoint-every 10 --keep 1 --out " + run);
    waitForStep(run, 10);
    signal("HUP");
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it did not end");
    assertEquals(129, process.exitValue(), output());
    assertTrue(output().contains("go on with: talweg train --resume " + run), output());
    assertFalse(Files.exists(run.resolve(RunLock.NAME)));
  }

  /** As under nohup: the process is started with the signal ignored. */
  @Test
  void aHangUpThatIsIgnoredStaysIgnored() throws Exception {
    Path run = folder.resolve("nohup");
    prefix = List.of("sh", "-c", "trap '' HUP; exec \"$@\"", "sh");
    start(TRAIN + ENDLESS + " --checkpoint-every 10 --keep 1 --out " + run);
    long step = waitForStep(run, 10);
    signal("HUP");
    waitForStep(run, step + 100);
    process.destroy();
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "it did not end");
    assertEquals(143, process.exitValue(), output());
  }

  private void signal(String name) throws Exception {
    Process kill =
        new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(name, process.pid())).start();
    assertEquals(0, kill.waitFor());
  }

  private byte[] uninterrupted(int epochs) throws IOException {
    Path out = folder.resolve("whole");
    Cli run = Cli.run((Object[]) (TRAIN + epochs + " --out " + out).split(" +"));
    assertEquals(0, run.exitCode(), run.err());
    return Files.readAllBytes(out.resolve("model.safetensors"));
  }

  private void start(String arguments) throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"));
    // Not fewer compilers than here: they decide about the kernels.
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments.split(" +")));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output").toFile())
            .start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("output"));
  }

  /** Waits until a checkpoint of that step, or a later one, is there; gives the newest one's. */
  private long waitForStep(Path run, long step) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    long newest = newestStep(run);
    while (newest < step) {
      assertTrue(process.isAlive(), output());
      assertTrue(System.nanoTime() < end, output());
      Thread.sleep(2);
      newest = newestStep(run);
    }
    return newest;
  }

  private static long newestStep(Path run) {
    List<Path> files = new CheckpointFolder(run.resolve("checkpoint"), 3).files();
    return files.isEmpty() ? 0 : step(files.getFirst());
  }

  private static long step(Path file) {
    return Long.parseLong(file.getFileName().toString().replaceAll("\\D", ""));
  }
}
