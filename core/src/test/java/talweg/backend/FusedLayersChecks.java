package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.error.ShapeException;
import talweg.op.FusedActivation;
import talweg.op.FusedOp;
import talweg.reference.ReferenceBackend;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/**
 * Each fused operation against the composition that defines it, on the reference: values and
 * gradients.
 */
public abstract class FusedLayersChecks {
  private static final long SEED = 20_261_122;

  private final Supplier<Backend> backends;
  private Session session;

  protected FusedLayersChecks(Supplier<Backend> backends) {
    this.backends = backends;
  }

  @BeforeEach
  void open() {
    session = new Session(backends.get());
  }

  @AfterEach
  void close() {
    session.close();
  }

  /** The operations in all their variants. */
  protected static Stream<FusedOp> operations() {
    Stream<FusedOp> linear =
        Arrays.stream(FusedActivation.values()).map(FusedOp.LinearActivation::new);
    Stream<FusedOp> others =
        Stream.of(
            new FusedOp.SoftmaxCrossEntropy(0, false),
            new FusedOp.SoftmaxCrossEntropy(0.2, false),
            new FusedOp.SoftmaxCrossEntropy(0, true),
            new FusedOp.SoftmaxCrossEntropy(0.2, true),
            new FusedOp.LayerNorm(1e-5),
            new FusedOp.BatchNorm(1e-5));
    return Stream.concat(linear, others);
  }

  /**
   * Small; many rows; long rows. Backends share these out among their threads in different ways.
   */
  private static int[][] sizes(FusedOp op) {
    return switch (op) {
      case FusedOp.LinearActivation _ -> new int[][] {{5, 7, 3}, {600, 2, 37}, {33, 3, 264}};
      case FusedOp.SoftmaxCrossEntropy _ -> new int[][] {{4, 6}, {70, 33}, {3, 1500}};
      case FusedOp.LayerNorm _ -> new int[][] {{4, 9}, {600, 5}, {3, 1500}};
      case FusedOp.BatchNorm _ -> new int[][] {{4, 3, 5}, {600, 37, 1}, {3, 2, 1500}};
    };
  }

  static Stream<Arguments> everyCase() {
    return operations()
        .flatMap(op ->
            Arrays.stream(sizes(op))
                .flatMap(size ->
                    Stream.of(DType.F32, DType.F64).map(type -> Arguments.of(op, type, size))));
  }

  @ParameterizedTest(name = "{0} {1} {2}, seed " + SEED)
  @MethodSource("everyCase")
  void agreesWithItsComposition(FusedOp op, DType dtype, int[] size) {
    assertTrue(session.backend().supports(op.call()));
    List<double[]> fused = valueAndGradients(session, op, dtype, size, true);
    try (Session reference = new Session(new ReferenceBackend())) {
      List<double[]> composed = valueAndGradients(reference, op, dtype, size, false);
      assertEquals(composed.size(), fused.size());
      for (int i = 0; i < fused.size(); i++) {
        int number = i;
        UpdateProblem.assertScaled(
            composed.get(i),
            fused.get(i),
            dtype == DType.F32 ? 5e-6 : 1e-12,
            () -> op + " of " + Arrays.toString(size) + ", result " + number);
      }
    }
  }

  @Test
  void aClassOutOfRangeIsNamed() {
    Tensor logits = session.zeros(DType.F32, 2, 3);
    Tensor classes = session.tensor(new int[] {1, 3}, 2);
    ShapeException error =
        assertThrows(
            ShapeException.class,
            () ->
                Fusion.apply(new FusedOp.SoftmaxCrossEntropy(0, true), logits, classes)
                    .toDoubles());
    assertTrue(error.getMessage().contains("class 3"), error.getMessage());
  }

  /**
   * The value of each of two passes; then the gradients accumulated over them, and what batch norm
   * left as its statistics.
   */
  private static List<double[]> valueAndGradients(
      Session session, FusedOp op, DType dtype, int[] size, boolean fused) {
    List<Tensor> in = operands(session, op, dtype, size);
    differentiable(op, in).forEach(Tensor::requireGrad);
    List<double[]> results = new ArrayList<>();
    for (int pass = 0; pass < 2; pass++) {
      Tensor[] array = in.toArray(Tensor[]::new);
      Tensor y = fused ? Fusion.apply(op, array) : Fusion.composed(op, array);
      Random random = new Random(SEED + 1 + pass);
      y.backward(normals(session, random, dtype, y.shape().dims()));
      results.add(y.toDoubles());
    }
    in.stream()
        .filter(t -> t.dtype().isFloating())
        .map(t -> t.requiresGrad() ? t.grad() : t)
        .forEach(t -> results.add(t.toDoubles()));
    return results;
  }

  /** All real operands, but for the statistics of batch norm, which it writes. */
  protected static List<Tensor> differentiable(FusedOp op, List<Tensor> in) {
    return in.subList(0, op instanceof FusedOp.BatchNorm ? 3 : in.size()).stream()
        .filter(t -> t.dtype().isFloating())
        .toList();
  }

  /** Operands of the smallest size. */
  protected static List<Tensor> operands(Session session, FusedOp op, DType dtype) {
    return operands(session, op, dtype, sizes(op)[0]);
  }

  private static List<Tensor> operands(Session session, FusedOp op, DType dtype, int[] size) {
    Random random = new Random(SEED);
    int rows = size[0];
    int n = size[1];
    return switch (op) {
      case FusedOp.LinearActivation _ ->
          List.of(
              normals(session, random, dtype, rows, n),
              normals(session, random, dtype, size[2], n),
              normals(session, random, dtype, size[2]));
      case FusedOp.SoftmaxCrossEntropy _ ->
          List.of(
              normals(session, random, dtype, rows, n),
              session.tensor(random.ints(rows, 0, n).toArray(), rows));
      case FusedOp.LayerNorm _ ->
          List.of(
              normals(session, random, dtype, rows, n),
              normals(session, random, dtype, n),
              normals(session, random, dtype, n));
      case FusedOp.BatchNorm _ ->
          List.of(
              normals(session, random, dtype, size),
              normals(session, random, dtype, n),
              normals(session, random, dtype, n),
              session.zeros(DType.F64, 2, n));
    };
  }

  private static Tensor normals(Session session, Random random, DType dtype, int... dims) {
    int n = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return session.tensor(random.doubles(n, -1.5, 1.5).toArray(), dims).to(dtype).detach();
  }
}
