package talweg.cuda;

import static talweg.kernels.KernelSignature.Parameter.I32;
import static talweg.kernels.KernelSignature.Parameter.I64;
import static talweg.kernels.KernelSignature.Parameter.POINTER;

import talweg.kernels.KernelSignature;
import talweg.op.RandomKind;
import talweg.spi.StepState;
import talweg.spi.View;

/** Random numbers, see {@link talweg.spi.Philox}. */
final class Randoms {
  private static final int THREADS = 256;

  /** Bytes that a thread writes: what one block of random bits gives. */
  private static final int BLOCK_BYTES = 16;

  private static final KernelSignature UNIFORM =
      KernelSignature.of("random_uniform", I64, I32, POINTER, POINTER, I64);
  private static final KernelSignature NORMAL =
      KernelSignature.of("random_normal", I64, I32, POINTER, POINTER, I64);

  private final Device device;

  Randoms(Device device) {
    this.device = device;
  }

  /** The counter is read on the device, so that a captured step draws anew on each replay. */
  void fill(RandomKind kind, long seed, int site, View state, View out) {
    long counter = StepState.RANDOM * state.strides()[0] * state.dtype().bytes();
    long draws = Math.ceilDiv(out.size(), BLOCK_BYTES / out.dtype().bytes());
    KernelSignature kernel =
        switch (kind) {
          case UNIFORM -> UNIFORM;
          case NORMAL -> NORMAL;
        };
    device
        .kernels()
        .launch(kernel, out.dtype(), Math.ceilDiv(draws, THREADS), THREADS)
        .i64(seed)
        .i32(site)
        .pointer(DeviceBuffer.address(state) + counter)
        .pointer(out)
        .i64(out.size())
        .run();
  }
}
