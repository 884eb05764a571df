package talweg.cpu;

import talweg.spi.View;
import talweg.tensor.DType;

/** What one thread computes with: inner loops and working memory. */
final class Workspace {
  /** Slots of {@link #scratch}. */
  static final int IMAGE = 0;

  static final int PATCHES = 1;
  static final int RESULTS = 2;
  static final int SLOPES = 3;
  static final int CONSTANTS = 4;

  final Scratch scratch = new Scratch(5);
  final Blocks blocks = new Blocks();
  final Casts casts = new Casts();
  final Reduction reduction = new Reduction();
  final Randoms randoms = new Randoms();
  private final Arithmetic floats;
  private final Arithmetic doubles;

  Workspace(Arithmetic floats, Arithmetic doubles) {
    this.floats = floats;
    this.doubles = doubles;
  }

  /** The loops for a view's element type, which must be F32 or F64. */
  Kernels<Object> kernels(View view) {
    return arithmetic(view).kernels();
  }

  /** Products of a view's element type on this thread alone. */
  Gemm gemm(View view) {
    return arithmetic(view).ownGemm();
  }

  private Arithmetic arithmetic(View view) {
    assert view.dtype() == DType.F32 || view.dtype() == DType.F64 : view;
    return view.dtype() == DType.F32 ? floats : doubles;
  }
}
