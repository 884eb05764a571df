package talweg.kernels;

import java.util.List;

/**
 * A kernel's entry point with the types of its parameters, as its launcher declares it. A test
 * compares it with the declaration in the source and with the compiled code.
 *
 * @param name the entry point without the element type: {@code <op>_<variant>}
 */
public record KernelSignature(String name, List<Parameter> parameters) {
  /** What a launch passes; the size in bytes is the one in the compiled code. */
  public enum Parameter {
    /** Address in device memory. */
    POINTER(8),
    I32(4),
    I64(8),
    F32(4),
    /** Scalar factors travel in double; the kernel rounds them to its element type once. */
    F64(8),
    /** Extents and strides of operands, see {@code common/layout.cuh}. */
    LAYOUT(0);

    private final int bytes;

    Parameter(int bytes) {
      this.bytes = bytes;
    }

    /** Size in bytes; 0 for a structure, whose size the compiled code tells. */
    public int bytes() {
      return bytes;
    }
  }

  public KernelSignature {
    parameters = List.copyOf(parameters);
  }

  public static KernelSignature of(String name, Parameter... parameters) {
    return new KernelSignature(name, List.of(parameters));
  }
}
