package talweg.autograd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.nn.Functional;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.op.BinaryKind;
import talweg.op.Op;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Every gradient rule against centred differences, first and second order, at random points away
 * from kinks. Another seed: {@code -Dtalweg.test.seed=N}.
 */
class GradCheckTest {
  private static final long SEED = Long.getLong("talweg.test.seed", 20260101);
  private static final double FIRST = 1e-7;
  private static final double SECOND = 1e-6;

  private final Session session = new Session(new ReferenceBackend());
  private final Random random = new Random(SEED);

  @AfterEach
  void close() {
    session.close();
  }

  @ParameterizedTest
  @EnumSource
  void unary(UnaryKind kind) {
    for (double[] constants : constants(kind)) {
      Op op = new Op.Unary(kind, constants[0], constants[1]);
      boolean positive =
          switch (kind) {
            case LOG, SQRT, RSQRT -> true;
            case POW -> constants[0] != Math.rint(constants[0]);
            default -> false;
          };
      Tensor x = positive ? positive(3, 4) : awayFromKinks(3, 4);
      check(op.toString(), in -> session.dispatcher().apply(op, in.getFirst()), x);
    }
  }

  /** The kinks of every kind are at multiples of 0.5 or at 0. */
  private static double[][] constants(UnaryKind kind) {
    return switch (kind) {
      case POW -> new double[][] {{3, 0}, {1, 0}, {0, 0}, {-2, 0}, {2.5, 0}, {-0.5, 0}};
      case LEAKY_RELU, ELU -> new double[][] {{0.1, 0}, {1.7, 0}};
      case SOFTPLUS -> new double[][] {{1, Double.POSITIVE_INFINITY}, {2, 20}, {3, 1.5}};
      case CLAMP -> new double[][] {{-0.5, 1}, {0.5, Double.POSITIVE_INFINITY}};
      default -> new double[][] {{0, 0}};
    };
  }

  @ParameterizedTest
  @EnumSource
  void binary(BinaryKind kind) {
    int[][][] shapes = {
      {{2, 3}, {2, 3}}, {{2, 3}, {3}}, {{2, 1}, {1, 3}}, {{}, {2, 2}}, {{2, 2}, {}}
    };
    for (int[][] shape : shapes) {
      // A quarter more: never equal to an element of the other operand, which is never 0.
      Tensor a = kind == BinaryKind.POW ? positive(shape[0]) : awayFromKinks(shape[0]).add(0.25);
      Tensor b = awayFromKinks(shape[1]);
      Function<List<Tensor>, Tensor> f =
          in -> session.dispatcher().apply(new Op.Binary(kind), in.get(0), in.get(1));
      if (kind.isComparison()) {
        assertFalse(f.apply(List.of(a.requireGrad(), b)).requiresGrad());
      } else {
        check(kind + " " + Arrays.deepToString(shape), f, a, b);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void reduce(ReduceKind kind) {
    Tensor x = permutedRamp(2, 3, 4);
    if (kind.isIndex()) {
      Op op = new Op.Reduce(kind, List.of(1), false);
      assertFalse(session.dispatcher().apply(op, x.requireGrad()).requiresGrad());
      return;
    }
    for (List<Integer> axes : List.of(List.of(1), List.of(0, 2), List.of(0, 1, 2))) {
      for (boolean keepDim : new boolean[] {false, true}) {
        Op op = new Op.Reduce(kind, axes, keepDim);
        check(op.toString(), in -> session.dispatcher().apply(op, in.getFirst()), x);
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> matmul() {
    List<DynamicTest> tests = new ArrayList<>();
    int[][][] leads = {{{}, {}}, {{2}, {2}}, {{2, 1}, {3}}, {{2}, {}}, {{}, {2}}};
    for (int[][] lead : leads) {
      for (int t = 0; t < 4; t++) {
        boolean ta = (t & 1) != 0;
        boolean tb = (t & 2) != 0;
        int[] a = with(lead[0], ta ? 4 : 3, ta ? 3 : 4);
        int[] b = with(lead[1], tb ? 2 : 4, tb ? 4 : 2);
        String name =
            Arrays.toString(a) + (ta ? "^T x " : " x ") + Arrays.toString(b) + (tb ? "^T" : "");
        tests.add(
            DynamicTest.dynamicTest(
                name,
                () ->
                    check(name, in -> in.get(0).matmul(in.get(1), ta, tb), smooth(a), smooth(b))));
      }
    }
    int[][][] vectors = {
      {{4}, {4}}, {{3, 4}, {4}}, {{4}, {4, 2}}, {{2, 3, 4}, {4}}, {{4}, {2, 4, 3}}
    };
    for (int[][] shape : vectors) {
      String name = Arrays.deepToString(shape);
      tests.add(
          DynamicTest.dynamicTest(
              name,
              () ->
                  check(
                      name,
                      in -> in.get(0).matmul(in.get(1)),
                      smooth(shape[0]),
                      smooth(shape[1]))));
    }
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> movement() {
    Map<String, Function<List<Tensor>, Tensor>> table = new LinkedHashMap<>();
    Tensor index = session.tensor(new int[] {2, 0, 2, 1, 1, 3}, 3, 2);
    Tensor condition = session.tensor(new byte[] {1, 0, 1, 0}, 4);
    table.put("affine", in -> in.getFirst().affine(-2.5, 0.5));
    table.put("reshape", in -> in.getFirst().reshape(2, 6));
    table.put("reshape of a permutation", in -> in.getFirst().transpose().reshape(2, 6));
    table.put("permute", in -> in.getFirst().unsqueeze(1).permute(2, 0, 1));
    table.put("expand", in -> in.getFirst().unsqueeze(1).expand(3, 2, 4));
    table.put("slice", in -> in.getFirst().slice(1, 1, 3));
    table.put("slice with a step", in -> in.getFirst().slice(1, 0, 4, 3).slice(0, 0, 3, 2));
    table.put("empty slice", in -> in.getFirst().slice(1, 2, 2));
    table.put("concat", in -> Tensor.concat(1, in.getFirst(), in.getFirst().slice(1, 0, 1)));
    table.put("stack", in -> Tensor.stack(1, in.getFirst(), in.getFirst().mul(2)));
    table.put("gather", in -> in.getFirst().gather(1, index));
    table.put("indexSelect", in -> in.getFirst().indexSelect(1, index));
    table.put(
        "scatterAdd", in -> in.getFirst().slice(1, 0, 2).scatterAdd(1, index, Shape.of(3, 5)));
    table.put("where", in -> condition.where(in.getFirst(), in.getFirst().mul(3)));
    table.put("contiguous", in -> in.getFirst().transpose().contiguous());
    // The square makes second derivatives of what is linear itself.
    return tests(table, in -> List.of(in.getFirst().square()), () -> List.of(smooth(3, 4)));
  }

  @TestFactory
  Stream<DynamicTest> composites() {
    Map<String, Function<List<Tensor>, Tensor>> table = new LinkedHashMap<>();
    table.put("softmax", in -> in.getFirst().softmax(-1));
    table.put("softmax over another axis", in -> in.getFirst().softmax(0));
    table.put("logSoftmax", in -> in.getFirst().logSoftmax(1));
    table.put("logSumExp", in -> in.getFirst().logSumExp(false, 0));
    table.put("mean", in -> in.getFirst().square().mean(1));
    table.put("variance", in -> in.getFirst().variance(1, true, 1));
    table.put("layer norm", in -> Functional.layerNorm(in.get(0), 1, in.get(1), in.get(2), 1e-5));
    table.put("layer norm, two axes", in -> Functional.layerNorm(in.get(0), 2, null, null, 1e-5));
    table.put(
        "batch norm in training",
        in -> Functional.batchNormTrain(in.get(0), in.get(1), in.get(2), null, null, 0.1, 1e-5));
    Tensor mean = smooth(4);
    Tensor variance = positive(4);
    table.put(
        "batch norm in evaluation",
        in -> Functional.batchNormEval(in.get(0), in.get(1), in.get(2), mean, variance, 1e-5));
    Tensor keep = session.tensor(new byte[] {1, 0, 0, 1, 1, 1, 0, 1, 1, 0, 1, 1}, 3, 4);
    table.put("dropout", in -> Functional.dropout(in.getFirst().square(), keep, 0.25));
    Tensor rows = session.tensor(new long[] {2, 0, 2, 2}, 4);
    table.put("embedding", in -> Functional.embedding(rows, in.getFirst().square()));
    table.put("linear", in -> Functional.linear(in.get(0), in.get(0), in.get(1).slice(0, 0, 3)));
    return tests(table, in -> in, () -> List.of(smooth(3, 4), smooth(4), smooth(4)));
  }

  @TestFactory
  Stream<DynamicTest> losses() {
    Map<String, Function<List<Tensor>, Tensor>> table = new LinkedHashMap<>();
    Tensor classes = session.tensor(new int[] {2, 0, 3}, 3);
    Tensor weight = positive(4);
    for (Reduction r : Reduction.values()) {
      table.put("cross entropy " + r, in -> Losses.crossEntropy(in.getFirst(), classes, 0.1, r));
      table.put(
          "soft cross entropy " + r,
          in -> Losses.crossEntropy(in.getFirst(), in.get(1).softmax(1), 0, r));
      table.put("nll " + r, in -> Losses.nll(in.getFirst().logSoftmax(1), classes, r));
      table.put("bce " + r, in -> Losses.bceWithLogits(in.get(0), in.get(1).sigmoid(), weight, r));
      table.put("mse " + r, in -> Losses.mse(in.get(0), in.get(1), r));
      table.put("l1 " + r, in -> Losses.l1(in.get(0), in.get(1), r));
      table.put("huber " + r, in -> Losses.huber(in.get(0), in.get(1), 0.6, r));
      table.put("smooth l1 " + r, in -> Losses.smoothL1(in.get(0), in.get(1), 0.6, r));
    }
    return tests(
        table, in -> in, () -> List.of(awayFromKinks(3, 4), awayFromKinks(3, 4).add(0.25)));
  }

  @Test
  void aWrongGradientIsFound() {
    // detach() hides one of the two factors from the gradient.
    GradCheck.Result result =
        GradCheck.check(in -> in.getFirst().mul(in.getFirst().detach()), List.of(positive(3)));
    assertFalse(result.passes(0.1), result::toString);
    GradCheck.Result second =
        GradCheck.checkSecondOrder(
            in -> in.getFirst().mul(in.getFirst().square().detach()), List.of(positive(3)));
    assertFalse(second.passes(0.1), second::toString);
  }

  @Test
  void hessianOfAQuadraticForm() {
    Tensor a = smooth(3, 3);
    Tensor x = smooth(3).requireGrad();
    Tensor gradient = Gradients.of(x.matmul(a).matmul(x)).createGraph().wrt(x);
    double[] hessian = Gradients.hessian(gradient, x).toDoubles();
    double[] expected = a.add(a.transpose()).toDoubles();
    for (int i = 0; i < hessian.length; i++) {
      assertEquals(expected[i], hessian[i], 1e-14);
    }
  }

  private Stream<DynamicTest> tests(
      Map<String, Function<List<Tensor>, Tensor>> table,
      Function<List<Tensor>, List<Tensor>> before,
      java.util.function.Supplier<List<Tensor>> inputs) {
    return table.entrySet().stream()
        .map(e ->
            DynamicTest.dynamicTest(
                e.getKey(),
                () ->
                    check(
                        e.getKey(),
                        in -> e.getValue().apply(before.apply(in)),
                        inputs.get().toArray(Tensor[]::new))));
  }

  private void check(String name, Function<List<Tensor>, Tensor> f, Tensor... inputs) {
    GradCheck.Result first = GradCheck.check(f, List.of(inputs));
    assertTrue(first.passes(FIRST), () -> name + ", seed " + SEED + ": " + first);
    GradCheck.Result second = GradCheck.checkSecondOrder(f, List.of(inputs));
    assertTrue(second.passes(SECOND), () -> name + ", second order, seed " + SEED + ": " + second);
  }

  /** Standard normal. */
  private Tensor smooth(int... dims) {
    return fill(i -> random.nextGaussian(), dims);
  }

  private Tensor positive(int... dims) {
    return fill(i -> 0.5 + 1.5 * random.nextDouble(), dims);
  }

  /** Within 0.1 of an odd multiple of 0.25, so at least 0.15 from every multiple of 0.5. */
  private Tensor awayFromKinks(int... dims) {
    return fill(
        i -> (random.nextInt(8) - 4) / 2.0 + 0.25 + 0.2 * (random.nextDouble() - 0.5), dims);
  }

  /** All elements differ by at least 0.1. */
  private Tensor permutedRamp(int... dims) {
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < Shape.of(dims).size(); i++) {
      order.add(i);
    }
    java.util.Collections.shuffle(order, random);
    return fill(i -> 0.2 * order.get(i) + 0.1 * random.nextDouble(), dims);
  }

  private Tensor fill(Function<Integer, Double> value, int... dims) {
    double[] values = new double[Math.toIntExact(Shape.of(dims).size())];
    Arrays.setAll(values, value::apply);
    Tensor tensor = session.tensor(values, dims);
    assertEquals(DType.F64, tensor.dtype());
    return tensor;
  }

  private static int[] with(int[] lead, int rows, int columns) {
    int[] dims = Arrays.copyOf(lead, lead.length + 2);
    dims[lead.length] = rows;
    dims[lead.length + 1] = columns;
    return dims;
  }
}
