package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import talweg.backend.Prerequisite;

/**
 * A cuBLAS that computes on the simulated device, compiled from {@code stubblas.c} where a C
 * compiler is there; tests that need it are skipped elsewhere, and say so.
 */
@SuppressWarnings("restricted") // native calls are the point
final class StubCublas {
  private static final Path FOLDER = Path.of("target", "stubblas");
  private static final String SOURCE = "stubblas.c";

  private final Path file;
  private final SymbolLookup library;

  private StubCublas(Path file) {
    this.file = file;
    this.library = SymbolLookup.libraryLookup(file, Arena.global());
  }

  /**
   * Compiles and loads one, on the driver that the property names.
   *
   * @param major its version, 11 to 13
   */
  static StubCublas load(int major) {
    Prerequisite.skipIf(missing());
    StubCublas stub = new StubCublas(compile(major));
    String driver = System.getProperty(DriverLibrary.PROPERTY);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment path = arena.allocateFrom(driver);
      int status = (int) stub.call("stub_use_driver", JAVA_INT, path.address());
      if (status != 0) {
        throw new IllegalStateException("the stub does not find the driver " + driver);
      }
    }
    return stub;
  }

  /** Why there is no stub on this machine, if so. */
  static Optional<String> missing() {
    try {
      int status =
          new ProcessBuilder("gcc", "--version")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor();
      return status == 0
          ? Optional.empty()
          : Optional.of("cuBLAS's stub for tests needs gcc, which ends with " + status);
    } catch (IOException e) {
      return Optional.of("cuBLAS's stub for tests needs gcc: " + e.getMessage());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Path compile(int major) {
    String name = "libcublas.so." + major;
    try {
      Path folder = Files.createDirectories(FOLDER.toAbsolutePath().resolve("v" + major));
      Path file = folder.resolve(name);
      Path source = folder.resolve(SOURCE);
      byte[] text;
      try (InputStream in = StubCublas.class.getResourceAsStream(SOURCE)) {
        text = in.readAllBytes();
      }
      if (Files.exists(file) && java.util.Arrays.equals(text, Files.readAllBytes(source))) {
        return file;
      }
      Files.write(source, text);
      // JCublas asks for symbols of this version node.
      Path versions =
          Files.writeString(
              folder.resolve("versions.map"), name + " { global: cublas*; stub_*; local: *; };\n");
      run(
          List.of(
              "gcc",
              "-O2",
              "-shared",
              "-fPIC",
              "-DVERSION=" + (major * 10000 + 102),
              "-Wl,-soname," + name,
              "-Wl,--version-script," + versions,
              source.toString(),
              "-o",
              file.toString(),
              "-ldl"));
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    try {
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", command) + "\n" + output);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The library, as a file. */
  Path file() {
    return file;
  }

  /** Calls one of the stub's own functions, all of whose parameters are numbers. */
  private Object call(String name, ValueLayout result, Object... arguments) {
    List<MemoryLayout> layouts = new ArrayList<>();
    for (Object argument : arguments) {
      layouts.add(argument instanceof Long ? JAVA_LONG : JAVA_INT);
    }
    MemoryLayout[] parameters = layouts.toArray(MemoryLayout[]::new);
    FunctionDescriptor type =
        result == null
            ? FunctionDescriptor.ofVoid(parameters)
            : FunctionDescriptor.of(result, parameters);
    try {
      return Linker.nativeLinker()
          .downcallHandle(library.findOrThrow(name), type)
          .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException(name, e);
    }
  }

  /** A count that the stub keeps, e.g. {@code light_calls}. */
  long count(String what) {
    return (long) call("stub_" + what, JAVA_LONG);
  }

  /** What the last product was computed in, or from: {@code last_compute}, {@code last_operand}. */
  int last(String what) {
    return (int) call("stub_last_" + what, JAVA_INT);
  }

  /** Lets the heuristic refuse epilogues, or everything. */
  void refuse(boolean epilogues, boolean everything) {
    call("stub_refuse", null, epilogues ? 1 : 0, everything ? 1 : 0);
  }

  /** Lets the next product fail. */
  void failNext(int status) {
    call("stub_fail_next", null, status);
  }
}
