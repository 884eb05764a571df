package talweg.cuda;

import talweg.kernels.KernelSignature;
import talweg.tensor.DType;

/** The entry points of the loaded modules. */
final class Kernels {
  /**
   * A launch of {@code signature.name() + "_" + suffix(dtype)}, whose arguments are still to be
   * given. There is one at a time: launches reuse its memory.
   *
   * @param blocks grid size along x
   * @param threads block size along x
   */
  Launch launch(KernelSignature signature, DType dtype, long blocks, int threads) {
    throw new UnsupportedOperationException();
  }

  /** The same for a kernel of one element type only, by its full name. */
  Launch launch(KernelSignature signature, long blocks, int threads) {
    throw new UnsupportedOperationException();
  }

  /** As entry points spell element types: f32, f64, bf16, i32, i64, u8. */
  static String suffix(DType dtype) {
    return dtype.name().toLowerCase(java.util.Locale.ROOT);
  }
}
