package talweg.nd4j;

import java.util.Locale;
import java.util.Optional;
import talweg.error.BackendUnavailableException;
import talweg.spi.Backend;
import talweg.spi.BackendProvider;
import talweg.spi.CallRecorder;
import talweg.spi.DeviceSpec;
import talweg.spi.NativeFiles;

/**
 * Offers ND4J, which is only used when asked for by name. Nothing here touches a class of ND4J
 * before {@link #open}: its start takes seconds, and it may be missing.
 */
public final class Nd4jProvider implements BackendProvider {
  /** Name by which the backend is asked for. */
  static final String NAME = "nd4j";

  private static final String CLASSES = "org/nd4j/linalg/cpu/nativecpu/CpuBackend.class";
  private static final String NATIVES = "org/nd4j/linalg/cpu/nativecpu/bindings/%s/%s";

  @Override
  public String name() {
    return NAME;
  }

  /** Slower to start than all others, and there for comparisons. */
  @Override
  public int rank() {
    return -2;
  }

  @Override
  public Optional<String> unavailableReason() {
    if (!isThere(CLASSES)) {
      return Optional.of(
          "ND4J is not on the class path; add org.nd4j:nd4j-native (bundles leave it out)");
    }
    String platform = NativeFiles.platform();
    String library = System.mapLibraryName("nd4jcpu");
    if (!isThere(String.format(Locale.ROOT, NATIVES, platform, library))) {
      return Optional.of(
          "ND4J is on the class path without its library for %s; add org.nd4j:nd4j-native with classifier %s, if there is one"
              .formatted(platform, platform));
    }
    return Optional.empty();
  }

  private static boolean isThere(String resource) {
    ClassLoader loader = Nd4jProvider.class.getClassLoader();
    return loader.getResource(resource) != null;
  }

  @Override
  public Backend open(DeviceSpec spec) {
    spec.requirePlain(NAME);
    try {
      return new CallRecorder(new Nd4jBackend(spec.threads()));
    } catch (LinkageError | RuntimeException e) {
      throw new BackendUnavailableException(
          "backend \"nd4j\": ND4J does not start: %s; its parts must be of one version, and its library (320 MB) must fit into the cache of JavaCPP, ~/.javacpp/cache"
              .formatted(root(e)),
          e);
    }
  }

  private static Throwable root(Throwable error) {
    return error.getCause() == null ? error : root(error.getCause());
  }
}
