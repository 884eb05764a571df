package talweg.conformance;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import talweg.nn.Functional;
import talweg.nn.Losses;
import talweg.nn.Reduction;
import talweg.op.BinaryKind;
import talweg.tensor.Tensor;

/** The operators of the golden vectors by name, in the vocabulary of {@link Tensor}. */
final class Operators {
  private static final Map<String, Function<Operands, Outcome>> TABLE = new HashMap<>();

  static {
    arithmetic();
    elementwise();
    activations();
    reductions();
    layout();
    indexing();
    layers();
    images();
    classification();
    regression();
    one("composite", Formulas::composite);
  }

  private Operators() {}

  /**
   * What an operator gives.
   *
   * @param output the differentiable result
   * @param extra further results by the names that the vectors use
   */
  record Outcome(Tensor output, Map<String, Tensor> extra) {}

  static Outcome apply(String op, Operands operands) {
    Function<Operands, Outcome> function = TABLE.get(op);
    if (function == null) {
      throw new NotOffered("unknown op \"" + op + "\"");
    }
    return function.apply(operands);
  }

  private static void one(String op, Function<Operands, Tensor> function) {
    TABLE.put(op, o -> new Outcome(function.apply(o), Map.of()));
  }

  private static void unary(String op, Function<Tensor, Tensor> function) {
    one(op, o -> function.apply(o.x()));
  }

  private static void arithmetic() {
    one("add", o -> o.at(0).add(o.at(1)));
    one("sub", o -> o.at(0).sub(o.at(1)));
    one("mul", o -> o.at(0).mul(o.at(1)));
    one("div", o -> o.at(0).div(o.at(1)));
    one("maximum", o -> o.at(0).maximum(o.at(1)));
    one("minimum", o -> o.at(0).minimum(o.at(1)));
    one("pow_tensor", o -> o.at(0).pow(o.at(1)));
    one("pow", o -> o.x().pow(o.number("exponent")));
    one(
        "matmul",
        o ->
            o.at(0)
                .matmul(
                    o.at(1),
                    o.attrs().flag("transpose_a", false),
                    o.attrs().flag("transpose_b", false)));
  }

  private static void elementwise() {
    unary("exp", Tensor::exp);
    unary("log", Tensor::log);
    unary("sqrt", Tensor::sqrt);
    unary("rsqrt", Tensor::rsqrt);
    unary("reciprocal", Tensor::reciprocal);
    unary("neg", Tensor::neg);
    unary("abs", Tensor::abs);
    unary("sign", Tensor::sign);
    unary("square", Tensor::square);
    unary("sin", Tensor::sin);
    unary("cos", Tensor::cos);
    unary("erf", Tensor::erf);
    one(
        "clamp",
        o ->
            o.x()
                .clamp(
                    o.attrs().number("min", Double.NEGATIVE_INFINITY),
                    o.attrs().number("max", Double.POSITIVE_INFINITY)));
    one("where", o -> o.in("condition").where(o.in("a"), o.in("b")));
    unary(
        "where_sqrt",
        x -> x.compare(BinaryKind.GT, 0).where(x.sqrt(), x.session().scalar(x.dtype(), 0)));
  }

  private static void activations() {
    unary("tanh", Tensor::tanh);
    unary("sigmoid", Tensor::sigmoid);
    unary("relu", Tensor::relu);
    unary("silu", Tensor::silu);
    one("leaky_relu", o -> o.x().leakyRelu(o.number("negative_slope")));
    one("elu", o -> o.x().elu(o.number("alpha")));
    one("softplus", o -> o.x().softplus(o.number("beta"), o.number("threshold")));
    one(
        "gelu",
        o ->
            switch (o.attrs().get("approximate").text()) {
              case "none" -> o.x().gelu();
              case "tanh" -> o.x().geluTanh();
              case String other -> throw new NotOffered("gelu approximation \"" + other + "\"");
            });
    one("softmax", o -> o.x().softmax(o.integer("axis")));
    one("log_softmax", o -> o.x().logSoftmax(o.integer("axis")));
  }

  private static void reductions() {
    one("sum", o -> o.x().sum(o.keepDim(), o.ints("axes")));
    one("mean", o -> o.x().mean(o.keepDim(), o.ints("axes")));
    one("max", o -> o.x().max(o.keepDim(), o.ints("axes")));
    one("min", o -> o.x().min(o.keepDim(), o.ints("axes")));
    one("logsumexp", o -> o.x().logSumExp(o.keepDim(), o.ints("axes")));
    one("var", o -> o.x().variance(o.integer("correction"), o.keepDim(), o.ints("axes")));
    TABLE.put("max_with_indices", Operators::maxWithIndices);
  }

  private static Outcome maxWithIndices(Operands o) {
    int axis = o.x().shape().axis(o.integer("axis"));
    Tensor indices = o.x().argmax(axis);
    Tensor kept = indices.unsqueeze(axis);
    Tensor values = o.x().gather(axis, kept);
    Tensor output = o.keepDim() ? values : values.reshape(indices.shape().dims());
    return new Outcome(output, Map.of("indices", o.keepDim() ? kept : indices));
  }

  private static void layout() {
    one("reshape", o -> o.x().reshape(o.ints("shape")));
    one("permute", o -> o.x().permute(o.ints("dims")));
    one("transpose", o -> o.x().transpose(o.integer("axis0"), o.integer("axis1")));
    one("reshape_after_permute", o -> o.x().permute(o.ints("dims")).reshape(o.ints("shape")));
    one("broadcast_to", o -> o.x().expand(o.ints("shape")));
    one("concat", o -> Tensor.concat(o.integer("axis"), o.all()));
    one("stack", o -> Tensor.stack(o.integer("axis"), o.all()));
    one("slice", Operators::slice);
  }

  private static Tensor slice(Operands o) {
    int[] start = o.ints("start");
    int[] stop = o.ints("stop");
    int[] step = o.ints("step");
    Tensor y = o.x();
    for (int axis = 0; axis < start.length; axis++) {
      y = y.slice(axis, start[axis], stop[axis], step[axis]);
    }
    return y;
  }

  private static void indexing() {
    one("gather", o -> o.x().gather(o.integer("axis"), o.in("index")));
    one("index_select", o -> o.x().indexSelect(o.integer("axis"), o.in("index")));
    one("embedding", o -> Functional.embedding(o.in("indices"), o.in("weight")));
  }

  private static void layers() {
    one("linear", o -> Functional.linear(o.x(), o.in("weight"), o.optional("bias")));
    one("dropout", o -> Functional.dropout(o.x(), o.in("mask"), o.number("p")));
    one(
        "layer_norm",
        o ->
            Functional.layerNorm(
                o.x(),
                o.ints("normalized_shape").length,
                o.optional("weight"),
                o.optional("bias"),
                o.number("eps")));
    TABLE.put("batch_norm", Operators::batchNorm);
  }

  private static Outcome batchNorm(Operands o) {
    Tensor weight = o.optional("weight");
    Tensor bias = o.optional("bias");
    Tensor mean = o.in("running_mean");
    Tensor variance = o.in("running_var");
    double eps = o.number("eps");
    Tensor output =
        o.attrs().flag("training", false)
            ? Functional.batchNormTrain(
                o.x(), weight, bias, mean, variance, o.number("momentum"), eps)
            : Functional.batchNormEval(o.x(), weight, bias, mean, variance, eps);
    return new Outcome(output, Map.of("running_mean_after", mean, "running_var_after", variance));
  }

  private static void images() {
    one(
        "conv2d",
        o ->
            Functional.conv2d(
                o.x(),
                o.in("weight"),
                o.optional("bias"),
                o.size2d("stride"),
                o.size2d("padding"),
                o.size2d("dilation"),
                o.integer("groups")));
    one(
        "max_pool2d",
        o ->
            Functional.maxPool2d(
                o.x(), o.size2d("kernel"), o.size2d("stride"), o.size2d("padding")));
    one(
        "avg_pool2d",
        o ->
            Functional.avgPool2d(
                o.x(),
                o.size2d("kernel"),
                o.size2d("stride"),
                o.size2d("padding"),
                o.attrs().flag("count_include_pad", true)));
  }

  private static void classification() {
    one(
        "cross_entropy",
        o ->
            Losses.crossEntropy(
                o.in("logits"),
                o.in("target"),
                o.attrs().number("label_smoothing", 0),
                reduction(o)));
    one(
        "cross_entropy_soft",
        o ->
            Losses.crossEntropy(
                o.in("logits"),
                o.in("target"),
                o.attrs().number("label_smoothing", 0),
                reduction(o)));
    one("nll_loss", o -> Losses.nll(o.in("log_probs"), o.in("target"), reduction(o)));
    one("bce_with_logits", Operators::bceWithLogits);
    one("bce_with_logits_pos_weight", Operators::bceWithLogits);
  }

  private static Tensor bceWithLogits(Operands o) {
    return Losses.bceWithLogits(
        o.in("logits"), o.in("target"), o.optional("pos_weight"), reduction(o));
  }

  private static void regression() {
    one("mse", o -> Losses.mse(o.in("input"), o.in("target"), reduction(o)));
    one("l1", o -> Losses.l1(o.in("input"), o.in("target"), reduction(o)));
    one("huber", o -> Losses.huber(o.in("input"), o.in("target"), o.number("delta"), reduction(o)));
    one(
        "smooth_l1",
        o -> Losses.smoothL1(o.in("input"), o.in("target"), o.number("beta"), reduction(o)));
  }

  private static Reduction reduction(Operands o) {
    String name = o.attrs().get("reduction").text();
    return switch (name) {
      case "mean", "sum", "none" -> Reduction.valueOf(name.toUpperCase(Locale.ROOT));
      default -> throw new NotOffered("reduction \"" + name + "\"");
    };
  }
}
