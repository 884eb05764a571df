package talweg.tensor;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import talweg.autograd.GradientSlot;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.Op;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.session.Session;
import talweg.session.Storage;
import talweg.spi.View;

/**
 * An n-dimensional array on a session's device, and the handle by which gradients are asked for.
 *
 * <p>Operations check their operands, compute at once (on a GPU: issue at once) and return a new
 * tensor that belongs to the innermost open {@link talweg.session.Scope}. Reshape, permute, expand
 * and slice are views and copy nothing. Two operands broadcast as in NumPy and must have one
 * element type; {@link #to} converts.
 *
 * <p>A value reaches the host only through {@link #item}, {@link #toFloats}, {@link #toDoubles} and
 * {@link #toInts}, which wait for the device.
 */
public final class Tensor {
  private final Session session;
  private final Storage storage;
  private final View view;
  private final int slot;
  private boolean requiresGrad;
  private String name;
  private GradientSlot gradient;

  /**
   * Called by a session: only it can make a storage.
   *
   * @param slot position of the producing operation on the tape, or -1 for a tensor that was not
   *     recorded
   */
  public Tensor(Session session, Storage storage, View view, int slot) {
    this.session = session;
    this.storage = storage;
    this.view = view;
    this.slot = slot;
    this.requiresGrad = slot >= 0;
  }

  // ---- what it is

  public Session session() {
    return session;
  }

  public Shape shape() {
    return view.shape();
  }

  public DType dtype() {
    return view.dtype();
  }

  /** Number of axes. */
  public int rank() {
    return view.rank();
  }

  /** Number of elements. */
  public long size() {
    return view.size();
  }

  /**
   * The memory behind the tensor.
   *
   * @throws talweg.error.ClosedScopeException if its scope is closed
   */
  public View view() {
    session.requireOpen();
    storage.buffer(this);
    return view;
  }

  /** The buffer's owner record, shared with all views of this tensor. */
  public Storage storage() {
    return storage;
  }

  /** Gives the tensor a name for messages. */
  public Tensor named(String name) {
    requireOpenUnlessFreed();
    this.name = name;
    storage.name(name);
    return this;
  }

  /**
   * Returns the memory of this tensor and all views of it now rather than at the end of its scope.
   * It is for whoever keeps state in a session's outermost scope and is closed before the session,
   * such as an optimizer; elsewhere a scope does it. Memory that a parameter or an optimizer still
   * uses stays.
   */
  public void free() {
    requireOpenUnlessFreed();
    storage.hold();
    storage.unhold(storage.owner());
  }

  // ---- gradients

  /** Whether operations on this tensor are recorded. */
  public boolean requiresGrad() {
    session.requireOpen();
    return requiresGrad;
  }

  /**
   * Makes this tensor a leaf that {@link #backward} computes a gradient for.
   *
   * @throws DTypeException unless it is F32 or F64; a leaf may be cast to BF16 behind that
   */
  public Tensor requireGrad() {
    requireOpenUnlessFreed();
    if (!dtype().isArithmetic()) {
      throw new DTypeException(
          "requireGrad: gradients are added up in F32 or F64, got %s; convert with to(DType.F32)"
              .formatted(this));
    }
    requiresGrad = true;
    return this;
  }

  /** The same values without history: no gradient flows through the result. */
  public Tensor detach() {
    requireOpenUnlessFreed();
    return new Tensor(session, storage, view, -1).named(name);
  }

  /** Position on the tape, or -1 for a leaf. */
  public int slot() {
    return slot;
  }

  /**
   * Computes the gradient of this scalar with respect to every leaf that requires one and adds it
   * to the leaf's {@link #grad}. The recorded operations are consumed.
   */
  public void backward() {
    session.tape().backward(this, null);
  }

  /**
   * As {@link #backward()} for any shape, with the gradient of the final scalar with respect to
   * this tensor.
   */
  public void backward(Tensor upstream) {
    session.tape().backward(this, upstream);
  }

  /** The gradient accumulated by {@link #backward}, or null before the first. */
  public Tensor grad() {
    session.requireOpen();
    return gradient == null ? null : gradient.value();
  }

  /** Where {@link #backward} puts this leaf's gradient. */
  public GradientSlot gradientSlot() {
    session.requireOpen();
    if (gradient == null) {
      gradient = new GradientSlot(this);
    }
    return gradient;
  }

  // ---- to the host, waiting for the device

  /** The value of a tensor with one element. */
  public double item() {
    if (size() != 1) {
      throw new ShapeException(
          "item: needs exactly one element, got shape %s; reduce it first or read it with toDoubles()"
              .formatted(shape()));
    }
    return toDoubles()[0];
  }

  /** The elements in row-major order, any element type, widened to double. */
  public double[] toDoubles() {
    return HostReader.doubles(this);
  }

  /** The elements in row-major order, rounded to float. */
  public float[] toFloats() {
    return HostReader.floats(this);
  }

  /** The elements of an I32, I64 or U8 tensor in row-major order. */
  public int[] toInts() {
    return HostReader.ints(this);
  }

  /**
   * Overwrites the elements with those of {@code source}, broadcast and converted; not recorded.
   */
  public void assign(Tensor source) {
    if (requiresGrad && session.isRecording()) {
      throw new DTypeException(
          "assign: %s requires a gradient, which an assignment would break; do it under session.noGrad()"
              .formatted(this));
    }
    if (!Shape.broadcast("assign", shape(), source.shape()).equals(shape())) {
      throw new ShapeException(
          "assign: a source of shape %s does not fit into %s".formatted(source.shape(), this));
    }
    if (!view.isInjective()) {
      throw new ShapeException(
          "assign: %s shows some elements more than once (a broadcast, or windows that overlap); assign to the tensor that it is a view of"
              .formatted(this));
    }
    session.dispatcher().assign(this, source);
  }

  /**
   * Overwrites the elements with host values in row-major order, converted to the element type; not
   * recorded.
   */
  public void assign(double[] values) {
    if (values.length != size()) {
      throw new ShapeException(
          String.format(Locale.ROOT, "assign: %d values do not fill %s", values.length, this));
    }
    try (var _ = session.noGrad();
        var _ = session.scope("assign")) {
      assign(session.tensor(values, shape().dims()));
    }
  }

  // ---- views and copies

  /** The elements under another shape; one extent may be -1 and is then computed. */
  public Tensor reshape(int... dims) {
    Shape target = Checks.reshape(this, dims);
    return target.equals(shape()) ? itself() : apply(new Op.Reshape(target));
  }

  /** The axes in the given order. */
  public Tensor permute(int... axes) {
    int[] normal = Arrays.stream(axes).map(shape()::axis).toArray();
    if (normal.length != rank() || Arrays.stream(normal).distinct().count() != rank()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "permute: %s is not an order of the %d axes of %s",
              Arrays.toString(axes),
              rank(),
              shape()));
    }
    return apply(new Op.Permute(list(normal)));
  }

  /** The tensor with two axes exchanged. */
  public Tensor transpose(int axisA, int axisB) {
    int[] axes = IntStream.range(0, rank()).toArray();
    int a = shape().axis(axisA);
    int b = shape().axis(axisB);
    axes[a] = b;
    axes[b] = a;
    return permute(axes);
  }

  /** The last two axes exchanged. */
  public Tensor transpose() {
    return transpose(-2, -1);
  }

  /** Broadcast to a larger shape. */
  public Tensor expand(int... dims) {
    Shape target = Shape.of(dims);
    if (!Shape.broadcast("expand", shape(), target).equals(target)) {
      throw new ShapeException("expand: %s cannot be stretched to %s".formatted(shape(), target));
    }
    return target.equals(shape()) ? itself() : apply(new Op.Expand(target));
  }

  /**
   * Elements start (inclusive) to stop (exclusive) along one axis; negative bounds count from the
   * end.
   */
  public Tensor slice(int axis, int start, int stop) {
    return slice(axis, start, stop, 1);
  }

  /** Every {@code step}-th element from start (inclusive) to stop (exclusive) along one axis. */
  public Tensor slice(int axis, int start, int stop, int step) {
    return apply(Checks.slice(this, shape().axis(axis), start, stop, step));
  }

  /** A new axis of extent 1 at position {@code axis} of the result. */
  public Tensor unsqueeze(int axis) {
    int at = axis < 0 ? axis + rank() + 1 : axis;
    if (at < 0 || at > rank()) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "unsqueeze: axis %d is out of range for %s: expected %d..%d",
              axis,
              this,
              -rank() - 1,
              rank()));
    }
    int[] dims = shape().dims();
    int[] next = new int[rank() + 1];
    for (int i = 0; i < next.length; i++) {
      next[i] = i < at ? dims[i] : i == at ? 1 : dims[i - 1];
    }
    return reshape(next);
  }

  /**
   * The elements in another type; this tensor itself if it has it already. Gradients pass between
   * floating types.
   */
  public Tensor to(DType dtype) {
    return dtype == dtype() ? itself() : apply(new Op.Cast(dtype));
  }

  /** A dense row-major copy, or this tensor itself if it is one. */
  public Tensor contiguous() {
    return view.isContiguous() ? itself() : apply(new Op.Cast(dtype()));
  }

  /** Tensors joined along an existing axis. */
  public static Tensor concat(int axis, Tensor... parts) {
    int normal = Checks.concat(axis, parts);
    return parts[0].session.dispatcher().apply(new Op.Concat(normal), parts);
  }

  /** Tensors of one shape joined along a new axis. */
  public static Tensor stack(int axis, Tensor... parts) {
    return concat(axis, Arrays.stream(parts).map(t -> t.unsqueeze(axis)).toArray(Tensor[]::new));
  }

  // ---- arithmetic with broadcasting

  public Tensor add(Tensor other) {
    return binary(BinaryKind.ADD, other);
  }

  public Tensor sub(Tensor other) {
    return binary(BinaryKind.SUB, other);
  }

  public Tensor mul(Tensor other) {
    return binary(BinaryKind.MUL, other);
  }

  public Tensor div(Tensor other) {
    return binary(BinaryKind.DIV, other);
  }

  public Tensor add(double constant) {
    return affine(1, constant);
  }

  public Tensor sub(double constant) {
    return affine(1, -constant);
  }

  public Tensor mul(double constant) {
    return affine(constant, 0);
  }

  public Tensor div(double constant) {
    return affine(1 / constant, 0);
  }

  public Tensor neg() {
    return affine(-1, 0);
  }

  /** scale * x + shift. */
  public Tensor affine(double scale, double shift) {
    Checks.arithmetic("affine", this);
    return apply(new Op.Affine(scale, shift));
  }

  public Tensor pow(Tensor exponent) {
    return binary(BinaryKind.POW, exponent);
  }

  public Tensor pow(double exponent) {
    return exponent == 2 ? square() : unary(UnaryKind.POW, exponent, 0);
  }

  /** The larger of both elements; at a tie each gets half of the gradient. */
  public Tensor maximum(Tensor other) {
    return binary(BinaryKind.MAXIMUM, other);
  }

  /** The smaller of both elements; at a tie each gets half of the gradient. */
  public Tensor minimum(Tensor other) {
    return binary(BinaryKind.MINIMUM, other);
  }

  /** Elementwise comparison; U8, 1 where it holds. */
  public Tensor compare(BinaryKind comparison, Tensor other) {
    return binary(comparison, other);
  }

  /** Elementwise comparison with a constant; U8, 1 where it holds. */
  public Tensor compare(BinaryKind comparison, double constant) {
    return binary(comparison, session.scalar(dtype(), constant));
  }

  /**
   * With this U8 tensor as condition: {@code yes} where it is not 0, else {@code no}; all three
   * broadcast.
   */
  public Tensor where(Tensor yes, Tensor no) {
    Checks.where(this, yes, no);
    return session.dispatcher().apply(new Op.Where(), this, yes, no);
  }

  /**
   * Matrix product over the last two axes; leading axes broadcast. A vector operand is a row on the
   * left, a column on the right, and that axis vanishes from the result.
   */
  public Tensor matmul(Tensor other) {
    return Products.matmul(this, other, false, false);
  }

  /** {@link #matmul(Tensor)} with either operand transposed over its last two axes. */
  public Tensor matmul(Tensor other, boolean transposeThis, boolean transposeOther) {
    return Products.matmul(this, other, transposeThis, transposeOther);
  }

  // ---- elementwise functions

  public Tensor exp() {
    return unary(UnaryKind.EXP, 0, 0);
  }

  /** Natural logarithm. */
  public Tensor log() {
    return unary(UnaryKind.LOG, 0, 0);
  }

  public Tensor sqrt() {
    return unary(UnaryKind.SQRT, 0, 0);
  }

  /** 1 / sqrt(x). */
  public Tensor rsqrt() {
    return unary(UnaryKind.RSQRT, 0, 0);
  }

  public Tensor reciprocal() {
    return unary(UnaryKind.RECIPROCAL, 0, 0);
  }

  public Tensor square() {
    return unary(UnaryKind.SQUARE, 0, 0);
  }

  public Tensor sin() {
    return unary(UnaryKind.SIN, 0, 0);
  }

  public Tensor cos() {
    return unary(UnaryKind.COS, 0, 0);
  }

  public Tensor erf() {
    return unary(UnaryKind.ERF, 0, 0);
  }

  /** Absolute value; derivative 0 at 0. */
  public Tensor abs() {
    return unary(UnaryKind.ABS, 0, 0);
  }

  public Tensor sign() {
    return unary(UnaryKind.SIGN, 0, 0);
  }

  public Tensor tanh() {
    return unary(UnaryKind.TANH, 0, 0);
  }

  public Tensor sigmoid() {
    return unary(UnaryKind.SIGMOID, 0, 0);
  }

  /** max(x, 0); derivative 0 at 0. */
  public Tensor relu() {
    return unary(UnaryKind.RELU, 0, 0);
  }

  public Tensor leakyRelu(double negativeSlope) {
    return unary(UnaryKind.LEAKY_RELU, negativeSlope, 0);
  }

  public Tensor elu(double alpha) {
    return unary(UnaryKind.ELU, alpha, 0);
  }

  public Tensor silu() {
    return unary(UnaryKind.SILU, 0, 0);
  }

  /** GELU by the error function. */
  public Tensor gelu() {
    return unary(UnaryKind.GELU, 0, 0);
  }

  /** GELU by its tanh approximation. */
  public Tensor geluTanh() {
    return unary(UnaryKind.GELU_TANH, 0, 0);
  }

  /** log(1 + exp(x)), exact for every x. */
  public Tensor softplus() {
    return softplus(1, Double.POSITIVE_INFINITY);
  }

  /** log(1 + exp(beta x)) / beta, and x itself where beta x exceeds the threshold (PyTorch: 20). */
  public Tensor softplus(double beta, double threshold) {
    return unary(UnaryKind.SOFTPLUS, beta, threshold);
  }

  /** min(max(x, low), high); the gradient passes at the bounds. */
  public Tensor clamp(double low, double high) {
    return unary(UnaryKind.CLAMP, low, high);
  }

  // ---- reductions; no axes means all of them, and the reduced axes vanish unless keepDim

  public Tensor sum(int... axes) {
    return sum(false, axes);
  }

  public Tensor sum(boolean keepDim, int... axes) {
    return reduce(ReduceKind.SUM, keepDim, axes);
  }

  public Tensor mean(int... axes) {
    return mean(false, axes);
  }

  public Tensor mean(boolean keepDim, int... axes) {
    return reduce(ReduceKind.MEAN, keepDim, axes);
  }

  /** Largest elements; equal largest elements share the gradient evenly. */
  public Tensor max(boolean keepDim, int... axes) {
    return reduce(ReduceKind.MAX, keepDim, axes);
  }

  /** Smallest elements; equal smallest elements share the gradient evenly. */
  public Tensor min(boolean keepDim, int... axes) {
    return reduce(ReduceKind.MIN, keepDim, axes);
  }

  /** Position (I32) of the first largest element along one axis. */
  public Tensor argmax(int axis) {
    return reduce(ReduceKind.ARGMAX, false, axis);
  }

  /** Position (I32) of the first smallest element along one axis. */
  public Tensor argmin(int axis) {
    return reduce(ReduceKind.ARGMIN, false, axis);
  }

  /** log(sum(exp(x))) without overflow. */
  public Tensor logSumExp(boolean keepDim, int... axes) {
    return Composites.logSumExp(this, keepDim, axes);
  }

  /** Variance with divisor n - correction: correction 1 is the unbiased estimate, 0 the biased. */
  public Tensor variance(int correction, boolean keepDim, int... axes) {
    return Composites.variance(this, correction, keepDim, axes);
  }

  public Tensor softmax(int axis) {
    return Composites.softmax(this, axis);
  }

  public Tensor logSoftmax(int axis) {
    return Composites.logSoftmax(this, axis);
  }

  // ---- indexing

  /**
   * {@code out[i][j] = this[i][index[i][j]]} for axis 1: the index has this tensor's rank and the
   * result's shape.
   */
  public Tensor gather(int axis, Tensor index) {
    int normal = Checks.gather("gather", this, axis, index);
    return session.dispatcher().apply(new Op.Gather(normal), this, index);
  }

  /**
   * Whole slices along an axis, picked by an index of any shape, which takes the place of that
   * axis.
   */
  public Tensor indexSelect(int axis, Tensor index) {
    return Composites.indexSelect(this, axis, index);
  }

  /**
   * The adjoint of {@link #gather}: this tensor's elements added into zeros of the given shape at
   * the index.
   */
  public Tensor scatterAdd(int axis, Tensor index, Shape shape) {
    int normal = Checks.scatterAdd(this, axis, index, shape);
    return session.dispatcher().apply(new Op.ScatterAdd(normal, shape), this, index);
  }

  /** What is closed behind its session may still let go of its tensors. */
  private void requireOpenUnlessFreed() {
    if (!storage.isClosed()) {
      session.requireOpen();
    }
  }

  /** Where an operation has nothing to do. */
  private Tensor itself() {
    session.requireOpen();
    return this;
  }

  private Tensor apply(Op op) {
    return session.dispatcher().apply(op, this);
  }

  private Tensor unary(UnaryKind kind, double p, double q) {
    Op op = new Op.Unary(kind, p, q);
    Checks.arithmetic(op.label(), this);
    return apply(op);
  }

  private Tensor binary(BinaryKind kind, Tensor other) {
    Op op = new Op.Binary(kind);
    Checks.binary(op.label(), kind, this, other);
    return session.dispatcher().apply(op, this, other);
  }

  private Tensor reduce(ReduceKind kind, boolean keepDim, int... axes) {
    int[] normal = Checks.reduce(kind, this, axes);
    return apply(new Op.Reduce(kind, list(normal), keepDim));
  }

  static List<Integer> list(int... values) {
    List<Integer> list = new ArrayList<>(values.length);
    for (int value : values) {
      list.add(value);
    }
    return List.copyOf(list);
  }

  /** Downloads a dense copy of the elements in their own type. */
  void download(MemorySegment target) {
    if (view().isContiguous()) {
      session.download(view, target);
      return;
    }
    try (var _ = session.noGrad();
        var _ = session.scope("download")) {
      session.download(contiguous().view(), target);
    }
  }

  @Override
  public String toString() {
    return (name == null ? "tensor " : "\"" + name + "\" ") + dtype() + shape();
  }
}
