package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.F64;
import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import talweg.kernels.KernelSignature;
import talweg.kernels.KernelSignature.Parameter;
import talweg.tensor.DType;

/**
 * Products by our own kernels, for devices without cuBLAS: every product, at a fraction of its
 * speed. How the work is split depends on the shape only, so that sums do not depend on the device.
 */
final class TiledProducts implements ProductProvider {
  private static final Parameter[] PARAMETERS = {
    POINTER, POINTER, POINTER, POINTER, POINTER, I32, I32, I32, I32, I64, I64, I64, I64, I64, I64,
    I32, F64, F64
  };
  private static final KernelSignature LARGE = KernelSignature.of("gemm_large", PARAMETERS);
  private static final KernelSignature SMALL = KernelSignature.of("gemm_small", PARAMETERS);
  private static final KernelSignature TENSOR = KernelSignature.of("gemm_tensor", PARAMETERS);
  private static final KernelSignature COMBINE =
      KernelSignature.of(
          "gemm_combine", POINTER, POINTER, POINTER, I64, I32, I32, I32, I64, I64, I32, F64, F64);

  /** Bits of the kernels' flags. */
  private static final int COLUMNS_A = 1;

  private static final int COLUMNS_B = 2;
  private static final int VECTOR_A = 4;
  private static final int VECTOR_B = 8;
  private static final int RELU = 16;

  /** Bytes of a vectorised load. */
  private static final int VECTOR = 16;

  /** Blocks that a product should have, about the number of multiprocessors of a large device. */
  private static final int ENOUGH_BLOCKS = 128;

  /** The least part of k that is worth a block of its own. */
  private static final int LEAST_SLICE = 128;

  private static final int MOST_SLICES = 32;

  /** Bound on a grid's second and third extent. */
  private static final int LARGEST_GRID = 65535;

  private static final int COMBINE_THREADS = 256;

  private final Device device;

  TiledProducts(Device device) {
    this.device = device;
  }

  @Override
  public String describe() {
    return "Talweg's own kernels";
  }

  @Override
  public boolean run(Product product, Product.Epilogue epilogue) {
    if (epilogue.kind() == Product.Epilogue.Kind.BIAS_GRADIENT) {
      return false;
    }
    int batch = product.shape().batch();
    if (batch <= LARGEST_GRID) {
      issue(product, epilogue);
      return true;
    }
    for (int first = 0; first < batch; first += LARGEST_GRID) {
      issue(product.part(first, Math.min(LARGEST_GRID, batch - first)), epilogue);
    }
    return true;
  }

  /** How a product is cut. */
  private record Cut(KernelSignature kernel, int threads, long tiles, int slices, int slice) {
    static Cut of(Product.Shape s) {
      if (s.operands() == DType.BF16 || s.tf32()) {
        return sliced(TENSOR, 128, s, 64);
      }
      if (tiles(s, 64) * s.batch() >= ENOUGH_BLOCKS) {
        return new Cut(LARGE, 256, tiles(s, 64), 1, Math.max(1, s.k()));
      }
      return sliced(SMALL, 128, s, 32);
    }

    private static Cut sliced(KernelSignature kernel, int threads, Product.Shape s, int side) {
      long tiles = tiles(s, side);
      long wanted = ceilDiv(ENOUGH_BLOCKS, tiles * s.batch());
      long most = Math.clamp(s.k() / LEAST_SLICE, 1, MOST_SLICES);
      int slices = (int) Math.min(wanted, most);
      // Whole tiles along k, so that every slice's loads are aligned as the first one's.
      int slice = (int) ceilDiv(ceilDiv(Math.max(1, s.k()), slices), 32) * 32;
      return new Cut(kernel, threads, tiles, (int) ceilDiv(Math.max(1, s.k()), slice), slice);
    }

    private static long tiles(Product.Shape s, int side) {
      return ceilDiv(s.m(), side) * ceilDiv(s.n(), side);
    }
  }

  private void issue(Product product, Product.Epilogue epilogue) {
    Product.Shape s = product.shape();
    Cut cut = Cut.of(s);
    int flags = flags(s) | (epilogue.kind() == Product.Epilogue.Kind.BIAS_RELU ? RELU : 0);
    long size = (long) s.batch() * s.m() * s.n();
    long partials =
        cut.slices == 1
            ? 0
            : device.scratch(Device.Scratch.GEMM, cut.slices * size * s.result().bytes());
    device
        .kernels()
        .launch(cut.kernel, s.operands(), cut.tiles, cut.threads)
        .grid(cut.slices, s.batch())
        .pointer(product.a())
        .pointer(product.b())
        .pointer(product.out())
        .pointer(partials)
        .pointer(epilogue.bias())
        .i32(s.m())
        .i32(s.n())
        .i32(s.k())
        .i32(cut.slice)
        .i64(s.a().ld())
        .i64(s.b().ld())
        .i64(s.ldOut())
        .i64(s.a().step())
        .i64(s.b().step())
        .i64(s.stepOut())
        .i32(flags)
        .f64(product.alpha())
        .f64(product.beta())
        .run();
    if (cut.slices > 1) {
      combine(product, epilogue, cut.slices, partials, size, flags);
    }
  }

  private void combine(
      Product product, Product.Epilogue epilogue, int slices, long partials, long size, int flags) {
    Product.Shape s = product.shape();
    device
        .kernels()
        .launch(COMBINE, s.result(), ceilDiv(size, COMBINE_THREADS), COMBINE_THREADS)
        .pointer(partials)
        .pointer(product.out())
        .pointer(epilogue.bias())
        .i64(size)
        .i32(slices)
        .i32(s.m())
        .i32(s.n())
        .i64(s.ldOut())
        .i64(s.stepOut())
        .i32(flags)
        .f64(product.alpha())
        .f64(product.beta())
        .run();
  }

  private static int flags(Product.Shape s) {
    int flags = (s.a().columns() ? COLUMNS_A : 0) | (s.b().columns() ? COLUMNS_B : 0);
    if (s.alignment() >= VECTOR) {
      flags |= isVectorised(s.a(), s.operands()) ? VECTOR_A : 0;
      flags |= isVectorised(s.b(), s.operands()) ? VECTOR_B : 0;
    }
    return flags;
  }

  private static boolean isVectorised(Product.Layout layout, DType dtype) {
    return layout.ld() * dtype.bytes() % VECTOR == 0 && layout.step() * dtype.bytes() % VECTOR == 0;
  }

  private static long ceilDiv(long x, long y) {
    return (x + y - 1) / y;
  }

  @Override
  public void close() {
    // Kernels belong to the device.
  }
}
