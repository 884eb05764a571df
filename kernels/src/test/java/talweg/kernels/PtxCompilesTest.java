package talweg.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PtxCompilesTest {
  /** Where JCuda unpacks its library: not among other people's temporary files. */
  private static final Path UNPACKED = Path.of("target", "ptx-compiler");

  /**
   * Bytes written to memory and read back for want of registers: the compiler of CUDA 12.0 gives up
   * a few around a square root or a quotient so that more threads fit; that of 13.0 does not.
   */
  private static final int TOLERATED = 64;

  @BeforeAll
  static void load() throws Exception {
    String os = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!os.equals("Linux amd64")) {
      Skip.test("JCuda has no compiler of PTX for " + os);
    }
    Files.createDirectories(UNPACKED);
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", UNPACKED.toAbsolutePath().toString());
    try {
      Class.forName("jcuda.nvptxcompiler.JNvPTXCompiler");
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  /**
   * The compiler is of CUDA 12.0, so this also shows that the lowered version of the code is
   * accepted by drivers older than the compiler that wrote it. It does not show that newer drivers
   * accept it: this compiler ignores pragmas that it does not know, and those that know them refuse
   * them under an older version. {@link PtxFeaturesTest} and {@link PtxasTest} see to that.
   */
  @Test
  void everyEntryCompilesAndKeepsItsValuesInRegisters() {
    KernelManifest manifest = KernelManifest.load();
    SortedMap<String, TreeSet<String>> modules = new TreeMap<>();
    for (KernelManifest.Entry entry : manifest.entries()) {
      modules.computeIfAbsent(entry.module(), _ -> new TreeSet<>()).add(entry.name());
    }
    List<String> spills = new ArrayList<>();
    modules.forEach((module, names) -> {
      for (int architecture : KernelManifest.architectures()) {
        Map<String, PtxCompiler.Usage> usages =
            PtxCompiler.compile(KernelManifest.ptx(module, architecture), architecture);
        assertEquals(names, usages.keySet(), module);
        usages.forEach((name, usage) -> {
          if (usage.spilled() > TOLERATED) {
            spills.add(name + " for " + architecture + ": " + usage);
          }
        });
      }
    });
    assertEquals(List.of(), spills);
  }
}
