package talweg.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import talweg.nn.Functional;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.op.BinaryKind;
import talweg.op.FusedActivation;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/**
 * An operation to try with operands of all element types.
 *
 * @param name begins with the method's name
 * @param shapes of the operands, whose elements are 0 and 1
 * @param usual element types with which it has to work
 */
record TypedOperation(
    String name, List<int[]> shapes, List<DType> usual, Function<List<Tensor>, Tensor> body) {
  private static final int[] MATRIX = {2, 2};
  private static final Size2d ONE = Size2d.of(1);
  private static final Size2d TWO = Size2d.of(2);
  private static final Size2d NONE = Size2d.of(0);

  Tensor run(Session session, List<DType> types) {
    return run(operands(session, types));
  }

  Tensor run(List<Tensor> operands) {
    return body.apply(operands);
  }

  List<Tensor> operands(Session session, List<DType> types) {
    List<Tensor> operands = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      int[] dims = shapes.get(i);
      double[] values = new double[Math.toIntExact(Shape.of(dims).size())];
      for (int j = 0; j < values.length; j++) {
        values[j] = (i + j + 1) % 2;
      }
      operands.add(session.tensor(values, dims).to(types.get(i)).detach());
    }
    return operands;
  }

  /** All types for up to three operands; of more, two at a time differ from what is usual. */
  List<List<DType>> combinations() {
    List<List<DType>> all = new ArrayList<>();
    int n = shapes.size();
    for (int first = 0; first < n; first++) {
      for (int second = first; second < n; second++) {
        for (DType a : DType.values()) {
          for (DType b : DType.values()) {
            List<DType> types = new ArrayList<>(usual);
            types.set(first, a);
            types.set(second, b);
            if (n == 3) {
              int third = 3 - first - second;
              for (DType c : DType.values()) {
                List<DType> three = new ArrayList<>(types);
                if (third >= 0 && third < 3 && third != first && third != second) {
                  three.set(third, c);
                }
                all.add(three);
              }
            } else {
              all.add(types);
            }
          }
        }
      }
    }
    return all.stream().distinct().toList();
  }

  static List<TypedOperation> all() {
    List<TypedOperation> all = new ArrayList<>();
    views(all);
    elementwise(all);
    reductions(all);
    pairs(all);
    indexing(all);
    layers(all);
    normalisations(all);
    losses(all);
    return all;
  }

  private static void views(List<TypedOperation> all) {
    unary(all, "reshape", x -> x.reshape(4));
    unary(all, "permute", x -> x.permute(1, 0));
    unary(all, "transpose", Tensor::transpose);
    unary(all, "expand", x -> x.expand(3, 2, 2));
    unary(all, "slice", x -> x.slice(0, 1, 2));
    unary(all, "unsqueeze", x -> x.unsqueeze(0));
    unary(all, "contiguous", x -> x.transpose().contiguous());
    unary(all, "detach", Tensor::detach);
    for (DType to : DType.values()) {
      unary(all, "to " + to, x -> x.to(to));
    }
    binary(all, "concat", (a, b) -> Tensor.concat(0, a, b));
    binary(all, "stack", (a, b) -> Tensor.stack(0, a, b));
    binary(
        all,
        "assign",
        (a, b) -> {
          try (var _ = a.session().noGrad()) {
            a.assign(b);
          }
          return a;
        });
    unary(
        all,
        "assign values",
        x -> {
          x.assign(new double[] {1, 2, 3, 4});
          return x;
        });
  }

  private static void elementwise(List<TypedOperation> all) {
    unary(all, "add constant", x -> x.add(1));
    unary(all, "sub constant", x -> x.sub(1));
    unary(all, "mul constant", x -> x.mul(2));
    unary(all, "div constant", x -> x.div(2));
    unary(all, "neg", Tensor::neg);
    unary(all, "affine", x -> x.affine(2, 1));
    unary(all, "pow constant", x -> x.pow(3));
    unary(all, "exp", Tensor::exp);
    unary(all, "log", Tensor::log);
    unary(all, "sqrt", Tensor::sqrt);
    unary(all, "rsqrt", Tensor::rsqrt);
    unary(all, "reciprocal", Tensor::reciprocal);
    unary(all, "square", Tensor::square);
    unary(all, "sin", Tensor::sin);
    unary(all, "cos", Tensor::cos);
    unary(all, "erf", Tensor::erf);
    unary(all, "abs", Tensor::abs);
    unary(all, "sign", Tensor::sign);
    unary(all, "tanh", Tensor::tanh);
    unary(all, "sigmoid", Tensor::sigmoid);
    unary(all, "relu", Tensor::relu);
    unary(all, "leakyRelu", x -> x.leakyRelu(0.1));
    unary(all, "elu", x -> x.elu(1));
    unary(all, "silu", Tensor::silu);
    unary(all, "gelu", Tensor::gelu);
    unary(all, "geluTanh", Tensor::geluTanh);
    unary(all, "softplus", Tensor::softplus);
    unary(all, "clamp", x -> x.clamp(0, 1));
    for (BinaryKind kind : BinaryKind.values()) {
      if (kind.isComparison()) {
        unary(all, "compare constant " + kind, x -> x.compare(kind, 1));
        binary(all, "compare " + kind, (a, b) -> a.compare(kind, b));
      }
    }
    unary(all, "dropout", x -> Functional.dropout(x, 0.5));
    unary(all, "requireGrad", x -> x.detach().requireGrad());
    unary(
        all,
        "backward",
        x -> {
          Tensor leaf = x.detach().requireGrad();
          leaf.to(DType.F64).sum().backward();
          return leaf.grad();
        });
    binary(
        all,
        "backward upstream",
        (x, y) -> {
          Tensor leaf = x.detach().requireGrad();
          leaf.mul(2).backward(y);
          return leaf.grad();
        });
  }

  private static void reductions(List<TypedOperation> all) {
    unary(all, "sum", Tensor::sum);
    unary(all, "mean", Tensor::mean);
    unary(all, "max", x -> x.max(true, 0));
    unary(all, "min", x -> x.min(true, 0));
    unary(all, "argmax", x -> x.argmax(0));
    unary(all, "argmin", x -> x.argmin(0));
    unary(all, "logSumExp", x -> x.logSumExp(false, 0));
    unary(all, "variance", x -> x.variance(1, false, 0));
    unary(all, "softmax", x -> x.softmax(0));
    unary(all, "logSoftmax", x -> x.logSoftmax(0));
  }

  private static void pairs(List<TypedOperation> all) {
    binary(all, "add", Tensor::add);
    binary(all, "sub", Tensor::sub);
    binary(all, "mul", Tensor::mul);
    binary(all, "div", Tensor::div);
    binary(all, "pow", Tensor::pow);
    binary(all, "maximum", Tensor::maximum);
    binary(all, "minimum", Tensor::minimum);
    binary(all, "matmul", Tensor::matmul);
  }

  private static void indexing(List<TypedOperation> all) {
    List<DType> indexed = List.of(DType.F32, DType.I32);
    add(all, "gather", List.of(MATRIX, MATRIX), indexed, t -> t.get(0).gather(1, t.get(1)));
    add(
        all,
        "indexSelect",
        List.of(MATRIX, MATRIX),
        indexed,
        t -> t.get(0).indexSelect(0, t.get(1)));
    add(
        all,
        "scatterAdd",
        List.of(MATRIX, MATRIX),
        indexed,
        t -> t.get(0).scatterAdd(0, t.get(1), Shape.of(2, 2)));
    add(
        all,
        "where",
        List.of(MATRIX, MATRIX, MATRIX),
        List.of(DType.U8, DType.F32, DType.F32),
        t -> t.get(0).where(t.get(1), t.get(2)));
    add(
        all,
        "embedding",
        List.of(MATRIX, MATRIX),
        List.of(DType.I32, DType.F32),
        t -> Functional.embedding(t.get(0), t.get(1)));
    add(
        all,
        "dropout mask",
        List.of(MATRIX, MATRIX),
        List.of(DType.F32, DType.U8),
        t -> Functional.dropout(t.get(0), t.get(1), 0.5));
  }

  private static void layers(List<TypedOperation> all) {
    int[] bias = {2};
    real(all, "linear", List.of(MATRIX, MATRIX), t -> Functional.linear(t.get(0), t.get(1), null));
    for (int[] x : List.of(MATRIX, new int[] {2, 1, 2})) {
      real(
          all,
          "linear bias, rank " + x.length,
          List.of(x, MATRIX, bias),
          t -> Functional.linear(t.get(0), t.get(1), t.get(2)));
    }
    real(
        all,
        "linear relu",
        List.of(MATRIX, MATRIX, bias),
        t -> Functional.linear(t.get(0), t.get(1), t.get(2), FusedActivation.RELU));
    int[] images = {1, 2, 2, 2};
    int[] kernels = {2, 2, 1, 1};
    real(
        all,
        "conv2d",
        List.of(images, kernels),
        t -> Functional.conv2d(t.get(0), t.get(1), null, ONE, NONE, ONE, 1));
    real(
        all,
        "conv2d bias",
        List.of(images, kernels, bias),
        t -> Functional.conv2d(t.get(0), t.get(1), t.get(2), ONE, NONE, ONE, 1));
    real(all, "maxPool2d", List.of(images), t -> Functional.maxPool2d(t.get(0), TWO, TWO, NONE));
    real(
        all,
        "avgPool2d",
        List.of(images),
        t -> Functional.avgPool2d(t.get(0), TWO, TWO, NONE, true));
  }

  private static void normalisations(List<TypedOperation> all) {
    int[] vector = {2};
    real(
        all,
        "layerNorm",
        List.of(MATRIX, vector, vector),
        t -> Functional.layerNorm(t.get(0), 1, t.get(1), t.get(2), 1e-5));
    real(
        all,
        "layerNorm alone",
        List.of(MATRIX),
        t -> Functional.layerNorm(t.get(0), 1, null, null, 1e-5));
    List<int[]> five = List.of(MATRIX, vector, vector, vector, vector);
    real(
        all,
        "batchNormTrain",
        five,
        t ->
            Functional.batchNormTrain(t.get(0), t.get(1), t.get(2), t.get(3), t.get(4), 0.1, 1e-5));
    real(
        all,
        "batchNormTrain alone",
        List.of(MATRIX),
        t -> Functional.batchNormTrain(t.get(0), null, null, null, null, 0.1, 1e-5));
    real(
        all,
        "batchNormEval",
        five,
        t -> Functional.batchNormEval(t.get(0), t.get(1), t.get(2), t.get(3), t.get(4), 1e-5));
  }

  private static void losses(List<TypedOperation> all) {
    List<DType> indexed = List.of(DType.F32, DType.I32);
    List<int[]> rows = List.of(MATRIX, new int[] {2});
    add(all, "crossEntropy", rows, indexed, t -> Losses.crossEntropy(t.get(0), t.get(1)));
    add(
        all,
        "crossEntropy positions",
        List.of(new int[] {2, 2, 2}, MATRIX),
        indexed,
        t -> Losses.crossEntropy(t.get(0), t.get(1), 0.1, Reduction.NONE));
    real(
        all,
        "crossEntropy probabilities",
        List.of(MATRIX, MATRIX),
        t ->
            t.get(1).dtype().isIndex()
                ? Losses.crossEntropy(t.get(0), t.get(1).to(DType.F32))
                : Losses.crossEntropy(t.get(0), t.get(1), 0.1, Reduction.SUM));
    add(all, "nll", rows, indexed, t -> Losses.nll(t.get(0), t.get(1), Reduction.MEAN));
    List<int[]> pair = List.of(MATRIX, MATRIX);
    real(all, "mse", pair, t -> Losses.mse(t.get(0), t.get(1), Reduction.MEAN));
    real(all, "l1", pair, t -> Losses.l1(t.get(0), t.get(1), Reduction.SUM));
    real(all, "huber", pair, t -> Losses.huber(t.get(0), t.get(1), 1, Reduction.NONE));
    real(all, "smoothL1", pair, t -> Losses.smoothL1(t.get(0), t.get(1), 1, Reduction.MEAN));
    real(
        all,
        "bceWithLogits",
        List.of(MATRIX, MATRIX, MATRIX),
        t -> Losses.bceWithLogits(t.get(0), t.get(1), t.get(2), Reduction.MEAN));
  }

  private static void unary(List<TypedOperation> all, String name, UnaryOperator<Tensor> body) {
    real(all, name, List.of(MATRIX), t -> body.apply(t.getFirst()));
  }

  private static void binary(List<TypedOperation> all, String name, BinaryOperator<Tensor> body) {
    real(all, name, List.of(MATRIX, MATRIX), t -> body.apply(t.get(0), t.get(1)));
  }

  /** An operation that works with F32 throughout. */
  private static void real(
      List<TypedOperation> all,
      String name,
      List<int[]> shapes,
      Function<List<Tensor>, Tensor> body) {
    add(all, name, shapes, shapes.stream().map(_ -> DType.F32).toList(), body);
  }

  private static void add(
      List<TypedOperation> all,
      String name,
      List<int[]> shapes,
      List<DType> usual,
      Function<List<Tensor>, Tensor> body) {
    all.add(new TypedOperation(name, shapes, usual, body));
  }

  @Override
  public String toString() {
    return name;
  }
}
