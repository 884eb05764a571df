package talweg.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Nothing in the code is newer than the version of PTX that it states. */
class PtxFeaturesTest {
  private static final Path RESOURCES = Path.of("src/main/resources/talweg/kernels");

  /** A load as nvcc 13.0 writes it. */
  private static final String HINTED =
      "\t.pragma \"used_bytes_mask 240\";\n\tld.param.v2.u32 \t{%r1, %r2}, [p+8];\n";

  private static String kernel(String version, String body) {
    return """
    // A comment with a .pragma "of_no_concern";
    .version %s
    .target sm_75
    .address_size 64
    .visible .entry k(
      .param .align 8 .b8 p[16]
    )
    .maxntid 256, 1, 1
    {
      .reg .pred %%p<2>;
      .reg .b32 %%r<3>;
    $L__BB0_1:
    %s  @!%%p1 bra $L__BB0_1;
      ret;
    }
    """
        .formatted(version, body);
  }

  @Test
  void theShippedCodeNeedsNoNewerVersionThanItStates() {
    TreeSet<String> modules = new TreeSet<>();
    KernelManifest.load().entries().forEach(entry -> modules.add(entry.module()));
    List<String> problems = new ArrayList<>();
    long instructions = 0;
    for (String module : modules) {
      for (int architecture : KernelManifest.architectures()) {
        String name = module + "_" + architecture + ".ptx";
        String ptx = KernelManifest.ptx(module, architecture);
        problems.addAll(PtxFeatures.tooNew(name, ptx));
        instructions +=
            PtxWords.of(ptx).stream()
                .filter(word -> word.kind() == PtxWords.Kind.INSTRUCTION)
                .count();
      }
    }
    assertEquals(List.of(), problems);
    assertTrue(instructions > 100_000, "only " + instructions + " instructions were read");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          .pragma "used_bytes_mask 240";        | pragma "used_bytes_mask 240" needs PTX 8.3
          .pragma "nounroll", "frequency 3";    | pragma "frequency 3" needs PTX 9.0
          .pragma "no_such";                    | pragma "no_such" is not known
          @%p1 cvt.rna.tf32.f32 %r1, %r2;       | instruction "cvt.rna.tf32.f32" needs PTX 7.0
          {ld.global.v8.b32 {%r1, %r2}, [p];}   | instruction "ld.global.v8.b32" is not known
          add.s32 %r1, %r2, %clusterid.x;       | special register "%clusterid.x" is not known
          .reg .b128 %w;                        | directive ".b128" is not known
          """)
  void whatIsTooNewOrNotKnownIsNamed(String statement, String problem) {
    String before = kernel("6.3", "add.s32 %r1, %r2, %tid.x;\n.pragma \"nounroll\";\n");
    assertEquals(List.of(), PtxFeatures.tooNew("k", before));
    assertEquals(
        List.of("k, line 13: " + problem + ", but the text states 6.3"),
        PtxFeatures.tooNew("k", kernel("6.3", statement + "\n")));
  }

  @Test
  void theTargetCounts() {
    assertEquals(
        List.of("k, line 3: target \"sm_75\" needs PTX 6.3, but the text states 6.2"),
        PtxFeatures.tooNew("k", kernel("6.2", "")));
    String later = kernel("8.0", "").replace("sm_75", "sm_90a");
    assertTrue(PtxFeatures.tooNew("k", later).getFirst().contains("\"sm_90a\" is not known"));
    assertEquals(
        List.of("k: expected a line \".version MAJOR.MINOR\", got none"),
        PtxFeatures.tooNew("k", "no code"));
  }

  @Test
  void loweringStripsTheHintAndRefusesWhatItCannotStrip() throws IOException {
    String lowered = CompileKernels.lowered("k", kernel("9.0", HINTED), 75);
    assertEquals(kernel("6.3", HINTED.substring(HINTED.indexOf("\n") + 1)), lowered);
    IOException e =
        assertThrows(
            IOException.class,
            () -> CompileKernels.lowered("k", kernel("9.0", ".pragma \"frequency 3\";\n"), 75));
    assertTrue(
        e.getMessage()
            .startsWith(
                "cannot lower the PTX version: k, line 13: pragma \"frequency 3\" needs PTX 9.0"),
        e.getMessage());
  }

  @Test
  void theReaderRefusesUnknownPragmas(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("reduce_f32_90.ptx");
    String shipped = CudaSources.text(RESOURCES.resolve("reduce_f32_90.ptx"));
    Files.writeString(file, shipped);
    assertFalse(PtxFile.read(file).entries().isEmpty());
    Files.writeString(file, shipped.replaceFirst("\\n\\tld\\.param", "\n" + HINTED + "$0"));
    IOException e = assertThrows(IOException.class, () -> PtxFile.read(file));
    assertTrue(
        e.getMessage()
            .matches(
                "reduce_f32_90\\.ptx, line \\d+: expected no pragma but \\[nounroll], got"
                    + " \"used_bytes_mask 240\"\\. Strip it in CompileKernels\\."),
        e.getMessage());
  }
}
