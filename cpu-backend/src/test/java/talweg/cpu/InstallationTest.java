package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.backend.Prerequisite;
import talweg.spi.NativeFiles;

/**
 * JVMs in which something is missing or damaged: one line in the log says what and what to do, and
 * results are right.
 */
class InstallationTest {
  private static final List<String> VECTOR = List.of("--add-modules", "jdk.incubator.vector");
  private static final String OPENBLAS = "org/bytedeco/openblas/linux-x86_64/";
  private static final String JAVA_PRODUCTS = "Java matrix products";

  @TempDir Path folder;

  /** What a JVM printed. */
  private record Output(String text) {
    List<String> warnings() {
      return text.lines().filter(line -> line.contains(" WARN talweg.")).toList();
    }

    /** The only warning, which contains all of that. */
    void warnsOf(String... parts) {
      assertEquals(1, warnings().size(), text);
      for (String part : parts) {
        assertTrue(warnings().getFirst().contains(part), text);
      }
    }

    Output requireRight(String products) {
      assertTrue(text.contains("product: right"), text);
      assertTrue(text.lines().anyMatch(l -> l.startsWith("device:") && l.contains(products)), text);
      return this;
    }
  }

  private Output run(List<String> options, String classPath, String... args) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-ea"));
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, Installation.class.getName()));
    command.addAll(List.of(args));
    Path log = folder.resolve("output.log");
    Process child =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      assertTrue(child.waitFor(60, TimeUnit.SECONDS), "still running");
      String text = Files.readString(log);
      assertEquals(0, child.exitValue(), text);
      return new Output(text);
    } finally {
      child.destroyForcibly();
    }
  }

  private Output run(String option) throws Exception {
    return run(
        List.of(VECTOR.get(0), VECTOR.get(1), option), System.getProperty("java.class.path"));
  }

  @Test
  void openBlasCanBeSwitchedOffWithoutAWord() throws Exception {
    Output output = run("-Dtalweg.cpu.openblas=false").requireRight(JAVA_PRODUCTS);
    assertEquals(List.of(), output.warnings());
  }

  @Test
  void aCacheThatCannotBeWritten() throws Exception {
    Path inTheWay = Files.writeString(folder.resolve("cache"), "a file");
    requireOpenBlas();
    run("-Dtalweg.cache=" + inTheWay)
        .requireRight(JAVA_PRODUCTS)
        .warnsOf("OpenBLAS is not used", inTheWay.toString(), "-Dtalweg.cache=FOLDER");
  }

  @Test
  void openBlasIsMissing() throws Exception {
    String without =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> !entry.contains("openblas"))
            .collect(Collectors.joining(File.pathSeparator));
    run(VECTOR, without)
        .requireRight(JAVA_PRODUCTS)
        .warnsOf("OpenBLAS is not used", "org.bytedeco:openblas with classifier");
  }

  @Test
  void openBlasIsDamaged() throws Exception {
    requireOpenBlas();
    unloadable("not a library".getBytes()).warnsOf("OpenBLAS is not used");
  }

  @Test
  void openBlasIsAnotherLibrary() throws Exception {
    requireOpenBlas();
    try (InputStream other = ClassLoader.getSystemResourceAsStream(OPENBLAS + "libgcc_s.so.1")) {
      Prerequisite.require(other != null, true, "libgcc_s.so.1 beside OpenBLAS");
      unloadable(other.readAllBytes()).warnsOf("OpenBLAS is not used", "openblas_");
    }
  }

  private static void requireOpenBlas() {
    Prerequisite.require(
        NativeFiles.platform().equals("linux-x86_64"), false, "OpenBLAS for Linux on x86-64");
  }

  /** A JVM that finds something else in OpenBLAS' place, and has a cache of its own. */
  private Output unloadable(byte[] library) throws Exception {
    Path file = folder.resolve("classes").resolve(OPENBLAS + "libopenblas.so.0");
    Files.createDirectories(file.getParent());
    Files.write(file, library);
    String classPath =
        folder.resolve("classes") + File.pathSeparator + System.getProperty("java.class.path");
    String cache = "-Dtalweg.cache=" + folder.resolve("cache");
    return run(List.of(VECTOR.get(0), VECTOR.get(1), cache), classPath).requireRight(JAVA_PRODUCTS);
  }

  @Test
  void theVectorApiIsSwitchedOff() throws Exception {
    run("-Dtalweg.cpu.vector=false")
        .requireRight("thread")
        .warnsOf("scalar kernels", "-Dtalweg.cpu.vector=false");
  }

  @Test
  void theIncubatorModuleIsAbsent() throws Exception {
    run(List.of(), System.getProperty("java.class.path"))
        .requireRight("thread")
        .warnsOf("scalar kernels", "run java --add-modules jdk.incubator.vector");
  }

  @Test
  void theHeapIsTooSmall() throws Exception {
    Output output =
        run(
            List.of(VECTOR.get(0), VECTOR.get(1), "-Xmx64m"),
            System.getProperty("java.class.path"),
            "200000000");
    output.requireRight("thread");
    assertTrue(
        output.text.contains("refused: cpu: out of memory: asked for 190.7 MiB"), output.text);
    assertTrue(output.text.contains("use smaller batches"), output.text);
    assertTrue(output.text.contains("-Xmx"), output.text);
  }
}
