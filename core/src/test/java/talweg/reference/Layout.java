package talweg.reference;

import java.util.Arrays;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;

/** Ways in which the elements of a view may lie in memory; what lies between them is poison. */
enum Layout {
  DENSE {
    @Override
    View view(DType dtype, Shape shape) {
      return View.contiguous(new ReferenceBuffer(dtype, shape.size() + 1), 0, shape);
    }
  },
  OFFSET {
    @Override
    View view(DType dtype, Shape shape) {
      return View.contiguous(new ReferenceBuffer(dtype, shape.size() + 7), 5, shape);
    }
  },
  REVERSED_AXES {
    @Override
    View view(DType dtype, Shape shape) {
      int rank = shape.rank();
      int[] dims = new int[rank];
      int[] axes = new int[rank];
      Arrays.setAll(axes, i -> rank - 1 - i);
      Arrays.setAll(dims, i -> shape.dim(rank - 1 - i));
      return DENSE.view(dtype, Shape.of(dims)).permute(axes);
    }
  },
  SLICED {
    @Override
    View view(DType dtype, Shape shape) {
      int[] dims = Arrays.stream(shape.dims()).map(dim -> 2 * dim + 1).toArray();
      int[] start = new int[dims.length];
      int[] step = new int[dims.length];
      Arrays.fill(start, 1);
      Arrays.fill(step, 2);
      return OFFSET.view(dtype, Shape.of(dims)).slice(start, step, shape);
    }
  };

  /** A view of poison. */
  abstract View view(DType dtype, Shape shape);

  /** A view of the values, given in row-major order. */
  View of(DType dtype, Shape shape, double... values) {
    View view = view(dtype, shape);
    assert values.length == shape.size() : values.length + " values for " + shape;
    for (int i = 0; i < values.length; i++) {
      buffer(view).set(address(view, i), values[i]);
    }
    return view;
  }

  static View vector(DType dtype, double... values) {
    return DENSE.of(dtype, Shape.of(values.length), values);
  }

  /** The elements in row-major order. */
  static double[] values(View view) {
    double[] values = new double[(int) view.size()];
    Arrays.setAll(values, i -> buffer(view).get(address(view, i)));
    return values;
  }

  /** Where the i-th element in row-major order lies. */
  static long address(View view, long i) {
    long address = view.offset();
    for (int axis = view.rank() - 1; axis >= 0; axis--) {
      address += i % view.dims()[axis] * view.strides()[axis];
      i /= view.dims()[axis];
    }
    return address;
  }

  static ReferenceBuffer buffer(View view) {
    return (ReferenceBuffer) view.buffer();
  }

  /** Distinct values that are exact in F32: 0.25, -0.5, 0.75, -1 ... */
  static double[] ramp(int length) {
    double[] values = new double[length];
    Arrays.setAll(values, i -> (i % 2 == 0 ? 0.25 : -0.25) * (i + 1));
    return values;
  }
}
