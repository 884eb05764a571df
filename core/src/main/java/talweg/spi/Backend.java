package talweg.spi;

import java.lang.foreign.MemorySegment;
import talweg.error.BackendException;
import talweg.op.BinaryKind;
import talweg.op.FusedCall;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.tensor.DType;

/**
 * What a backend implements: numbers only, no gradients, no lifetimes. {@link
 * talweg.reference.ReferenceBackend} is the readable specification of every method.
 *
 * <p><b>Rules.</b> The core allocates every output. Shapes, element types and bounds are checked
 * above this interface; backends only {@code assert} them. Operands are views with arbitrary
 * strides and are already broadcast: where an elementwise method takes several views, all have the
 * shape of {@code out}. Operands may overlap each other. An output never overlaps an operand,
 * except that elementwise methods accept {@code out} being exactly the same view as an operand (in
 * place). Outputs never have overlapping elements.
 *
 * <p>Arithmetic is offered for F32 and F64; operands and output agree in type unless a method says
 * otherwise. Work may be asynchronous: only {@link #download} and {@link #synchronize} wait.
 */
public interface Backend extends AutoCloseable {
  /** Short name as used on the command line, e.g. {@code cpu}. */
  String name();

  /** The device for people: model and what it runs with, e.g. {@code AMD EPYC, 2 threads}. */
  String device();

  /**
   * Whether tensors lie in the host's memory, so that nothing is gained by keeping a data set there
   * as one.
   */
  default boolean usesHostMemory() {
    return true;
  }

  /** Bytes that tensors can have at most, {@link Long#MAX_VALUE} if that is not known. */
  default long memoryBytes() {
    return Long.MAX_VALUE;
  }

  /**
   * Memory for {@code length} elements, with undefined content.
   *
   * @throws talweg.error.OutOfMemoryException if the device has no room for it
   */
  Buffer allocate(DType dtype, long length);

  /** Returns memory obtained from {@link #allocate}. */
  void release(Buffer buffer);

  /** Waits for all work issued so far. */
  void synchronize();

  /**
   * Copies host memory (dense, native byte order, the output's element type) into a contiguous
   * view.
   */
  void upload(MemorySegment source, View out);

  /**
   * Copies a contiguous view into host memory (dense, native byte order), waiting for pending work.
   */
  void download(View in, MemorySegment target);

  /** Sets every element to {@code value}, rounded to the element type. Any element type. */
  void fill(View out, double value);

  /**
   * Fills a contiguous F32 or F64 view with random numbers from stream (seed, site) at the counter
   * found in {@code state[StepState.RANDOM]}, as {@link Philox} specifies; independent of how the
   * work is split.
   */
  void random(RandomKind kind, long seed, int site, View state, View out);

  /**
   * Copies between views of one shape, converting the element type: to a floating type by rounding
   * to nearest even, to an integer type by truncation towards zero with saturation (NaN gives 0);
   * U8 saturates to 0..255.
   */
  void copy(View in, View out);

  /** Elementwise function of one operand, see {@link UnaryKind} for {@code p} and {@code q}. */
  void unary(UnaryKind kind, double p, double q, View in, View out);

  /**
   * Elementwise function of two operands; the output of a comparison is U8, whose operands may be
   * I32 or I64 too.
   */
  void binary(BinaryKind kind, View a, View b, View out);

  /** {@code out = scale * in + shift}; both constants are rounded to the element type first. */
  void affine(double scale, double shift, View in, View out);

  /** {@code out = condition != 0 ? a : b} with a U8 condition. */
  void where(View condition, View a, View b, View out);

  /**
   * Reduces the axes whose extent is 1 in {@code out} and another in {@code in}; both have the same
   * rank. Sums are accumulated in a fixed order, at least as exactly as pairwise summation. Empty
   * sums are 0, and their means NaN. ARGMAX and ARGMIN reduce the one {@code axis} and write I32;
   * the other kinds ignore it.
   */
  void reduce(ReduceKind kind, int axis, View in, View out);

  /**
   * {@code out = alpha * op(a) * op(b) + beta * out} over the last two axes, where op transposes if
   * asked. All views have one rank of at least 2 and equal (already broadcast) leading extents.
   * With beta 0 the old content is not read. Also takes BF16 operands with an F32 output.
   */
  void matmul(boolean transA, boolean transB, double alpha, double beta, View a, View b, View out);

  /**
   * {@code out[..., i, ...] = in[..., index[..., i, ...], ...]} along {@code axis}. The index (I32
   * or I64) has the shape of {@code out}; off the axis its extents may be smaller than the
   * source's. Any element type. An index out of range raises {@link talweg.error.ShapeException},
   * on devices that cannot raise at once at the next synchronising call.
   */
  void gather(int axis, View in, View index, View out);

  /**
   * {@code out[..., index[..., i, ...], ...] += in[..., i, ...]} along {@code axis}, in ascending
   * order of i.
   */
  void scatterAdd(int axis, View in, View index, View out);

  /**
   * Whether {@link #run} accepts calls of this kind; where not, the core runs the composed twin.
   */
  default boolean supports(Class<? extends FusedCall> call) {
    return false;
  }

  /** Runs a fused call that {@link #supports} announced. */
  default void run(FusedCall call) {
    throw new BackendException(
        name() + ": fused call " + call.getClass().getSimpleName() + " is not supported");
  }

  /**
   * Records the work that {@code body} issues so that it can be run again on the same memory. The
   * default runs the body now and on every replay.
   */
  default Replay capture(Runnable body) {
    body.run();
    return body::run;
  }

  @Override
  void close();
}
