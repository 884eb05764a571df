package talweg.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.function.IntSupplier;

/**
 * Columns of the terminal behind a file descriptor, asked for each time, as windows are resized.
 * Where the system has no answer, they are what {@code COLUMNS} says, or 80; where both answer, the
 * narrower counts, since a line that wraps cannot be redrawn.
 */
final class TerminalWidth implements IntSupplier {
  private static final int USUAL = 80;

  private final int descriptor;
  private final int told;
  private MethodHandle ioctl;
  private boolean looked;

  /** The terminal of a descriptor; nothing is looked up before it is asked for. */
  TerminalWidth(int descriptor) {
    this(descriptor, System.getenv("COLUMNS"));
  }

  /**
   * The terminal of a descriptor.
   *
   * @param told the variable {@code COLUMNS}, or null
   */
  TerminalWidth(int descriptor, String told) {
    this.descriptor = descriptor;
    this.told = told == null || !told.matches("[1-9][0-9]{0,4}") ? 0 : Integer.parseInt(told);
  }

  @SuppressWarnings("restricted")
  private void look() {
    looked = true;
    if (request() == 0) {
      return;
    }
    try {
      Linker linker = Linker.nativeLinker();
      ioctl =
          linker.downcallHandle(
              linker.defaultLookup().findOrThrow("ioctl"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.ADDRESS),
              Linker.Option.firstVariadicArg(2));
    } catch (RuntimeException | LinkageError e) {
      ioctl = null;
    }
  }

  /** TIOCGWINSZ, which the systems number differently; 0 where it is not known. */
  private static long request() {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    return system.contains("linux") ? 0x5413L : system.contains("mac") ? 0x40087468L : 0;
  }

  @Override
  public int getAsInt() {
    int own = ask();
    if (told == 0) {
      return own == 0 ? USUAL : own;
    }
    return own == 0 ? told : Math.min(own, told);
  }

  /** What the system says, or 0. */
  private int ask() {
    if (!looked) {
      look();
    }
    if (ioctl == null) {
      return 0;
    }
    try (Arena arena = Arena.ofConfined()) {
      // struct winsize: rows, columns, and both in pixels, each an unsigned short.
      MemorySegment size = arena.allocate(8, 2);
      int failed = (int) ioctl.invokeExact(descriptor, request(), size);
      return failed != 0 ? 0 : Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, 2));
    } catch (Throwable e) {
      ioctl = null;
      return 0;
    }
  }
}
