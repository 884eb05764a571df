package talweg.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReproducibleCodeTest {
  private static final Path RESOURCES = Path.of("src/main/resources/talweg/kernels");

  /** Each module for one architecture, by turns: all of them would take minutes. */
  @Test
  void compilingAgainGivesTheSameCode() throws IOException, InterruptedException {
    CudaSources sources = new CudaSources(Path.of("src/main/cuda"));
    CompileKernels compiler = new CompileKernels(sources);
    String tools = tools();
    List<Integer> architectures = KernelManifest.architectures();
    int turn = 0;
    for (Map.Entry<String, Path> module : sources.modules().entrySet()) {
      int architecture = architectures.get(turn++ % architectures.size());
      Path file = RESOURCES.resolve(module.getKey() + "_" + architecture + ".ptx");
      String release = PtxFile.read(file).tools();
      if (!tools.contains(release)) {
        Skip.test("nvcc here is another one than " + release + ": " + tools.strip());
      }
      assertEquals(
          CudaSources.text(file),
          compiler.compile(module.getValue(), architecture),
          file::toString);
    }
  }

  private static String tools() throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder("nvcc", "--version").redirectErrorStream(true).start();
      String text = new String(process.getInputStream().readAllBytes());
      process.waitFor();
      return text;
    } catch (IOException e) {
      return Skip.test("no nvcc here: " + e.getMessage());
    }
  }
}
