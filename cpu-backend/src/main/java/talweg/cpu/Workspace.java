package talweg.cpu;

import talweg.spi.View;
import talweg.tensor.DType;

/** What one thread computes with: inner loops and working memory. */
final class Workspace {
  final Blocks blocks = new Blocks();
  final Casts casts = new Casts();
  final Reduction reduction = new Reduction();
  final Randoms randoms = new Randoms();
  private final Kernels<Object> floats;
  private final Kernels<Object> doubles;

  Workspace(Arithmetic floats, Arithmetic doubles) {
    this.floats = floats.kernels();
    this.doubles = doubles.kernels();
  }

  /** The loops for a view's element type, which must be F32 or F64. */
  Kernels<Object> kernels(View view) {
    assert view.dtype() == DType.F32 || view.dtype() == DType.F64 : view;
    return view.dtype() == DType.F32 ? floats : doubles;
  }
}
