package talweg.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
  void manifestListsTheEntriesOfEveryArchitecture() throws IOException {
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
  void everyEntryIsDeclaredWithTheTypesThatItsCodeHas() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Map.Entry<String, Path> module : sources.modules().entrySet()) {
      List<Declarations.Declaration> declarations = Declarations.of(sources, module.getValue());
      for (PtxFile.Entry entry :
          PtxFile.read(RESOURCES.resolve(module.getKey() + "_75.ptx")).entries()) {
        if (declarations.stream().noneMatch(declared -> agrees(declared, entry))) {
          wrong.add(module.getKey() + ": " + entry.name());
        }
      }
    }
    assertEquals(List.of(), wrong, "no declaration with these parameters");
  }

  private static boolean agrees(Declarations.Declaration declared, PtxFile.Entry entry) {
    boolean same =
        declared.name().matcher(entry.name()).matches()
            && declared.parameters().size() == entry.parameters().size();
    for (int i = 0; same && i < entry.parameters().size(); i++) {
      PtxFile.Parameter compiled = entry.parameters().get(i);
      same =
          switch (declared.parameters().get(i)) {
            case POINTER, I32, I64 ->
                compiled.kind() == 'u' && compiled.bytes() == declared.parameters().get(i).bytes();
            case F32, F64 ->
                compiled.kind() == 'f' && compiled.bytes() == declared.parameters().get(i).bytes();
            case LAYOUT -> compiled.kind() == 'b';
          };
    }
    return same;
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
