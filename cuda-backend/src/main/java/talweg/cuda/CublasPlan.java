package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * How cuBLASLt computes products of one shape: descriptors, made once, and the algorithms that it
 * suggests for them.
 */
final class CublasPlan implements AutoCloseable {
  /**
   * What a plan is for.
   *
   * @param alignment of all addresses, also that of the bias, in bytes
   */
  record Key(Product.Shape shape, int alignment, Product.Epilogue.Kind epilogue) {
    static Key of(Product.Shape shape, Product.Epilogue epilogue) {
      int alignment = (int) Long.lowestOneBit(shape.alignment() | epilogue.bias());
      return new Key(shape, alignment, epilogue.kind());
    }
  }

  /** Bytes of cublasLtMatmulHeuristicResult_t, which starts with the algorithm. */
  private static final int RESULT_BYTES = 96;

  private static final int RESULT_STATE = 72;

  private static final int DESC_TRANSA = 3;
  private static final int DESC_TRANSB = 4;
  private static final int DESC_EPILOGUE = 7;
  private static final int DESC_BIAS_POINTER = 8;
  private static final int LAYOUT_BATCH_COUNT = 5;
  private static final int LAYOUT_STRIDED_BATCH_OFFSET = 6;
  private static final int PREF_MAX_WORKSPACE_BYTES = 1;

  /** Of A, B, C and D: four attributes that follow one another. */
  private static final int PREF_MIN_ALIGNMENT_A_BYTES = 5;

  private static final int OPERANDS = 4;
  private static final int EPILOGUE_DEFAULT = 1;
  private static final int EPILOGUE_BIAS = 4;
  private static final int EPILOGUE_RELU_BIAS = 6;

  /** Sums over k of the library's second operand, which is our first. */
  private static final int EPILOGUE_BGRADB = 512;

  private final Cublas cublas;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment value = arena.allocate(JAVA_LONG);
  private final long desc;
  private final long layoutA;
  private final long layoutB;
  private final long layoutOut;
  private final MemorySegment results;
  private final int candidates;

  /** The first one that is valid, until another is chosen; -1 for none. */
  private int chosen = -1;

  /**
   * Asks for algorithms.
   *
   * @param most that are asked for
   */
  CublasPlan(Cublas cublas, long handle, Key key, long bias, long workspace, int most) {
    this.cublas = cublas;
    ColumnMajor call = ColumnMajor.of(key.shape);
    check(
        cublas.createDesc(value.address(), call.computeType(), call.scaleType()),
        "cublasLtMatmulDescCreate");
    desc = value.get(JAVA_LONG, 0);
    describe(DESC_TRANSA, call.transA());
    describe(DESC_TRANSB, call.transB());
    describe(DESC_EPILOGUE, epilogue(key.epilogue));
    if (bias != 0) {
      setBias(bias);
    }
    layoutA =
        layout(
            call, call.operandType(), call.transA(), call.m(), call.k(), call.lda(), call.stepA());
    layoutB =
        layout(
            call, call.operandType(), call.transB(), call.k(), call.n(), call.ldb(), call.stepB());
    layoutOut = layout(call, call.resultType(), 0, call.m(), call.n(), call.ldc(), call.stepC());
    results = arena.allocate((long) RESULT_BYTES * most, Long.BYTES);
    candidates = ask(handle, key.alignment, workspace, most);
    for (int i = candidates - 1; i >= 0; i--) {
      chosen = isValid(i) ? i : chosen;
    }
  }

  private static int epilogue(Product.Epilogue.Kind kind) {
    return switch (kind) {
      case NONE -> EPILOGUE_DEFAULT;
      case BIAS -> EPILOGUE_BIAS;
      case BIAS_RELU -> EPILOGUE_RELU_BIAS;
      case BIAS_GRADIENT -> EPILOGUE_BGRADB;
    };
  }

  private void describe(int attribute, int setting) {
    value.set(JAVA_INT, 0, setting);
    check(
        cublas.setDescAttribute(desc, attribute, value.address(), Integer.BYTES),
        "cublasLtMatmulDescSetAttribute");
  }

  private void setBias(long address) {
    value.set(JAVA_LONG, 0, address);
    check(
        cublas.setDescAttribute(desc, DESC_BIAS_POINTER, value.address(), Long.BYTES),
        "cublasLtMatmulDescSetAttribute");
  }

  /** The layout of an operand that is [rows, columns] once it was transposed as asked. */
  private long layout(
      ColumnMajor call, int type, int transposed, int rows, int columns, long ld, long step) {
    int stored = transposed == 0 ? rows : columns;
    check(
        cublas.createLayout(value.address(), type, stored, transposed == 0 ? columns : rows, ld),
        "cublasLtMatrixLayoutCreate");
    long layout = value.get(JAVA_LONG, 0);
    if (call.batch() > 1) {
      value.set(JAVA_INT, 0, call.batch());
      check(
          cublas.setLayoutAttribute(layout, LAYOUT_BATCH_COUNT, value.address(), Integer.BYTES),
          "cublasLtMatrixLayoutSetAttribute");
      value.set(JAVA_LONG, 0, step);
      check(
          cublas.setLayoutAttribute(
              layout, LAYOUT_STRIDED_BATCH_OFFSET, value.address(), Long.BYTES),
          "cublasLtMatrixLayoutSetAttribute");
    }
    return layout;
  }

  private int ask(long handle, int alignment, long workspace, int most) {
    check(cublas.createPreference(value.address()), "cublasLtMatmulPreferenceCreate");
    long preference = value.get(JAVA_LONG, 0);
    try {
      value.set(JAVA_LONG, 0, workspace);
      check(
          cublas.setPreferenceAttribute(
              preference, PREF_MAX_WORKSPACE_BYTES, value.address(), Long.BYTES),
          "cublasLtMatmulPreferenceSetAttribute");
      value.set(JAVA_INT, 0, alignment);
      for (int i = 0; i < OPERANDS; i++) {
        check(
            cublas.setPreferenceAttribute(
                preference, PREF_MIN_ALIGNMENT_A_BYTES + i, value.address(), Integer.BYTES),
            "cublasLtMatmulPreferenceSetAttribute");
      }
      value.set(JAVA_LONG, 0, 0);
      int status =
          cublas.getHeuristic(
              handle,
              desc,
              layoutA,
              layoutB,
              layoutOut,
              preference,
              most,
              results.address(),
              value.address());
      // An epilogue or layout that the library does not have is an error here, or no result.
      return status == Cublas.SUCCESS ? value.get(JAVA_INT, 0) : 0;
    } finally {
      cublas.destroy("cublasLtMatmulPreferenceDestroy", preference);
    }
  }

  /** Whether the library offers the product. */
  boolean isOffered() {
    return chosen >= 0;
  }

  /** How many algorithms there are to choose from, not all of them valid. */
  int candidates() {
    return candidates;
  }

  /** Whether a candidate passed the library's own checks. */
  boolean isValid(int candidate) {
    return results.get(JAVA_INT, (long) candidate * RESULT_BYTES + RESULT_STATE) == Cublas.SUCCESS;
  }

  /** Gives the product up: what was suggested does not run. */
  void withdraw() {
    chosen = -1;
  }

  void choose(int candidate) {
    chosen = candidate;
  }

  /**
   * Issues a product with the chosen algorithm.
   *
   * @param alpha address of the factor, in the scale type
   * @return the library's status
   */
  int run(CublasProducts.Resources with, Product p, long bias, long alpha, long beta) {
    if (bias != 0) {
      setBias(bias);
    }
    return cublas.matmul(
        with.light(),
        desc,
        alpha,
        p.b(),
        layoutA,
        p.a(),
        layoutB,
        beta,
        p.out(),
        layoutOut,
        results.address() + (long) chosen * RESULT_BYTES,
        with.workspace(),
        with.workspaceBytes(),
        with.stream());
  }

  private static void check(int status, String call) {
    Cublas.requireSuccess(status, call);
  }

  @Override
  public void close() {
    for (long layout : new long[] {layoutA, layoutB, layoutOut}) {
      cublas.destroy("cublasLtMatrixLayoutDestroy", layout);
    }
    cublas.destroy("cublasLtMatmulDescDestroy", desc);
    arena.close();
  }
}
