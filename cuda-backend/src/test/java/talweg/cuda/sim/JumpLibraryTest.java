package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.backend.Prerequisite;

/** The library is one that the dynamic linker takes, and its jumps go where they are told. */
@SuppressWarnings("restricted") // native calls are the point
class JumpLibraryTest {
  @BeforeAll
  static void needsTheMachineThatTheJumpsAreFor() {
    Prerequisite.skipIf(SimulatedCuda.missing());
  }

  @TempDir Path folder;

  private static int invoke(SymbolLookup library, String name) throws Throwable {
    MethodHandle call =
        Linker.nativeLinker()
            .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(ValueLayout.JAVA_INT));
    return (int) call.invokeExact();
  }

  @Test
  void functionsAnswerNotSupportedUntilTheTableIsFilled() throws Throwable {
    List<String> names = IntStream.range(0, 300).mapToObj(i -> "function_" + i).toList();
    Path file = folder.resolve("libjump.so");
    Files.write(file, JumpLibrary.write("libjump.so", names));
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup library = SymbolLookup.libraryLookup(file, arena);
      for (String name : names) {
        assertEquals(CuResult.NOT_SUPPORTED, invoke(library, name));
      }
      assertTrue(library.find("function_300").isEmpty());
      MemorySegment table = library.findOrThrow(JumpLibrary.TABLE).reinterpret(300 * 8L);
      MemorySegment getpid = Linker.nativeLinker().defaultLookup().findOrThrow("getpid");
      table.setAtIndex(ValueLayout.JAVA_LONG, 123, getpid.address());
      assertEquals(ProcessHandle.current().pid(), invoke(library, "function_123"));
      assertEquals(CuResult.NOT_SUPPORTED, invoke(library, "function_122"));
    }
  }

  @Test
  void undefinedSymbolsAreReadFromALibrary() throws IOException {
    try (var in = getClass().getResourceAsStream("/lib/libJCudaDriver-12.6.0-linux-x86_64.so")) {
      var names = ElfSymbols.undefined(in.readAllBytes(), "cu");
      assertTrue(names.contains("cuLaunchKernel") && names.contains("cuMemAlloc_v2"));
      assertEquals(312, names.size());
    }
  }
}
