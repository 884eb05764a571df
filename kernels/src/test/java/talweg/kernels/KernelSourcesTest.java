package talweg.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelSourcesTest {
  private static final Path RESOURCES = Path.of("src/main/resources/talweg/kernels");
  private static final String ADVICE =
      "; to compile what changed: mvn -Pnvcc -pl kernels generate-resources";

  private final CudaSources sources = new CudaSources(Path.of("src/main/cuda"));
  private final CompileKernels compiler = new CompileKernels(sources);

  @Test
  void codeIsMadeFromTheSourcesThatAreThere() throws IOException {
    Set<String> expected = new TreeSet<>(Set.of("manifest.txt"));
    for (Map.Entry<String, Path> module : sources.modules().entrySet()) {
      for (int architecture : KernelManifest.architectures()) {
        String name = module.getKey() + "_" + architecture + ".ptx";
        expected.add(name);
        assertTrue(Files.exists(RESOURCES.resolve(name)), name + " is missing" + ADVICE);
        PtxFile file = PtxFile.read(RESOURCES.resolve(name));
        assertEquals(compiler.header(module.getValue()), file.header(), name + ADVICE);
      }
    }
    try (Stream<Path> files = Files.list(RESOURCES)) {
      Set<String> found =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .collect(Collectors.toCollection(TreeSet::new));
      assertEquals(expected, found, "files in " + RESOURCES + ADVICE);
    }
  }

  @Test
  void codeClaimsTheOldestVersionThatItCan() throws IOException {
    assertEquals(List.copyOf(CompileKernels.VERSIONS.keySet()), KernelManifest.architectures());
    for (String module : sources.modules().keySet()) {
      for (int architecture : KernelManifest.architectures()) {
        PtxFile file = PtxFile.read(RESOURCES.resolve(module + "_" + architecture + ".ptx"));
        assertEquals(CompileKernels.VERSIONS.get(architecture), file.version(), module);
        assertEquals("sm_" + architecture, file.target(), module);
      }
    }
  }

  @Test
  void manifestListsTheEntriesOfEveryArchitectureAsDeclared() throws IOException {
    assertEquals(Files.readString(RESOURCES.resolve("manifest.txt")), compiler.manifest(RESOURCES));
    Set<String> names = new HashSet<>();
    for (String module : sources.modules().keySet()) {
      List<PtxFile.Entry> entries = PtxFile.read(RESOURCES.resolve(module + "_75.ptx")).entries();
      assertFalse(entries.isEmpty(), module);
      for (PtxFile.Entry entry : entries) {
        assertTrue(names.add(entry.name()), entry.name() + " is in two modules");
      }
      for (int architecture : KernelManifest.architectures()) {
        PtxFile file = PtxFile.read(RESOURCES.resolve(module + "_" + architecture + ".ptx"));
        assertEquals(Set.copyOf(entries), Set.copyOf(file.entries()), module + architecture);
      }
    }
    KernelManifest manifest = KernelManifest.load();
    assertEquals(names.size(), manifest.entries().size());
    assertNull(manifest.entry("no_such_kernel"));
  }

  @Test
  void declarationsThatDifferFromTheCodeAreNoticed(@TempDir Path root) throws IOException {
    Path source = root.resolve("family/k.cu");
    Files.createDirectories(source.getParent());
    Files.writeString(
        source,
        """
        extern "C" __global__ void plain_f32(const float *in, long long n, double scale) {}
        #define MANY(NAME, T) \\
            extern "C" __global__ void __launch_bounds__(256) NAME##_many_##T(int kind, T *out, \\
                                                                             const Layout layout) {}
        """);
    Declarations declarations = new Declarations(new CudaSources(root), source);
    PtxFile.Parameter wide = new PtxFile.Parameter('u', 8);
    PtxFile.Parameter real = new PtxFile.Parameter('f', 8);
    PtxFile.Parameter narrow = new PtxFile.Parameter('u', 4);
    PtxFile.Parameter structure = new PtxFile.Parameter('b', 272);
    assertEquals(
        List.of("POINTER", "I64", "F64"),
        declarations.types(new PtxFile.Entry("plain_f32", List.of(wide, wide, real))));
    assertEquals(
        List.of("I32", "POINTER", "LAYOUT"),
        declarations.types(new PtxFile.Entry("some_many_f64", List.of(narrow, wide, structure))));
    for (PtxFile.Entry other :
        List.of(
            new PtxFile.Entry("plain_f32", List.of(wide, real, real)),
            new PtxFile.Entry("plain_f32", List.of(wide, wide)),
            new PtxFile.Entry("some_many_f64", List.of(wide, wide, structure)),
            new PtxFile.Entry("other_f32", List.of(wide, wide, real)))) {
      assertThrows(IOException.class, () -> declarations.types(other), other::toString);
    }
  }

  @Test
  void hashCoversHeadersAndOptions(@TempDir Path root) throws IOException {
    Path header = root.resolve("common/a.cuh");
    Path source = root.resolve("family/k.cu");
    Files.createDirectories(header.getParent());
    Files.createDirectories(source.getParent());
    Files.writeString(header, "int x;\n");
    Files.writeString(source, "#include \"common/a.cuh\"\n");
    CudaSources small = new CudaSources(root);
    String before = small.hash(source, "-O3");
    assertFalse(before.equals(small.hash(source, "-O2")));
    Files.writeString(header, "int x;\r\n");
    assertEquals(before, small.hash(source, "-O3"), "line ends do not matter");
    Files.writeString(header, "int y;\n");
    assertFalse(before.equals(small.hash(source, "-O3")));
  }

  @Test
  void devicesGetTheNewestCodeThatTheyCanRun() {
    assertEquals(0, KernelManifest.architectureFor(70));
    assertEquals(75, KernelManifest.architectureFor(75));
    assertEquals(80, KernelManifest.architectureFor(89));
    assertEquals(90, KernelManifest.architectureFor(120));
  }
}
