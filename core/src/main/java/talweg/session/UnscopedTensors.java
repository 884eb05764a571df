package talweg.session;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where tensors of the outermost scope are made. They live as long as the session, so a loop
 * without a scope of its own fills the memory; the error then names the place. Only samples are
 * taken, and none of the first tensors, so that sound programs pay nothing.
 */
final class UnscopedTensors {
  /** Tensors of the outermost scope that a program has without leaking. */
  static final int USUAL = 512;

  private static final int SITES = 256;
  private static final StackWalker STACK =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  private final Map<String, Integer> sites = new HashMap<>();
  private int nextSample = USUAL;

  /** Called as a tensor is added. */
  void added(int tensors) {
    if (tensors >= nextSample) {
      // Distances from 1 to 32 that look random: loops of any length are sampled all over.
      nextSample = tensors + 1 + (tensors * 0x9E3779B9 >>> 27);
      String site = callSite();
      if (sites.size() < SITES || sites.containsKey(site)) {
        sites.merge(site, 1, Integer::sum);
      }
    }
  }

  /** The place that made the most of them, or an empty text if none is known. */
  String mostFrequent() {
    return sites.entrySet().stream()
        .filter(site -> !site.getKey().isEmpty())
        .max(
            Map.Entry.<String, Integer>comparingByValue()
                .thenComparing(Map.Entry.comparingByKey(Comparator.reverseOrder())))
        .map(Map.Entry::getKey)
        .orElse("");
  }

  /** The first method outside of this library, and what it called. */
  private static String callSite() {
    return STACK.walk(frames -> {
      StackWalker.StackFrame called = null;
      for (StackWalker.StackFrame frame : (Iterable<StackWalker.StackFrame>) frames::iterator) {
        Class<?> type = frame.getDeclaringClass();
        if (type.getProtectionDomain() == UnscopedTensors.class.getProtectionDomain()) {
          called = frame;
        } else if (called != null && !isOfTheJdk(type)) {
          return String.format(
              Locale.ROOT,
              "%s.%s called from %s:%d",
              called.getDeclaringClass().getSimpleName(),
              called.getMethodName(),
              frame.getFileName(),
              frame.getLineNumber());
        }
      }
      return "";
    });
  }

  private static boolean isOfTheJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }
}
