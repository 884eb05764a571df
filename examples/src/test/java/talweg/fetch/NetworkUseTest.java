package talweg.fetch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing but {@code talweg.fetch} uses the network. */
class NetworkUseTest {
  private static final List<String> MODULES =
      List.of("core", "kernels", "cpu-backend", "cuda-backend", "examples");

  /** Types through which Java reaches the network, and those by which it could be told to. */
  private static final Pattern NETWORK =
      Pattern.compile(
          "java/net/(?!URI\\b|URISyntaxException\\b)[\\w/$]+"
              + "|java/nio/channels/\\w*(?:Socket|Datagram|Multicast|Network)\\w*"
              + "|java/nio/channels/spi/SelectorProvider"
              + "|javax/net/[\\w/$]+|java/rmi/[\\w/$]+|javax/naming/[\\w/$]+"
              + "|sun/net/[\\w/$]+|com/sun/net/[\\w/$]+");

  /** Ask where a class or resource lies, or read one of a jar that is not to be kept open. */
  private static final Map<String, Set<String>> NOT_THE_NETWORK =
      Map.of(
          "talweg/spi/NativeFiles", Set.of("java/net/URL", "java/net/URLConnection"),
          "talweg/nd4j/Nd4jProvider", Set.of("java/net/URL"),
          "talweg/cli/Machine", Set.of("java/net/URL"));

  @TempDir Path folder;

  @Test
  void noOtherClassRefersToIt() throws IOException {
    Map<String, Set<String>> users = new TreeMap<>();
    int scanned = 0;
    for (Path file : classes()) {
      ClassModel model = ClassFile.of().parse(file);
      scanned++;
      Set<String> used = networkTypes(model);
      String name = model.thisClass().asInternalName();
      used.removeAll(NOT_THE_NETWORK.getOrDefault(name, Set.of()));
      if (!used.isEmpty()) {
        users.put(name, used);
      }
    }
    assertTrue(scanned > 300, "scanned only " + scanned);
    assertTrue(users.containsKey("talweg/fetch/Transfer"), "the scan finds nothing");
    users.keySet().removeIf(name -> name.startsWith("talweg/fetch/"));
    assertEquals(Map.of(), users);
  }

  private static List<Path> classes() throws IOException {
    Path root = Path.of("").toAbsolutePath();
    while (!Files.exists(root.resolve("ARCHITECTURE.md"))) {
      root = root.getParent();
    }
    List<Path> classes = new ArrayList<>();
    for (String module : MODULES) {
      Path output = root.resolve(module).resolve("target/classes");
      if (Files.isDirectory(output)) {
        try (Stream<Path> files = Files.walk(output)) {
          files.filter(file -> file.toString().endsWith(".class")).forEach(classes::add);
        }
      } else {
        assertEquals("kernels", module, output + " is missing");
      }
    }
    return classes;
  }

  private static Set<String> networkTypes(ClassModel model) {
    Set<String> types = new TreeSet<>();
    for (PoolEntry entry : model.constantPool()) {
      if (entry instanceof Utf8Entry text) {
        // Names for reflection have dots.
        Matcher matcher = NETWORK.matcher(text.stringValue().replace('.', '/'));
        while (matcher.find()) {
          types.add(matcher.group());
        }
      }
    }
    return types;
  }

  @Test
  void trainingNeedsNone() throws IOException, InterruptedException {
    Run train =
        Run.of(folder, "train", "--epochs", "1", "--backend", "cpu", "--out", folder.toString());
    assertEquals(0, train.exitCode, train.output);
    assertTrue(train.output.contains("done"), train.output);
    assertFalse(train.output.contains(WithoutNetwork.REFUSED), train.output);
    assertTrue(Files.exists(folder.resolve("model.safetensors")));
  }

  /** That also shows that the barrier of the other test holds. */
  @Test
  void fetchWithoutANetworkSaysWhatItTried() throws IOException, InterruptedException {
    Run fetch = Run.of(folder, "fetch", "mnist", "--to", folder.resolve("mnist").toString());
    assertEquals(74, fetch.exitCode, fetch.output);
    assertTrue(fetch.output.contains("train-images-idx3-ubyte.gz: could not be"), fetch.output);
    for (String mirror : List.of("storage.googleapis.com", "ossci-datasets")) {
      assertTrue(fetch.output.contains(mirror), fetch.output);
    }
    assertTrue(fetch.output.contains(WithoutNetwork.REFUSED), fetch.output);
    try (Stream<Path> left = Files.list(folder.resolve("mnist"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  /** The command line in a JVM that has no network. */
  private record Run(int exitCode, String output) {
    static Run of(Path folder, String... args) throws IOException, InterruptedException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(
          List.of(
              "--add-modules",
              "jdk.incubator.vector",
              "--enable-native-access=ALL-UNNAMED",
              "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
              "-XX:TieredStopAtLevel=1",
              "-Djava.nio.channels.spi.SelectorProvider=" + WithoutNetwork.Provider.class.getName(),
              // Plain sockets would go by a proxy that is not there, and no name has an address.
              "-DsocksProxyHost=127.0.0.1",
              "-DsocksProxyPort=1",
              "-Djdk.net.hosts.file=" + Files.writeString(folder.resolve("hosts"), "# none\n"),
              "-cp",
              System.getProperty("java.class.path"),
              WithoutNetwork.class.getName()));
      command.addAll(List.of(args));
      Path log = folder.resolve("output.log");
      Process child =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      try {
        assertTrue(child.waitFor(120, TimeUnit.SECONDS), "still running");
        return new Run(child.exitValue(), Files.readString(log, StandardCharsets.UTF_8));
      } finally {
        child.destroyForcibly();
      }
    }
  }
}
