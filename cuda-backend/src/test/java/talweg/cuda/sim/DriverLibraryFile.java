package talweg.cuda.sim;

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
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The simulated driver as a file that native code can load. Its functions jump to upcalls, which go
 * on to the device that is in use at the time. One for each JVM: a library cannot be unloaded.
 */
@SuppressWarnings("restricted") // native calls are the point
final class DriverLibraryFile {
  /** The property that names the driver to load. */
  static final String PROPERTY = "talweg.cuda.driver";

  private static final String SONAME = "libcuda.so.1";
  private static final String JCUDA = "lib/libJCudaDriver-12.6.0-linux-x86_64.so";

  private final Path file;
  private Dispatch dispatch;

  /** Writes and loads the library. */
  DriverLibraryFile(Path folder) {
    Map<String, Method> methods = functions();
    Set<String> names = new TreeSet<>(importedByJCuda());
    names.addAll(methods.keySet());
    List<String> functions = List.copyOf(names);
    try {
      file = Files.createTempDirectory(Files.createDirectories(folder), "driver").resolve(SONAME);
      Files.write(file, JumpLibrary.write(SONAME, functions));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    file.toFile().deleteOnExit();
    file.getParent().toFile().deleteOnExit();
    SymbolLookup library = SymbolLookup.libraryLookup(file, Arena.global());
    MemorySegment table = library.findOrThrow(JumpLibrary.TABLE).reinterpret(functions.size() * 8L);
    for (int i = 0; i < functions.size(); i++) {
      Method method = methods.get(functions.get(i));
      if (method != null) {
        table.setAtIndex(ValueLayout.JAVA_LONG, i, upcall(method).address());
      }
    }
  }

  /** The file, for the property that names the driver. */
  Path file() {
    return file;
  }

  /** From now on calls go to this device. */
  void serve(SimulatedGpu gpu) {
    dispatch = new Dispatch(gpu);
  }

  private static Map<String, Method> functions() {
    Map<String, Method> methods = new TreeMap<>();
    for (Class<?> family : Dispatch.FAMILIES) {
      for (Method method : family.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Rule.class)) {
          methods.put(method.getName(), method);
        }
      }
    }
    return methods;
  }

  private static Set<String> importedByJCuda() {
    try (InputStream in = DriverLibraryFile.class.getClassLoader().getResourceAsStream(JCUDA)) {
      if (in == null) {
        throw new IllegalStateException(JCUDA + " is not on the class path");
      }
      return ElfSymbols.undefined(in.readAllBytes(), "cu");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private MemorySegment upcall(Method method) {
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      MethodHandle call =
          lookup.findVirtual(
              DriverLibraryFile.class,
              "call",
              MethodType.methodType(int.class, Method.class, Object[].class));
      MethodType type = MethodType.methodType(int.class, method.getParameterTypes());
      MethodHandle target =
          MethodHandles.insertArguments(call, 0, this, method)
              .asCollector(Object[].class, type.parameterCount())
              .asType(type);
      List<MemoryLayout> layouts = new ArrayList<>();
      for (Class<?> parameter : method.getParameterTypes()) {
        layouts.add(
            parameter == long.class
                ? ValueLayout.JAVA_LONG
                : parameter == int.class ? ValueLayout.JAVA_INT : ValueLayout.JAVA_BYTE);
      }
      FunctionDescriptor descriptor =
          FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts.toArray(MemoryLayout[]::new));
      return Linker.nativeLinker().upcallStub(target, descriptor, Arena.global());
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(method.toString(), e);
    }
  }

  /** Where all upcalls arrive. Nothing may escape from here: it would end the JVM. */
  private synchronized int call(Method method, Object[] arguments) {
    try {
      return dispatch.call(method, arguments);
    } catch (Throwable e) {
      e.printStackTrace();
      return CuResult.UNKNOWN;
    }
  }
}
