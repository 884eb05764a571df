package talweg.cpu;

import java.util.Locale;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides between the kernels on the Vector API and the scalar ones. Classes that touch the API may
 * be loaded only after this has allowed it.
 */
final class VectorLookup {
  /** "false" switches the Vector API off. */
  static final String SWITCH = "talweg.cpu.vector";

  private static final Logger LOG = LoggerFactory.getLogger(CpuBackend.class);
  private static final String MODULE = "jdk.incubator.vector";

  private VectorLookup() {}

  /** Whether to use the Vector API; if not, logs why and what to do. */
  static boolean isUsable() {
    Optional<String> obstacle = obstacle();
    obstacle.ifPresent(reason -> LOG.warn("cpu: scalar kernels, several times slower: {}", reason));
    return obstacle.isEmpty();
  }

  /** Why the Vector API cannot be used. */
  static Optional<String> obstacle() {
    if (!Boolean.parseBoolean(System.getProperty(SWITCH, "true"))) {
      return Optional.of("the Vector API is switched off by -D" + SWITCH + "=false");
    }
    Module own = VectorLookup.class.getModule();
    if (ModuleLayer.boot().findModule(MODULE).filter(own::canRead).isEmpty()) {
      return Optional.of("module " + MODULE + " is missing; run java --add-modules " + MODULE);
    }
    // Without C2 every vector is an object.
    String mode = System.getProperty("java.vm.info", "");
    if (mode.contains("emulated-client") || mode.contains("interpreted")) {
      return Optional.of(
          "the JVM runs without its optimising compiler (%s); drop -Xint and -XX:TieredStopAtLevel"
              .formatted(mode));
    }
    return widthObstacle(System.getProperty("os.arch"), Lanes.preferredBits());
  }

  /** Kernels rely on fused multiply-add in hardware, which x86 processors have since AVX2. */
  static Optional<String> widthObstacle(String architecture, int bits) {
    int expected = architecture.equals("amd64") || architecture.equals("x86_64") ? 256 : 128;
    return bits >= expected
        ? Optional.empty()
        : Optional.of(
            String.format(Locale.ROOT, "vectors of %d bits, expected %d or more", bits, expected));
  }
}
