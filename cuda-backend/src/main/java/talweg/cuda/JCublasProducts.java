package talweg.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Locale;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.runtime.cudaStream_t;
import talweg.error.BackendException;
import talweg.error.BackendUnavailableException;
import talweg.tensor.DType;

/** Products by the cuBLAS of CUDA 12 through JCublas, which knows no other version. */
final class JCublasProducts implements ProductProvider {
  private static final String LIBRARY = "cublas";
  private static final int VERSION = 12;
  private static final long WORKSPACE = 32L << 20;

  private final Device device;
  private final cublasHandle handle = new cublasHandle();
  private final DeviceBuffer workspace;
  private final ByteBuffer factors =
      ByteBuffer.allocateDirect(2 * Double.BYTES).order(ByteOrder.nativeOrder());
  private final Pointer alpha = Pointer.toBuffer(factors);
  private final Pointer beta = alpha.withByteOffset(Double.BYTES);
  private final int version;

  /**
   * Binds JCublas and starts the library.
   *
   * @throws BackendException with the reason if there is no cuBLAS 12, or it does not start here
   */
  static JCublasProducts open(Device device, CublasFiles files) {
    bind(files);
    try {
      return new JCublasProducts(device);
    } catch (CudaException e) {
      throw new BackendException("cuBLAS 12 does not start: " + e.getMessage(), e);
    }
  }

  /**
   * The native part is linked against version 12, and only lazily: without that library the first
   * call would end the process. So the library is loaded beforehand, and answers to its name.
   */
  @SuppressWarnings("restricted") // a native binding
  private static void bind(CublasFiles files) {
    Path library =
        files
            .find(VERSION)
            .orElseThrow(
                () -> new BackendUnavailableException("no file of cuBLAS 12, which it needs"));
    try {
      Path light =
          library.resolveSibling(
              library.getFileName().toString().replaceFirst(LIBRARY, "cublasLt"));
      if (java.nio.file.Files.isRegularFile(light)) {
        System.load(light.toString());
      }
      System.load(library.toString());
      DriverLibrary.initialize(
          DriverLibrary.natives("JCublas2"), () -> JCublas2.setExceptionsEnabled(true));
    } catch (LinkageError e) {
      throw new BackendUnavailableException("does not load: " + e.getMessage(), e);
    }
  }

  private JCublasProducts(Device device) {
    this.device = device;
    JCublas2.cublasCreate(handle);
    DeviceBuffer memory = null;
    try {
      memory = device.allocate(DType.U8, WORKSPACE);
      JCublas2.cublasSetStream(handle, new cudaStream_t(device.jcudaStream()));
      JCublas2.cublasSetWorkspace(handle, pointer(memory.address()), WORKSPACE);
      int[] number = new int[1];
      JCublas2.cublasGetVersion(handle, number);
      version = number[0];
    } catch (RuntimeException e) {
      close(memory);
      throw e;
    }
    workspace = memory;
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT,
        "cuBLAS %d.%d.%d through JCublas",
        version / 10000,
        version / 100 % 100,
        version % 100);
  }

  @Override
  public boolean run(Product p, Product.Epilogue epilogue) {
    ColumnMajor call = ColumnMajor.of(p.shape());
    if (epilogue.kind() != Product.Epilogue.Kind.NONE || !call.fitsInt() || call.k() == 0) {
      return false;
    }
    if (call.isDouble()) {
      factors.putDouble(0, p.alpha()).putDouble(Double.BYTES, p.beta());
    } else {
      factors.putFloat(0, (float) p.alpha()).putFloat(Double.BYTES, (float) p.beta());
    }
    device.makeCurrent();
    try {
      issue(p, call);
    } catch (CudaException e) {
      throw new BackendException("matmul: cublasGemmStridedBatchedEx: " + e.getMessage(), e);
    }
    device.issued("cublasGemmStridedBatchedEx");
    return true;
  }

  private void issue(Product p, ColumnMajor call) {
    JCublas2.cublasGemmStridedBatchedEx_new(
        handle,
        call.transA(),
        call.transB(),
        call.m(),
        call.n(),
        call.k(),
        alpha,
        pointer(p.b()),
        call.operandType(),
        (int) call.lda(),
        call.stepA(),
        pointer(p.a()),
        call.operandType(),
        (int) call.ldb(),
        call.stepB(),
        beta,
        pointer(p.out()),
        call.resultType(),
        (int) call.ldc(),
        call.stepC(),
        call.batch(),
        call.computeType(),
        ColumnMajor.DEFAULT_ALGORITHM);
  }

  /** A device address as JCuda takes it. */
  private static Pointer pointer(long address) {
    return new CUdeviceptr().withByteOffset(address);
  }

  @Override
  public void close() {
    close(workspace);
  }

  private void close(DeviceBuffer memory) {
    Faults.ignore(() -> JCublas2.cublasDestroy(handle));
    if (memory != null) {
      device.release(memory);
    }
  }
}
