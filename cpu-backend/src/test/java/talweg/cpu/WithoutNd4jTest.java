package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import talweg.nd4j.Nd4jProvider;

/** The provider of ND4J where ND4J is missing, in part or as a whole, as in a bundle. */
class WithoutNd4jTest {
  @Test
  void itSaysWhatIsMissing() throws ReflectiveOperationException, IOException {
    assertTrue(reasonWithout("nd4j").orElseThrow().contains("add org.nd4j:nd4j-native"));
    String natives = "nd4j-native-[\\d.]+-M[\\d.]+-.+";
    assertTrue(reasonWithout(natives).orElseThrow().contains("with classifier"));
    assertEquals(new Nd4jProvider().unavailableReason(), reasonWithout("no such jar"));
  }

  /** What it says in a class loader of its own, which has not those jars. */
  private static Optional<String> reasonWithout(String jars)
      throws ReflectiveOperationException, IOException {
    try (URLClassLoader loader =
        new URLClassLoader(urls(jars), ClassLoader.getPlatformClassLoader())) {
      Class<?> provider = loader.loadClass("talweg.nd4j.Nd4jProvider");
      Object instance = provider.getConstructor().newInstance();
      Optional<?> reason = (Optional<?>) provider.getMethod("unavailableReason").invoke(instance);
      return reason.map(String.class::cast);
    }
  }

  private static URL[] urls(String without) throws MalformedURLException {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry);
      if (!path.getFileName().toString().matches(".*(" + without + ").*")) {
        urls.add(path.toUri().toURL());
      }
    }
    return urls.toArray(URL[]::new);
  }
}
