package talweg.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The assembler of a CUDA toolkit takes the code as it is shipped. It has what a driver's compiler
 * of the same release has: both refuse what the stated version of PTX does not have.
 */
class PtxasTest {
  /** The first release that knows the pragma used_bytes_mask. */
  private static final int KNOWS_PTX_8_3 = 1203;

  private static Ptxas ptxas;

  @BeforeAll
  static void find() throws IOException {
    ptxas =
        Ptxas.find()
            .orElseGet(() ->
                Skip.test("no ptxas on the PATH, in CUDA_HOME, /usr/local/cuda*/bin or /opt"));
  }

  /**
   * Each device gets the module that the backend would load on it. Code is made for the
   * architecture that the module names; for later ones the text is checked.
   */
  @ParameterizedTest
  @ValueSource(ints = {75, 80, 86, 89, 90, 100, 120})
  void everyModuleAssembles(int capability, @TempDir Path folder) throws Exception {
    if (!ptxas.architectures().contains(capability)) {
      Skip.test(ptxas + " does not know sm_" + capability);
    }
    int architecture = KernelManifest.architectureFor(capability);
    TreeSet<String> modules = new TreeSet<>();
    KernelManifest.load().entries().forEach(entry -> modules.add(entry.module()));
    List<Future<String>> results = new ArrayList<>();
    try (ExecutorService processes =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      for (String module : modules) {
        Path file = folder.resolve(module + "_" + architecture + ".ptx");
        Files.writeString(
            file, KernelManifest.ptx(module, architecture), StandardCharsets.US_ASCII);
        results.add(
            processes.submit(() ->
                capability == architecture
                    ? ptxas.assemble(file, capability)
                    : ptxas.check(file, capability)));
      }
    }
    assertTrue(results.size() > 20, modules::toString);
    assertEquals("", join(results));
  }

  private static String join(List<Future<String>> results)
      throws ExecutionException, InterruptedException {
    List<String> errors = new ArrayList<>();
    for (Future<String> result : results) {
      if (!result.get().isEmpty()) {
        errors.add(result.get());
      }
    }
    return String.join("\n", errors);
  }

  /** What a driver would say, too: the same text passes once it states a version that has it. */
  @Test
  void aPragmaNewerThanTheStatedVersionIsRefused(@TempDir Path folder) throws Exception {
    if (ptxas.release() < KNOWS_PTX_8_3) {
      Skip.test(ptxas + " is older than the pragma used_bytes_mask");
    }
    Path file = folder.resolve("k.ptx");
    String text =
        """
        .version 7.8
        .target sm_90
        .address_size 64
        .visible .entry k(.param .align 8 .b8 p[16])
        {
          .reg .b32 %r<3>;
          .pragma "used_bytes_mask 240";
          ld.param.v2.u32 {%r1, %r2}, [p+8];
          ret;
        }
        """;
    Files.writeString(file, text);
    String errors = ptxas.assemble(file, 90);
    assertTrue(errors.contains("used_bytes_mask"), errors);
    assertTrue(ptxas.check(file, 120).contains("used_bytes_mask"));
    Files.writeString(file, text.replace("7.8", "8.3"));
    assertEquals("", ptxas.assemble(file, 90));
  }
}
