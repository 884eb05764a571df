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
import talweg.op.Window2d;
import talweg.reference.ReferenceBackend;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Size2d;
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
    return Stream.of(linear, others, windows()).flatMap(s -> s);
  }

  /** Convolutions, those without activation also without bias, and pooling. */
  private static Stream<FusedOp> windows() {
    Size2d one = Size2d.of(1);
    Size2d two = Size2d.of(2);
    Size2d none = Size2d.of(0);
    Window2d usual = new Window2d(Size2d.of(3), one, one);
    Window2d apart = new Window2d(Size2d.of(2, 3), Size2d.of(2, 1), Size2d.of(1, 2));
    Window2d across = new Window2d(Size2d.of(3, 1), Size2d.of(1, 3), one);
    return Stream.of(
        new FusedOp.Convolution(usual, one, 1, FusedActivation.RELU),
        new FusedOp.Convolution(usual, none, 2, FusedActivation.NONE),
        new FusedOp.Convolution(apart, Size2d.of(1, 0), 2, FusedActivation.TANH),
        new FusedOp.Convolution(across, Size2d.of(0, 2), 1, FusedActivation.SIGMOID),
        new FusedOp.Convolution(new Window2d(one, one, one), none, 1, FusedActivation.NONE),
        new FusedOp.MaxPool(new Window2d(two, two, one), none),
        new FusedOp.MaxPool(new Window2d(Size2d.of(3), two, one), one),
        new FusedOp.MaxPool(new Window2d(Size2d.of(2, 3), Size2d.of(3, 4), one), Size2d.of(0, 1)));
  }

  /** Whether the backend has the operation in one pass. */
  protected boolean offers(FusedOp op) {
    return true;
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
      case FusedOp.Convolution _, FusedOp.MaxPool _ ->
          new int[][] {{2, 4, 5, 7}, {13, 2, 10, 9}, {1, 8, 40, 60}};
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
    assertEquals(offers(op), session.backend().supports(op.call()));
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
      case FusedOp.Convolution c -> {
        Size2d kernel = c.window().kernel();
        int out = 3 * c.groups();
        Tensor x = normals(session, random, dtype, size);
        Tensor weight =
            normals(session, random, dtype, out, n / c.groups(), kernel.height(), kernel.width());
        yield c.activation() == FusedActivation.NONE
            ? List.of(x, weight)
            : List.of(x, weight, normals(session, random, dtype, out));
      }
      case FusedOp.MaxPool _ -> List.of(normals(session, random, dtype, size));
    };
  }

  private static Tensor normals(Session session, Random random, DType dtype, int... dims) {
    int n = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return session.tensor(random.doubles(n, -1.5, 1.5).toArray(), dims).to(dtype).detach();
  }
}
