package talweg.cli;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * The JVM's standard error, as the launcher leaves it.
 *
 * <p>The launcher starts the JVM with a filter on standard error, which drops the JVM's line about
 * the incubating Vector API, and with the real standard error as another descriptor.
 */
final class StandardError {
  private StandardError() {}

  /**
   * Puts the real one back in its place, which ends the filter: what is written last is then out
   * before the JVM ends.
   */
  @SuppressWarnings("restricted") // the launcher allows native access
  static void restore() {
    Integer real = Integer.getInteger("talweg.stderr.restore");
    if (real == null) {
      return;
    }
    try {
      Linker linker = Linker.nativeLinker();
      MethodHandle dup2 =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("dup2"),
              FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
      int unused = (int) dup2.invokeExact(real.intValue(), 2);
    } catch (Throwable e) {
      // The filter stays, and passes everything on.
      System.getLogger("talweg.cli").log(System.Logger.Level.DEBUG, "standard error", e);
    }
  }
}
