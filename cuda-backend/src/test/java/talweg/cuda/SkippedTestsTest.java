package talweg.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import talweg.backend.Prerequisite;
import talweg.cuda.sim.SimulatedCuda;

/** A machine that can run the tests of this module does not leave any of them out. */
class SkippedTestsTest {
  private static final boolean LINUX_ON_X86 =
      System.getProperty("os.name").equals("Linux")
          && System.getProperty("os.arch").equals("amd64");

  @Test
  void theSimulatedDeviceRunsOnLinuxOnX86() {
    Prerequisite.skipIf(LINUX_ON_X86 ? Optional.empty() : SimulatedCuda.missing());
    assertEquals(Optional.empty(), SimulatedCuda.missing());
  }

  @Test
  void theStubOfCublasIsBuiltWhereThereIsACompiler() {
    boolean compiler =
        Arrays.stream(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "gcc")));
    Prerequisite.skipIf(LINUX_ON_X86 && compiler ? Optional.empty() : StubCublas.missing());
    assertEquals(Optional.empty(), StubCublas.missing());
  }
}
