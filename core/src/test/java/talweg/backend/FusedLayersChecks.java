package talweg.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
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
import talweg.autograd.GradCheck;
import talweg.error.ShapeException;
import talweg.op.FusedActivation;
import talweg.op.FusedOp;
import talweg.session.Fusion;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Each fused operation against the composition that defines it: values, gradients, and theirs. */
public abstract class FusedLayersChecks {
  private static final long SEED = 20_261_122;

  private final Random random = new Random(SEED);
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

  static Stream<Arguments> everyOperation() {
    List<FusedOp> operations = new ArrayList<>();
    for (FusedActivation activation : FusedActivation.values()) {
      operations.add(new FusedOp.LinearActivation(activation));
    }
    operations.add(new FusedOp.SoftmaxCrossEntropy(0));
    operations.add(new FusedOp.SoftmaxCrossEntropy(0.2));
    operations.add(new FusedOp.LayerNorm(1e-5));
    operations.add(new FusedOp.BatchNorm(1e-5));
    return operations.stream()
        .flatMap(op -> Stream.of(Arguments.of(op, DType.F32), Arguments.of(op, DType.F64)));
  }

  @ParameterizedTest(name = "{0} {1}, seed " + SEED)
  @MethodSource("everyOperation")
  void agreesWithItsComposition(FusedOp op, DType dtype) {
    assertTrue(session.backend().supports(op.call()));
    List<double[]> fused = valueAndGradients(op, dtype, true);
    List<double[]> composed = valueAndGradients(op, dtype, false);
    assertEquals(composed.size(), fused.size());
    for (int i = 0; i < fused.size(); i++) {
      assertArrayEquals(composed.get(i), fused.get(i), dtype == DType.F32 ? 5e-6 : 1e-12);
    }
  }

  @ParameterizedTest(name = "{0} {1}, seed " + SEED)
  @MethodSource("everyOperation")
  void firstAndSecondDerivativesAgreeWithDifferences(FusedOp op, DType dtype) {
    List<Tensor> all = operands(op, DType.F64);
    List<Tensor> inputs = differentiable(op, all);
    List<Tensor> others = all.subList(inputs.size(), all.size());
    GradCheck.Result first = GradCheck.check(x -> apply(op, x, others), inputs);
    assertTrue(first.passes(1e-6), first::toString);
    GradCheck.Result second = GradCheck.checkSecondOrder(x -> apply(op, x, others), inputs);
    assertTrue(second.passes(1e-6), second::toString);
  }

  @Test
  void aClassOutOfRangeIsNamed() {
    Tensor logits = session.zeros(DType.F32, 2, 3);
    Tensor classes = session.tensor(new int[] {1, 3}, 2);
    ShapeException error =
        assertThrows(
            ShapeException.class,
            () -> Fusion.apply(new FusedOp.SoftmaxCrossEntropy(0), logits, classes).toDoubles());
    assertTrue(error.getMessage().contains("class 3"), error.getMessage());
  }

  /**
   * The value of each of two passes; then the gradients accumulated over them, and what batch norm
   * left as its statistics.
   */
  private List<double[]> valueAndGradients(FusedOp op, DType dtype, boolean fused) {
    List<Tensor> in = operands(op, dtype);
    differentiable(op, in).forEach(Tensor::requireGrad);
    List<double[]> results = new ArrayList<>();
    for (int pass = 0; pass < 2; pass++) {
      Tensor[] array = in.toArray(Tensor[]::new);
      Tensor y = fused ? Fusion.apply(op, array) : Fusion.composed(op, array);
      Tensor upstream = normals(new Random(SEED + 1 + pass), dtype, y.shape().dims());
      y.backward(upstream);
      results.add(y.toDoubles());
    }
    in.stream()
        .filter(t -> t.dtype().isFloating())
        .map(t -> t.requiresGrad() ? t.grad() : t)
        .forEach(t -> results.add(t.toDoubles()));
    return results;
  }

  /** All real operands, but for the statistics of batch norm, which it writes. */
  private static List<Tensor> differentiable(FusedOp op, List<Tensor> in) {
    return in.subList(0, op instanceof FusedOp.BatchNorm ? 3 : in.size()).stream()
        .filter(t -> t.dtype().isFloating())
        .toList();
  }

  private static Tensor apply(FusedOp op, List<Tensor> inputs, List<Tensor> others) {
    Tensor[] all = Stream.concat(inputs.stream(), others.stream()).toArray(Tensor[]::new);
    return Fusion.apply(op, all);
  }

  private List<Tensor> operands(FusedOp op, DType dtype) {
    random.setSeed(SEED);
    return switch (op) {
      case FusedOp.LinearActivation _ ->
          List.of(normals(dtype, 5, 7), normals(dtype, 3, 7), normals(dtype, 3));
      case FusedOp.SoftmaxCrossEntropy _ ->
          List.of(normals(dtype, 4, 6), session.tensor(new int[] {0, 5, 2, 2}, 4));
      case FusedOp.LayerNorm _ ->
          List.of(normals(dtype, 4, 9), normals(dtype, 9), normals(dtype, 9));
      case FusedOp.BatchNorm _ ->
          List.of(
              normals(dtype, 4, 3, 5),
              normals(dtype, 3),
              normals(dtype, 3),
              session.zeros(DType.F64, 2, 3));
    };
  }

  private Tensor normals(DType dtype, int... dims) {
    return normals(random, dtype, dims);
  }

  private Tensor normals(Random from, DType dtype, int... dims) {
    int n = 1;
    for (int dim : dims) {
      n *= dim;
    }
    return session.tensor(from.doubles(n, -1.5, 1.5).toArray(), dims).to(dtype).detach();
  }
}
