package talweg.cli;

import java.util.Locale;
import talweg.spi.Precision;
import talweg.tensor.DType;

/** What {@code --precision} chooses from. */
enum Arithmetic {
  /** Everything in true F32. */
  FP32(DType.F32, Precision.FP32),
  /** F32, but matrix products with operands rounded to TF32. */
  TF32(DType.F32, Precision.TF32),
  /** F32, but matrix products with operands rounded to BF16. */
  BF16(DType.F32, Precision.BF16),
  /** Everything in F64. */
  FP64(DType.F64, Precision.FP32);

  /** Help for the flag. */
  static final String DESCRIPTION =
      "fp32, fp64, or on CUDA tf32 or bf16: matrix products only, with sums, weights and everything"
          + " else in fp32. Default: ${DEFAULT-VALUE}.";

  /** Of parameters, activations and gradients. */
  final DType dtype;

  /** What the backend is opened with. */
  final Precision products;

  Arithmetic(DType dtype, Precision products) {
    this.dtype = dtype;
    this.products = products;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
