package talweg.cuda;

import java.lang.foreign.MemorySegment;
import talweg.spi.Precision;
import talweg.spi.Replay;
import talweg.spi.View;
import talweg.tensor.DType;

/**
 * One GPU in use: its context, stream, memory and kernels. What a family of operations is given to
 * work with.
 */
final class Device implements AutoCloseable {
  /** Launches kernels on this device's stream. */
  Kernels kernels() {
    throw new UnsupportedOperationException();
  }

  /** Number of streaming multiprocessors, for the size of grids. */
  int multiprocessors() {
    throw new UnsupportedOperationException();
  }

  /** Compute capability as one number, e.g. 90. */
  int capability() {
    throw new UnsupportedOperationException();
  }

  /**
   * Address of at least so much working memory, aligned to 256 bytes. It belongs to the next
   * launches until somebody else asks for the same slot; work on one stream runs in order, so
   * kernels of one call after the other may share it. Never moves while a captured step uses it.
   */
  long scratch(Scratch slot, long bytes) {
    throw new UnsupportedOperationException();
  }

  /** Users of working memory that must not share. */
  enum Scratch {
    REDUCTION,
    MEASURE,
    UPDATE,
    GEMM,
    GEMM_OPERANDS,
    LAYERS
  }

  /** For people: the model, memory, driver and what multiplies matrices. */
  String describe() {
    throw new UnsupportedOperationException();
  }

  /** Of products of F32 matrices. */
  Precision precision() {
    throw new UnsupportedOperationException();
  }

  DeviceBuffer allocate(DType dtype, long length) {
    throw new UnsupportedOperationException();
  }

  void release(DeviceBuffer buffer) {
    throw new UnsupportedOperationException();
  }

  void synchronize() {
    throw new UnsupportedOperationException();
  }

  void upload(MemorySegment source, View out) {
    throw new UnsupportedOperationException();
  }

  void download(View in, MemorySegment target) {
    throw new UnsupportedOperationException();
  }

  /** Records what body issues as a graph and runs that once. */
  Replay capture(Runnable body) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
