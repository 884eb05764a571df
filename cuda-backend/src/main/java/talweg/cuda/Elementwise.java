package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.F64;
import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.LAYOUT;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import talweg.kernels.KernelSignature;
import talweg.op.BinaryKind;
import talweg.op.UnaryKind;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * Functions of every element, copies and casts. Each has a kernel for operands that lie densely in
 * the same order, and one that finds each element by its strides.
 */
final class Elementwise {
  /** Threads of a block. */
  static final int THREADS = 256;

  private static final int WARP = 32;

  /** Bytes of the widest operand that a thread of a dense kernel takes. */
  private static final int VECTOR_BYTES = 16;

  private static final KernelSignature FILL =
      KernelSignature.of("fill_contiguous", F64, POINTER, I64);
  private static final KernelSignature FILL_STRIDED =
      KernelSignature.of("fill_strided", F64, POINTER, LAYOUT);
  private static final KernelSignature COPY =
      KernelSignature.of("copy_contiguous", POINTER, POINTER, I64);
  private static final KernelSignature COPY_STRIDED =
      KernelSignature.of("copy_strided", POINTER, POINTER, LAYOUT);
  private static final KernelSignature CAST =
      KernelSignature.of("cast_contiguous", I32, POINTER, POINTER, I64);
  private static final KernelSignature CAST_STRIDED =
      KernelSignature.of("cast_strided", I32, POINTER, POINTER, LAYOUT);
  private static final Map<UnaryKind, KernelSignature> UNARY = unarySignatures();
  private static final KernelSignature UNARY_STRIDED =
      KernelSignature.of("unary_strided", I32, F64, F64, POINTER, POINTER, LAYOUT);
  private static final Map<BinaryKind, KernelSignature> BINARY = binarySignatures();
  private static final KernelSignature BINARY_STRIDED =
      KernelSignature.of("binary_strided", I32, POINTER, POINTER, POINTER, LAYOUT);
  private static final KernelSignature COMPARE =
      KernelSignature.of("compare_contiguous", I32, POINTER, POINTER, POINTER, I64);
  private static final KernelSignature COMPARE_STRIDED =
      KernelSignature.of("compare_strided", I32, POINTER, POINTER, POINTER, LAYOUT);
  private static final KernelSignature AFFINE =
      KernelSignature.of("affine_contiguous", F64, F64, POINTER, POINTER, I64);
  private static final KernelSignature AFFINE_STRIDED =
      KernelSignature.of("affine_strided", F64, F64, POINTER, POINTER, LAYOUT);
  private static final KernelSignature WHERE =
      KernelSignature.of("where_contiguous", POINTER, POINTER, POINTER, POINTER, I64);
  private static final KernelSignature WHERE_STRIDED =
      KernelSignature.of("where_strided", POINTER, POINTER, POINTER, POINTER, LAYOUT);

  private final Device device;
  private final Layout layout = new Layout();

  Elementwise(Device device) {
    this.device = device;
  }

  private static Map<UnaryKind, KernelSignature> unarySignatures() {
    Map<UnaryKind, KernelSignature> signatures = new EnumMap<>(UnaryKind.class);
    for (UnaryKind kind : UnaryKind.values()) {
      String name = "unary_" + kind.name().toLowerCase(Locale.ROOT);
      signatures.put(kind, KernelSignature.of(name, F64, F64, POINTER, POINTER, I64));
    }
    return signatures;
  }

  private static Map<BinaryKind, KernelSignature> binarySignatures() {
    Map<BinaryKind, KernelSignature> signatures = new EnumMap<>(BinaryKind.class);
    for (BinaryKind kind : BinaryKind.values()) {
      if (!kind.isComparison()) {
        String name = "binary_" + kind.name().toLowerCase(Locale.ROOT);
        signatures.put(kind, KernelSignature.of(name, POINTER, POINTER, POINTER, I64));
      }
    }
    return signatures;
  }

  void fill(View out, double value) {
    if (layout.of(out).isDense()) {
      dense(FILL, out.dtype(), out.dtype()).f64(value).pointer(out).i64(layout.size()).run();
      return;
    }
    while (layout.next()) {
      strided(FILL_STRIDED, out.dtype())
          .f64(value)
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  void copy(View in, View out) {
    if (in.dtype() != out.dtype()) {
      cast(in, out);
      return;
    }
    DType carrier = carrier(out.dtype());
    if (layout.of(out, in).isDense()) {
      dense(COPY, carrier, carrier).pointer(in).pointer(out).i64(layout.size()).run();
      return;
    }
    while (layout.next()) {
      strided(COPY_STRIDED, carrier)
          .pointer(layout.address(1))
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  private void cast(View in, View out) {
    int type = in.dtype().ordinal();
    if (layout.of(out, in).isDense()) {
      DType widest = in.dtype().bytes() > out.dtype().bytes() ? in.dtype() : out.dtype();
      dense(CAST, out.dtype(), widest).i32(type).pointer(in).pointer(out).i64(layout.size()).run();
      return;
    }
    while (layout.next()) {
      strided(CAST_STRIDED, out.dtype())
          .i32(type)
          .pointer(layout.address(1))
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  void unary(UnaryKind kind, double p, double q, View in, View out) {
    DType dtype = out.dtype();
    if (layout.of(out, in).isDense()) {
      dense(UNARY.get(kind), dtype, dtype)
          .f64(p)
          .f64(q)
          .pointer(in)
          .pointer(out)
          .i64(layout.size())
          .run();
      return;
    }
    while (layout.next()) {
      strided(UNARY_STRIDED, dtype)
          .i32(kind.ordinal())
          .f64(p)
          .f64(q)
          .pointer(layout.address(1))
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  void binary(BinaryKind kind, View a, View b, View out) {
    boolean comparison = kind.isComparison();
    DType dtype = a.dtype();
    if (layout.of(out, a, b).isDense()) {
      Launch launch = dense(comparison ? COMPARE : BINARY.get(kind), dtype, dtype);
      (comparison ? launch.i32(kind.ordinal()) : launch)
          .pointer(a)
          .pointer(b)
          .pointer(out)
          .i64(layout.size())
          .run();
      return;
    }
    while (layout.next()) {
      strided(comparison ? COMPARE_STRIDED : BINARY_STRIDED, dtype)
          .i32(kind.ordinal())
          .pointer(layout.address(1))
          .pointer(layout.address(2))
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  void affine(double scale, double shift, View in, View out) {
    DType dtype = out.dtype();
    if (layout.of(out, in).isDense()) {
      dense(AFFINE, dtype, dtype)
          .f64(scale)
          .f64(shift)
          .pointer(in)
          .pointer(out)
          .i64(layout.size())
          .run();
      return;
    }
    while (layout.next()) {
      strided(AFFINE_STRIDED, dtype)
          .f64(scale)
          .f64(shift)
          .pointer(layout.address(1))
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  void where(View condition, View a, View b, View out) {
    DType carrier = carrier(out.dtype());
    if (layout.of(out, condition, a, b).isDense()) {
      dense(WHERE, carrier, carrier)
          .pointer(condition)
          .pointer(a)
          .pointer(b)
          .pointer(out)
          .i64(layout.size())
          .run();
      return;
    }
    while (layout.next()) {
      strided(WHERE_STRIDED, carrier)
          .pointer(layout.address(1))
          .pointer(layout.address(2))
          .pointer(layout.address(3))
          .pointer(layout.address(0))
          .layout(layout.segment())
          .run();
    }
  }

  private Launch dense(KernelSignature kernel, DType dtype, DType widest) {
    long vectors = Math.ceilDiv(layout.size(), VECTOR_BYTES / widest.bytes());
    return device.kernels().launch(kernel, dtype, Math.ceilDiv(vectors, THREADS), threads(vectors));
  }

  private Launch strided(KernelSignature kernel, DType dtype) {
    return device
        .kernels()
        .launch(kernel, dtype, Math.ceilDiv(layout.size(), THREADS), threads(layout.size()));
  }

  /** Threads of a block: whole warps, no more than there is work for. */
  private static int threads(long work) {
    return (int) Math.min(THREADS, Math.ceilDiv(work, WARP) * WARP);
  }

  /** The type under whose name a kernel moves elements of this width. */
  static DType carrier(DType dtype) {
    return switch (dtype) {
      case U8, BF16 -> dtype;
      case F32, I32 -> DType.I32;
      case F64, I64 -> DType.I64;
    };
  }
}
