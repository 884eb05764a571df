package talweg.cpu;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.tensor.DType;

/**
 * Chooses who multiplies matrices: OpenBLAS where it can be loaded, else our own loops, with one
 * line in the log that says why. {@code -Dtalweg.cpu.openblas=false} chooses our own.
 */
final class MatrixProducts {
  private static final Logger LOG = LoggerFactory.getLogger(MatrixProducts.class);

  private MatrixProducts() {}

  /** Loaded with the first CPU session, and then for as long as the JVM lives, as libraries are. */
  private static final class Library {
    static final OpenBlas BLAS = load();

    private static OpenBlas load() {
      if (!Boolean.parseBoolean(System.getProperty("talweg.cpu.openblas", "true"))) {
        return null;
      }
      try {
        return OpenBlas.load();
      } catch (IOException | RuntimeException e) {
        // Such as: no file, one that is damaged or another library, no right to call natives.
        LOG.warn("cpu: OpenBLAS is not used, matrix products will be slower: {}", e.getMessage());
        return null;
      }
    }
  }

  /** Products of one element type, on OpenBLAS if it is there. */
  static Gemm of(DType dtype, GemmLoops<Object> loops, Workers workers) {
    Gemm own = new BlockedGemm(dtype, loops);
    return Library.BLAS == null ? own : new OpenBlasGemm(Library.BLAS, own, dtype, workers);
  }

  /** As {@link #of}, for one thread that shares nothing out. */
  static Gemm ofOneThread(DType dtype, GemmLoops<Object> loops) {
    return of(dtype, loops, null);
  }

  /** What multiplies matrices, for people. */
  static String description() {
    return Library.BLAS == null ? "Java matrix products" : Library.BLAS.version();
  }
}
