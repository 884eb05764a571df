package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.backend.Prerequisite;
import talweg.tensor.DType;

/** Both matrix products against a plain sum, on shapes and layouts of every kind. */
class OpenBlasGemmTest {
  private static final long SEED = 20_261_122;
  private static OpenBlas blas;

  @BeforeAll
  static void load() {
    try {
      blas = OpenBlas.load();
    } catch (IOException e) {
      // Stays null on a platform for which there is no library.
    }
  }

  private static void requireOpenBlas() {
    Prerequisite.require(blas != null, Prerequisite.isLinuxOnAmd64(), "OpenBLAS is not loaded");
  }

  @ParameterizedTest(name = "{0}x{1}x{2}, layouts {3}, seed " + SEED)
  @CsvSource({
    "1, 1, 1, rrr",
    "5, 7, 3, rrr",
    "5, 7, 3, crr",
    "5, 7, 3, rcr",
    "5, 7, 3, ccc",
    "5, 7, 3, ssr",
    "5, 7, 3, rrs",
    "33, 129, 65, rcr",
    "64, 300, 10, crr",
    "1, 784, 128, rcr",
    "200, 400, 700, rrr",
    "700, 400, 200, ccr"
  })
  void agreesWithAPlainSum(int m, int k, int n, String layouts) {
    requireOpenBlas();
    for (double beta : new double[] {0, 0.5}) {
      Problem problem = new Problem(m, k, n, layouts);
      double[] expected = problem.expected(1.5, beta);
      try (Workers workers = new Workers(2)) {
        assertClose(expected, problem.run(openBlas(workers), 1.5, beta), k);
      }
      assertClose(expected, problem.run(own(), 1.5, beta), k);
    }
  }

  @ParameterizedTest(name = "{0}x{1}x{2}, seed " + SEED)
  @CsvSource({"128, 784, 512", "512, 128, 784", "1000, 1000, 130", "32, 784, 128"})
  void theNumberOfWorkersDoesNotShow(int m, int k, int n) {
    requireOpenBlas();
    Problem problem = new Problem(m, k, n, "rcr");
    float[] one = run(problem, 1);
    assertArrayEquals(one, run(problem, 2));
    assertArrayEquals(one, run(problem, 5));
  }

  @Test
  void theLibraryBearsAPrivateName() throws IOException {
    requireOpenBlas();
    for (Path file : OpenBlasFiles.unpacked()) {
      assertFalse(file.getFileName().toString().contains("openblas"), file::toString);
    }
    assertEquals("OpenBLAS", blas.version().split(" ")[0]);
  }

  @Test
  void variablesMeantForOtherCopiesAreNotRead() throws IOException {
    requireOpenBlas();
    byte[] library = Files.readAllBytes(OpenBlasFiles.unpacked().getLast());
    String text = new String(library, StandardCharsets.ISO_8859_1);
    assertFalse(text.contains("OPENBLAS_CORETYPE"));
    assertTrue(text.contains("TALWEGOB_CORETYPE"));
  }

  private static float[] run(Problem problem, int threads) {
    try (Workers workers = new Workers(threads)) {
      return problem.run(openBlas(workers), 1, 0);
    }
  }

  private static Gemm openBlas(Workers workers) {
    return new OpenBlasGemm(blas, own(), DType.F32, workers);
  }

  @SuppressWarnings("unchecked")
  private static Gemm own() {
    GemmLoops<?> loops = new FloatGemmLoops();
    return new BlockedGemm(DType.F32, (GemmLoops<Object>) loops);
  }

  private static void assertClose(double[] expected, float[] actual, int k) {
    assertEquals(expected.length, actual.length);
    double scale = Math.sqrt(k);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 4e-6 * scale, "element " + i);
    }
  }

  /** Random operands; layouts are r (rows dense), c (columns dense) or s (neither). */
  private static final class Problem {
    private final Random random = new Random(SEED);
    private final Matrix a;
    private final Matrix b;
    private final Matrix c;

    Problem(int m, int k, int n, String layouts) {
      a = matrix(m, k, layouts.charAt(0));
      b = matrix(k, n, layouts.charAt(1));
      c = matrix(m, n, layouts.charAt(2));
    }

    private Matrix matrix(int rows, int columns, char layout) {
      int gap = layout == 's' ? 2 : 1;
      float[] array = new float[3 + gap * rows * columns];
      for (int i = 0; i < array.length; i++) {
        array[i] = random.nextFloat() * 2 - 1;
      }
      return layout == 'c'
          ? new Matrix(array, 3, rows, columns, 1, rows)
          : new Matrix(array, 3, rows, columns, gap * columns, gap);
    }

    /** The result in row-major order; the stored c stays as it was. */
    float[] run(Gemm gemm, double alpha, double beta) {
      float[] array = ((float[]) c.array()).clone();
      Matrix out =
          new Matrix(array, c.offset(), c.rows(), c.columns(), c.rowStride(), c.columnStride());
      gemm.multiply(alpha, a, b, beta, out);
      float[] result = new float[c.rows() * c.columns()];
      for (int i = 0; i < result.length; i++) {
        result[i] = array[out.at(i / c.columns(), i % c.columns())];
      }
      return result;
    }

    double[] expected(double alpha, double beta) {
      double[] result = new double[c.rows() * c.columns()];
      for (int i = 0; i < c.rows(); i++) {
        for (int j = 0; j < c.columns(); j++) {
          double sum = 0;
          for (int l = 0; l < a.columns(); l++) {
            sum += (double) at(a, i, l) * at(b, l, j);
          }
          result[i * c.columns() + j] = alpha * sum + beta * at(c, i, j);
        }
      }
      return result;
    }

    private static float at(Matrix m, int i, int j) {
      return ((float[]) m.array())[m.at(i, j)];
    }
  }
}
