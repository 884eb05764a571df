package talweg.cpu;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/**
 * The matrix products of OpenBLAS, called straight on Java arrays: the call is "critical", so that
 * the array stays in place without a copy.
 *
 * <p>The library is a private copy of the one in the openblas jar ({@link NativeFiles}). It is told
 * to use the calling thread only, because our own workers share the work; being private, that does
 * not reach another user of OpenBLAS in this JVM, such as ND4J.
 */
final class OpenBlas {
  private static final int ROW_MAJOR = 101;
  private static final int NO_TRANSPOSE = 111;
  private static final int TRANSPOSE = 112;
  private static final int MAX_CONFIG = 512;

  private final MethodHandle sgemm;
  private final MethodHandle dgemm;
  private final String version;

  private OpenBlas(MethodHandle sgemm, MethodHandle dgemm, String version) {
    this.sgemm = sgemm;
    this.dgemm = dgemm;
    this.version = version;
  }

  /**
   * Loads the library.
   *
   * @throws IOException if this platform's library is not on the class path or cannot be extracted
   * @throws IllegalArgumentException if the system cannot load it
   */
  @SuppressWarnings("restricted") // a native binding
  static OpenBlas load() throws IOException {
    Linker linker = Linker.nativeLinker();
    // Loaded for as long as the JVM lives: closing the arena would unload code that threads may
    // run.
    SymbolLookup library = null;
    for (Path file : NativeFiles.openBlas()) {
      library = SymbolLookup.libraryLookup(file, Arena.global());
    }
    MethodHandle setThreads =
        linker.downcallHandle(
            library.findOrThrow("openblas_set_num_threads"), FunctionDescriptor.ofVoid(JAVA_INT));
    MethodHandle config = text(linker, library, "openblas_get_config");
    MethodHandle core = text(linker, library, "openblas_get_corename");
    try {
      setThreads.invokeExact(1);
      MemorySegment version = (MemorySegment) config.invokeExact();
      MemorySegment kernels = (MemorySegment) core.invokeExact();
      return new OpenBlas(
          gemm(linker, library, "cblas_sgemm", JAVA_FLOAT),
          gemm(linker, library, "cblas_dgemm", JAVA_DOUBLE),
          version(string(version)) + " for " + string(kernels));
    } catch (Throwable e) {
      throw new IllegalArgumentException("OpenBLAS was loaded but does not answer: " + e, e);
    }
  }

  @SuppressWarnings("restricted") // a native binding
  private static MethodHandle text(Linker linker, SymbolLookup library, String name) {
    return linker.downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(ADDRESS));
  }

  @SuppressWarnings("restricted") // the library's own constant
  private static String string(MemorySegment text) {
    return text.reinterpret(MAX_CONFIG).getString(0);
  }

  /** The first two words of what the library says about itself. */
  private static String version(String config) {
    String[] words = config.split("\\s+", 3);
    return words.length < 2 ? config : words[0] + " " + words[1];
  }

  @SuppressWarnings("restricted") // a native binding
  private static MethodHandle gemm(
      Linker linker, SymbolLookup library, String name, MemoryLayout real) {
    return linker.downcallHandle(
        library.findOrThrow(name),
        FunctionDescriptor.ofVoid(
            JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, real, ADDRESS, JAVA_INT,
            ADDRESS, JAVA_INT, real, ADDRESS, JAVA_INT),
        Linker.Option.critical(true));
  }

  /**
   * Name, version and the processors whose kernels it uses, e.g. {@code OpenBLAS 0.3.31 for
   * Haswell}.
   */
  String version() {
    return version;
  }

  /**
   * {@code c = alpha * a * b + beta * c}; each of a and b has a unit stride in one direction, c
   * along its rows.
   */
  void multiply(double alpha, Matrix a, Matrix b, double beta, Matrix c) {
    int transA = a.columnStride() == 1 ? NO_TRANSPOSE : TRANSPOSE;
    int transB = b.columnStride() == 1 ? NO_TRANSPOSE : TRANSPOSE;
    int lda = leading(a);
    int ldb = leading(b);
    int ldc = leading(c);
    try {
      if (c.array() instanceof float[]) {
        sgemm.invokeExact(
            ROW_MAJOR,
            transA,
            transB,
            c.rows(),
            c.columns(),
            a.columns(),
            (float) alpha,
            segment(a),
            lda,
            segment(b),
            ldb,
            (float) beta,
            segment(c),
            ldc);
      } else {
        dgemm.invokeExact(
            ROW_MAJOR,
            transA,
            transB,
            c.rows(),
            c.columns(),
            a.columns(),
            alpha,
            segment(a),
            lda,
            segment(b),
            ldb,
            beta,
            segment(c),
            ldc);
      }
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("a native call does not throw", e);
    }
  }

  /**
   * The distance between rows (or, of a transposed matrix, columns); BLAS wants at least the width.
   */
  private static int leading(Matrix m) {
    return m.columnStride() == 1
        ? Math.max(m.rowStride(), Math.max(1, m.columns()))
        : Math.max(m.columnStride(), Math.max(1, m.rows()));
  }

  private static MemorySegment segment(Matrix m) {
    return m.array() instanceof float[] floats
        ? MemorySegment.ofArray(floats).asSlice((long) m.offset() * Float.BYTES)
        : MemorySegment.ofArray((double[]) m.array()).asSlice((long) m.offset() * Double.BYTES);
  }
}
