package talweg.nd4j;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Operands of one call, and arrays that live until its end. */
final class Scratch implements AutoCloseable {
  private final List<INDArray> arrays = new ArrayList<>();
  private final List<Nd4jBuffer> buffers = new ArrayList<>();

  /** The view's elements, to be read: where ND4J cannot take its strides, in a dense copy. */
  INDArray in(View view) {
    if (Arrays.stream(Nd4jBuffer.strides(view)).allMatch(s -> s >= 0)) {
      return Nd4jBuffer.array(view);
    }
    INDArray dense = dense(Nd4jBuffer.type(view.dtype()), Nd4jBuffer.dims(view));
    HostArrays.store(HostArrays.load(view), dense);
    return dense;
  }

  /** A dense array with undefined content. */
  INDArray dense(DataType type, long... dims) {
    INDArray array = Nd4j.createUninitialized(type, dims);
    arrays.add(array);
    return array;
  }

  /** The array itself if it is dense in row-major order, else a copy that is. */
  INDArray dense(INDArray array) {
    if (isDense(array)) {
      return array;
    }
    INDArray dense = like(array);
    dense.assign(array);
    return dense;
  }

  static boolean isDense(INDArray array) {
    long expected = 1;
    for (int i = array.rank() - 1; i >= 0; i--) {
      if (array.size(i) != 1 && array.stride(i) != expected) {
        return false;
      }
      expected *= array.size(i);
    }
    return true;
  }

  /** The memory of a dense array. */
  @SuppressWarnings("restricted") // of a known length
  static MemorySegment memory(INDArray array) {
    long bytes = array.length() * array.data().getElementSize();
    return MemorySegment.ofAddress(array.data().addressPointer().address()).reinterpret(bytes);
  }

  /** A dense array of the shape and type of another, with undefined content. */
  INDArray like(INDArray array) {
    return dense(array.dataType(), array.shape());
  }

  /** The elements as another type, by ND4J's own conversion. */
  INDArray as(DataType type, INDArray array) {
    if (array.dataType() == type) {
      return array;
    }
    INDArray converted = dense(type, array.shape());
    converted.assign(array);
    return converted;
  }

  /** A dense view on memory of its own, with undefined content. */
  View view(DType dtype, Shape shape) {
    Nd4jBuffer buffer = new Nd4jBuffer(dtype, shape.size());
    buffers.add(buffer);
    return View.contiguous(buffer, 0, shape);
  }

  @Override
  public void close() {
    arrays.forEach(INDArray::close);
    buffers.forEach(Nd4jBuffer::release);
  }
}
