package talweg.reference;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Locale;
import talweg.error.ShapeException;
import talweg.op.BinaryKind;
import talweg.op.RandomKind;
import talweg.op.ReduceKind;
import talweg.op.UnaryKind;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.Philox;
import talweg.spi.StepState;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Every operation as one plain loop: operands are read as double, computed in double, and rounded
 * once when stored.
 *
 * <p>Fresh and released memory is poisoned, and under {@code -ea} the promises of {@link Backend}
 * to its implementers are checked on every call.
 */
public final class ReferenceBackend implements Backend {
  @Override
  public String name() {
    return ReferenceProvider.NAME;
  }

  @Override
  public String device() {
    return "plain Java, one thread";
  }

  @Override
  public long memoryBytes() {
    return Runtime.getRuntime().maxMemory();
  }

  @Override
  public Buffer allocate(DType dtype, long length) {
    return new ReferenceBuffer(dtype, length);
  }

  @Override
  public void release(Buffer buffer) {
    ((ReferenceBuffer) buffer).release();
  }

  @Override
  public void synchronize() {
    // Every call has finished when it returns.
  }

  @Override
  public void upload(MemorySegment source, View out) {
    assert Contract.contiguous(out);
    int width = out.dtype().bytes();
    MemorySegment target = buffer(out).segment();
    copyBytes(source, 0, target, out.offset() * width, out.size() * width);
  }

  @Override
  public void download(View in, MemorySegment target) {
    assert Contract.contiguous(in);
    int width = in.dtype().bytes();
    MemorySegment source = buffer(in).segment();
    copyBytes(source, in.offset() * width, target, 0, in.size() * width);
  }

  /**
   * Names a layout because the shorter form of {@code MemorySegment.copy}, which loops in Java
   * below 64 bytes, is miscompiled by C2 of JDK 25.0.3: single elements are not copied.
   */
  private static void copyBytes(
      MemorySegment source, long from, MemorySegment target, long to, long bytes) {
    MemorySegment.copy(
        source, ValueLayout.JAVA_BYTE, from, target, ValueLayout.JAVA_BYTE, to, bytes);
  }

  @Override
  public void fill(View out, double value) {
    assert Contract.writable(out);
    ReferenceBuffer target = buffer(out);
    for (Walk walk = new Walk(out); walk.next(); ) {
      target.set(walk.at(0), value);
    }
  }

  @Override
  public void random(RandomKind kind, long seed, int site, View state, View out) {
    assert Contract.contiguous(out) && Contract.arithmetic(out);
    long counter = (long) buffer(state).get(state.offset() + StepState.RANDOM * state.strides()[0]);
    ReferenceBuffer target = buffer(out);
    double[] uniforms = new double[out.dtype() == DType.F32 ? 4 : 2];
    for (long i = 0; i < out.size(); i++) {
      int lane = (int) (i % uniforms.length);
      if (lane == 0) {
        uniforms(seed, site, counter, (int) (i / uniforms.length), uniforms);
      }
      double value =
          switch (kind) {
            case UNIFORM -> uniforms[lane];
            case NORMAL -> Philox.normal(uniforms[lane & ~1], uniforms[lane | 1], lane % 2 == 1);
          };
      target.set(out.offset() + i, value);
    }
  }

  /** Turns one block of random bits into four uniforms of F32 or two of F64. */
  private static void uniforms(long seed, int site, long counter, int block, double[] uniforms) {
    int[] words = new int[4];
    Philox.block(seed, site, counter, block, words);
    Arrays.setAll(
        uniforms,
        i ->
            uniforms.length == 4
                ? Philox.uniform(words[i])
                : Philox.uniform(words[2 * i], words[2 * i + 1]));
  }

  @Override
  public void copy(View in, View out) {
    assert Contract.elementwise(out, in);
    ReferenceBuffer source = buffer(in);
    ReferenceBuffer target = buffer(out);
    for (Walk walk = new Walk(in, out); walk.next(); ) {
      source.move(walk.at(0), target, walk.at(1));
    }
  }

  @Override
  public void unary(UnaryKind kind, double p, double q, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    double first = rounded(p, out);
    double second = rounded(q, out);
    ReferenceBuffer source = buffer(in);
    ReferenceBuffer target = buffer(out);
    for (Walk walk = new Walk(in, out); walk.next(); ) {
      target.set(walk.at(1), Functions.unary(kind, first, second, source.get(walk.at(0))));
    }
  }

  @Override
  public void binary(BinaryKind kind, View a, View b, View out) {
    assert Contract.elementwise(out, a, b) && Contract.binaryTypes(kind, a, b, out);
    ReferenceBuffer left = buffer(a);
    ReferenceBuffer right = buffer(b);
    ReferenceBuffer target = buffer(out);
    for (Walk walk = new Walk(a, b, out); walk.next(); ) {
      double value;
      if (!kind.isComparison()) {
        value = Functions.binary(kind, left.get(walk.at(0)), right.get(walk.at(1)));
      } else if (a.dtype().isFloating()) {
        value = Functions.compare(kind, left.get(walk.at(0)), right.get(walk.at(1))) ? 1 : 0;
      } else {
        value =
            Functions.compare(kind, left.getLong(walk.at(0)), right.getLong(walk.at(1))) ? 1 : 0;
      }
      target.set(walk.at(2), value);
    }
  }

  @Override
  public void affine(double scale, double shift, View in, View out) {
    assert Contract.elementwise(out, in) && Contract.arithmetic(out, in);
    double factor = rounded(scale, out);
    double summand = rounded(shift, out);
    ReferenceBuffer source = buffer(in);
    ReferenceBuffer target = buffer(out);
    for (Walk walk = new Walk(in, out); walk.next(); ) {
      target.set(walk.at(1), factor * source.get(walk.at(0)) + summand);
    }
  }

  @Override
  public void where(View condition, View a, View b, View out) {
    assert Contract.elementwise(out, condition, a, b) && Contract.sameType(out, a, b);
    assert condition.dtype() == DType.U8 : condition;
    ReferenceBuffer choice = buffer(condition);
    for (Walk walk = new Walk(condition, a, b, out); walk.next(); ) {
      if (choice.getLong(walk.at(0)) != 0) {
        buffer(a).move(walk.at(1), buffer(out), walk.at(3));
      } else {
        buffer(b).move(walk.at(2), buffer(out), walk.at(3));
      }
    }
  }

  @Override
  public void reduce(ReduceKind kind, int axis, View in, View out) {
    assert Contract.outOfPlace(out, in) && Contract.reduction(kind, axis, in, out);
    Reduction.run(kind, in, out);
  }

  @Override
  public void matmul(
      boolean transA, boolean transB, double alpha, double beta, View a, View b, View out) {
    assert Contract.outOfPlace(out, a, b) && Contract.matmul(transA, transB, a, b, out);
    new Product(alpha, beta).run(transA ? a.transpose() : a, transB ? b.transpose() : b, out);
  }

  @Override
  public void gather(int axis, View in, View index, View out) {
    assert Contract.outOfPlace(out, in, index) && Contract.indexed(axis, in, index, out);
    for (Walk walk = along(axis, in, index, out); walk.next(); ) {
      long place = place("gather", axis, in, index, walk);
      buffer(in).move(walk.at(0) + place * in.strides()[axis], buffer(out), walk.at(2));
    }
  }

  /** Rounds after each addition, so that the order of additions alone fixes the bits. */
  @Override
  public void scatterAdd(int axis, View in, View index, View out) {
    assert Contract.outOfPlace(out, in, index) && Contract.indexed(axis, out, index, in);
    assert Contract.arithmetic(out);
    ReferenceBuffer target = buffer(out);
    for (Walk walk = along(axis, out, index, in); walk.next(); ) {
      long at = walk.at(0) + place("scatteradd", axis, out, index, walk) * out.strides()[axis];
      target.set(at, target.get(at) + buffer(in).get(walk.at(2)));
    }
  }

  /**
   * Visits the index (1) and the operand of its shape (2) beside where their line in {@code whole}
   * begins (0).
   */
  private static Walk along(int axis, View whole, View index, View selected) {
    long[] lines = whole.strides().clone();
    lines[axis] = 0;
    long[] offsets = {whole.offset(), index.offset(), selected.offset()};
    return new Walk(index.dims(), offsets, lines, index.strides(), selected.strides());
  }

  /** The current index, checked against the extent that it selects from. */
  private static long place(String operation, int axis, View whole, View index, Walk walk) {
    long place = buffer(index).getLong(walk.at(1));
    int extent = whole.dims()[axis];
    if (place < 0 || place >= extent) {
      throw new ShapeException(
          String.format(
              Locale.ROOT,
              "%s: index %d at position %s is out of range for axis %d of %s: expected 0 <= index <"
                  + " %d",
              operation,
              place,
              Arrays.toString(walk.position()),
              axis,
              whole.shape(),
              extent));
    }
    return place;
  }

  @Override
  public void close() {
    // Memory belongs to the garbage collector.
  }

  /** A constant as the element type holds it. */
  private static double rounded(double constant, View like) {
    return like.dtype() == DType.F32 ? (float) constant : constant;
  }

  private static ReferenceBuffer buffer(View view) {
    return (ReferenceBuffer) view.buffer();
  }
}
