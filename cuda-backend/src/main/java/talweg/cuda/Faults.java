package talweg.cuda;

import java.util.Locale;
import jcuda.driver.CUresult;
import talweg.error.CudaException;

/**
 * Turns the driver's error codes into errors that say what to do. A fault of the kind after which
 * the driver refuses everything is kept: every later call reports the first one.
 */
final class Faults {
  /** Synchronise after each launch, so that a fault is reported for the kernel that made it. */
  static final String SYNC_PROPERTY = "talweg.cuda.sync";

  private static final int LARGEST_CODE = 999;
  private static final int UNKNOWN_NAME = -1;

  private CudaException first;

  /** A call of JCuda, which reports errors by exceptions. */
  interface JCudaCall {
    void run();
  }

  /** Whether the context is of no use any more. */
  boolean isFatal() {
    return first != null;
  }

  /** Throws the fault that ended all work, if there was one. */
  void requireUsable() {
    if (first != null) {
      throw first;
    }
  }

  /** Makes a call of JCuda. */
  void check(String call, JCudaCall body) {
    requireUsable();
    try {
      body.run();
    } catch (jcuda.CudaException e) {
      throw failed(code(e.getMessage()), call, null);
    }
  }

  /** Makes a call of JCuda that undoes something: nothing is done about an error. */
  static void ignore(JCudaCall body) {
    try {
      body.run();
    } catch (jcuda.CudaException _) {
      // What is undone here goes with the context at the latest.
    }
  }

  void check(int code, String call) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw failed(code, call, null);
    }
  }

  /**
   * The error of a call, or the one that all later ones follow from.
   *
   * @param kernel what was launched, or null where that is not known
   */
  CudaException failed(int code, String call, String kernel) {
    if (first != null) {
      return first;
    }
    String where = kernel == null ? call : "%s (kernel %s)".formatted(call, kernel);
    CudaException failure =
        new CudaException(
            String.format(
                Locale.ROOT,
                "%s: %s (%d): %s",
                where,
                CUresult.stringFor(code),
                code,
                advice(code, kernel)),
            call,
            kernel,
            code);
    if (isFatal(code)) {
      first = failure;
    }
    return failure;
  }

  private static boolean isFatal(int code) {
    return switch (code) {
      case CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          CUresult.CUDA_ERROR_UNKNOWN ->
          true;
      default -> false;
    };
  }

  private static String advice(int code, String kernel) {
    return switch (code) {
      case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_LAUNCH_FAILED ->
          (kernel == null
                  ? "a kernel that was launched before went wrong; run again with -D"
                      + SYNC_PROPERTY
                      + "=true to have it named. "
                  : "this kernel went wrong. ")
              + "The device's memory is lost: close the session and go on from the last checkpoint."
              + " Please report it";
      case CUresult.CUDA_ERROR_DEVICE_UNAVAILABLE,
          CUresult.CUDA_ERROR_DEINITIALIZED,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_UNKNOWN ->
          "the device is lost, with its memory; look at nvidia-smi and the system's log, and go on"
              + " from the last checkpoint";
      case CUresult.CUDA_ERROR_ECC_UNCORRECTABLE, CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE ->
          "the hardware reported an error that it could not correct; the device's memory is lost."
              + " Reset the device, and go on from the last checkpoint";
      case CUresult.CUDA_ERROR_LAUNCH_TIMEOUT ->
          "the kernel ran longer than the system allows a device that also drives a display";
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
          "out of memory; use a smaller batch, or end other programs on this device";
      case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU ->
          "this driver cannot compile the kernels; install a newer one";
      case CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND ->
          "the driver's compiler, libnvidia-ptxjitcompiler, is missing; install the driver"
              + " completely";
      default -> "the driver refused the call";
    };
  }

  /** JCuda's exceptions carry the code's name only. */
  private static int code(String name) {
    for (int code = 0; code <= LARGEST_CODE; code++) {
      if (CUresult.stringFor(code).equals(name)) {
        return code;
      }
    }
    return UNKNOWN_NAME;
  }
}
