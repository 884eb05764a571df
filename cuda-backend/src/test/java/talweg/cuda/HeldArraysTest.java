package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import talweg.cuda.sim.SimulatedCuda;
import talweg.cuda.sim.SimulatedGpu;

/**
 * JCuda holds Java arrays that it is given (GetPrimitiveArrayCritical) for as long as the driver is
 * called. All threads then wait for the garbage collector until the driver is done. The simulated
 * driver is Java code itself: it waits for a collector that waits for it, and not even SIGTERM ends
 * such a JVM.
 */
@ExtendWith(SimulatedCuda.class)
class HeldArraysTest {
  private static final int LIMIT_SECONDS = 300;

  /** The serial collector cannot move other objects around one that is held. */
  @Test
  void noCallOfTheDriverHoldsAJavaArray(@TempDir Path folder, SimulatedGpu gpu) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "talweg.cuda.sim.CollectingDriver",
                    folder.resolve("driver").toString()))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      String text = Files.readString(output);
      assertTrue(ended, () -> "a call holds an array: the collector waits for ever; " + text);
      assertEquals(0, process.exitValue(), text);
      for (String function : List.of("cuModuleLoadDataEx", "cuDeviceGetName", "cuGraphLaunch")) {
        assertTrue(text.contains(function), text);
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
