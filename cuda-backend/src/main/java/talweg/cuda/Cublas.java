package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The functions of cuBLAS and cuBLASLt that multiply, bound by java.lang.foreign; they have had the
 * same form from version 11 to 13. Pointers and handles travel as numbers. Methods return the
 * library's status unless they say otherwise.
 */
final class Cublas {
  /** Status of success. */
  static final int SUCCESS = 0;

  /** Status of a call for what this version cannot do on this device. */
  static final int NOT_SUPPORTED = 15;

  static final int ARCH_MISMATCH = 8;

  private static final ValueLayout.OfInt I = JAVA_INT;
  private static final ValueLayout.OfLong P = JAVA_LONG;

  private final MethodHandle setStream;
  private final MethodHandle setWorkspace;
  private final MethodHandle setMathMode;
  private final MethodHandle gemm;
  private final MethodHandle setDescAttribute;
  private final MethodHandle createLayout;
  private final MethodHandle setLayoutAttribute;
  private final MethodHandle createDesc;
  private final MethodHandle createPreference;
  private final MethodHandle setPreferenceAttribute;
  private final MethodHandle getHeuristic;
  private final MethodHandle matmul;
  private final SymbolLookup library;

  private Cublas(SymbolLookup library) {
    this.library = library;
    setStream = bind("cublasSetStream_v2", P, P);
    setWorkspace = bind("cublasSetWorkspace_v2", P, P, P);
    setMathMode = bind("cublasSetMathMode", P, I);
    gemm =
        bind(
            "cublasGemmStridedBatchedEx",
            P,
            I,
            I,
            I,
            I,
            I,
            P,
            P,
            I,
            I,
            P,
            P,
            I,
            I,
            P,
            P,
            P,
            I,
            I,
            P,
            I,
            I,
            I);
    createDesc = bind("cublasLtMatmulDescCreate", P, I, I);
    setDescAttribute = bind("cublasLtMatmulDescSetAttribute", P, I, P, P);
    createLayout = bind("cublasLtMatrixLayoutCreate", P, I, P, P, P);
    setLayoutAttribute = bind("cublasLtMatrixLayoutSetAttribute", P, I, P, P);
    createPreference = bind("cublasLtMatmulPreferenceCreate", P);
    setPreferenceAttribute = bind("cublasLtMatmulPreferenceSetAttribute", P, I, P, P);
    getHeuristic = bind("cublasLtMatmulAlgoGetHeuristic", P, P, P, P, P, P, P, I, P, P);
    matmul = bind("cublasLtMatmul", P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, P);
  }

  /**
   * Loads a library by its name or file.
   *
   * @throws IllegalArgumentException with the linker's reason if it cannot be loaded
   * @throws java.util.NoSuchElementException if it lacks a function
   */
  @SuppressWarnings("restricted") // a native binding
  static Cublas load(String name) {
    // For as long as the JVM lives: the library has threads and device memory of its own.
    Arena forever = Arena.global();
    if (!name.contains("/") && !name.contains("\\")) {
      return new Cublas(
          SymbolLookup.libraryLookup(name, forever)
              .or(SymbolLookup.libraryLookup(light(name), forever)));
    }
    Path file = Path.of(name);
    Path light = file.resolveSibling(light(file.getFileName().toString()));
    if (!Files.isRegularFile(light)) {
      return new Cublas(SymbolLookup.libraryLookup(file, forever));
    }
    // Loaded first, it answers to the name by which cuBLAS asks the linker for it.
    SymbolLookup first = SymbolLookup.libraryLookup(light, forever);
    return new Cublas(SymbolLookup.libraryLookup(file, forever).or(first));
  }

  /** The library of cuBLASLt that belongs to one of cuBLAS. */
  private static String light(String name) {
    return name.replaceFirst("cublas", "cublasLt");
  }

  @SuppressWarnings("restricted") // a native binding
  private MethodHandle bind(String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /** A new handle; {@code name} is cublasCreate_v2 or cublasLtCreate. */
  long create(String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(JAVA_LONG);
      requireSuccess((int) bind(name, P).invokeExact(result.address()), name);
      return result.get(JAVA_LONG, 0);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Gives an object back; errors are of no interest any more. */
  void destroy(String name, long handle) {
    try {
      int _ = (int) bind(name, P).invokeExact(handle);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** The version as MAJOR * 10000 + MINOR * 100 + PATCH. */
  int version(long handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment result = arena.allocate(JAVA_INT);
      int status = (int) bind("cublasGetVersion_v2", P, P).invokeExact(handle, result.address());
      requireSuccess(status, "cublasGetVersion");
      return result.get(JAVA_INT, 0);
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setStream(long handle, long stream) {
    try {
      return (int) setStream.invokeExact(handle, stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setWorkspace(long handle, long address, long bytes) {
    try {
      return (int) setWorkspace.invokeExact(handle, address, bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setMathMode(long handle, int mode) {
    try {
      return (int) setMathMode.invokeExact(handle, mode);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** cublasGemmStridedBatchedEx of what {@code call} says. */
  int gemm(long handle, ColumnMajor call, long alpha, long beta, Product p) {
    try {
      return (int)
          gemm.invokeExact(
              handle,
              call.transA(),
              call.transB(),
              call.m(),
              call.n(),
              call.k(),
              alpha,
              p.b(),
              call.operandType(),
              (int) call.lda(),
              call.stepA(),
              p.a(),
              call.operandType(),
              (int) call.ldb(),
              call.stepB(),
              beta,
              p.out(),
              call.resultType(),
              (int) call.ldc(),
              call.stepC(),
              call.batch(),
              call.computeType(),
              ColumnMajor.DEFAULT_ALGORITHM);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int createDesc(long result, int computeType, int scaleType) {
    try {
      return (int) createDesc.invokeExact(result, computeType, scaleType);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setDescAttribute(long desc, int attribute, long value, long bytes) {
    try {
      return (int) setDescAttribute.invokeExact(desc, attribute, value, bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int createLayout(long result, int type, long rows, long columns, long ld) {
    try {
      return (int) createLayout.invokeExact(result, type, rows, columns, ld);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setLayoutAttribute(long layout, int attribute, long value, long bytes) {
    try {
      return (int) setLayoutAttribute.invokeExact(layout, attribute, value, bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int createPreference(long result) {
    try {
      return (int) createPreference.invokeExact(result);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  int setPreferenceAttribute(long preference, int attribute, long value, long bytes) {
    try {
      return (int) setPreferenceAttribute.invokeExact(preference, attribute, value, bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Algorithms for a product, the most promising first.
   *
   * @param results address of room for so many results
   * @param count where their number is written
   */
  int getHeuristic(
      long handle,
      long desc,
      long a,
      long b,
      long c,
      long preference,
      int requested,
      long results,
      long count) {
    try {
      return (int)
          getHeuristic.invokeExact(handle, desc, a, b, c, c, preference, requested, results, count);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** cublasLtMatmul with the result in the place of C. */
  int matmul(
      long handle,
      long desc,
      long alpha,
      long a,
      long layoutA,
      long b,
      long layoutB,
      long beta,
      long c,
      long layoutC,
      long algorithm,
      long workspace,
      long workspaceBytes,
      long stream) {
    try {
      return (int)
          matmul.invokeExact(
              handle,
              desc,
              alpha,
              a,
              layoutA,
              b,
              layoutB,
              beta,
              c,
              layoutC,
              c,
              layoutC,
              algorithm,
              workspace,
              workspaceBytes,
              stream);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Throws if a call failed. */
  static void requireSuccess(int status, String call) {
    if (status != SUCCESS) {
      throw new talweg.error.BackendException(
          String.format(
              Locale.ROOT, "matmul: %s: %s (%d)%s", call, name(status), status, advice(status)));
    }
  }

  private static String name(int status) {
    return switch (status) {
      case 1 -> "CUBLAS_STATUS_NOT_INITIALIZED";
      case 3 -> "CUBLAS_STATUS_ALLOC_FAILED";
      case 7 -> "CUBLAS_STATUS_INVALID_VALUE";
      case 8 -> "CUBLAS_STATUS_ARCH_MISMATCH";
      case 11 -> "CUBLAS_STATUS_MAPPING_ERROR";
      case 13 -> "CUBLAS_STATUS_EXECUTION_FAILED";
      case 14 -> "CUBLAS_STATUS_INTERNAL_ERROR";
      case 15 -> "CUBLAS_STATUS_NOT_SUPPORTED";
      case 16 -> "CUBLAS_STATUS_LICENSE_ERROR";
      default -> "unknown status";
    };
  }

  private static String advice(int status) {
    return switch (status) {
      case 1 -> "; no GPU, or a driver too old for this version of cuBLAS";
      case 3 -> "; out of device memory: use a smaller batch";
      case 8 -> "; this version of cuBLAS does not know this GPU: install a newer or older one";
      case 13, 14 -> "; run again with -Dtalweg.cuda.sync=true to see what failed before it";
      default -> "";
    };
  }

  private static AssertionError unexpected(Throwable e) {
    return new AssertionError("a native call does not throw", e);
  }
}
