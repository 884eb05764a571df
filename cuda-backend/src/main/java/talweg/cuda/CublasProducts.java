package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_DOUBLE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.tensor.DType;

/**
 * Products by NVIDIA's cuBLASLt, and by cuBLAS where that has no algorithm. The workspace is ours
 * and fixed, all work is on the device's stream, and for each shape one algorithm is chosen at its
 * first product and kept: so runs repeat their bits, and calls can be captured.
 */
final class CublasProducts implements ProductProvider {
  /**
   * {@code on}: time several of the library's suggestions, rather than take the first. The fastest
   * can be another one in another run, and with it the last bits.
   */
  static final String AUTOTUNE = "talweg.cuda.autotune";

  private static final Logger LOG = LoggerFactory.getLogger(CublasProducts.class);

  /** What NVIDIA recommends for the largest devices. */
  private static final long WORKSPACE = 32L << 20;

  /** Before this version, users met illegal accesses in bias gradients of some shapes. */
  private static final int SAFE_BIAS_GRADIENT = 120_000;

  private static final int DEFAULT_MATH = 0;
  private static final int CANDIDATES = 8;
  private static final int TIMED_CALLS = 10;

  /** A candidate must take less than this share of the time to replace a better suggestion. */
  private static final double FASTER = 0.95;

  private final Device device;
  private final Cublas cublas;
  private final String origin;
  private final boolean autotune = "on".equals(System.getProperty(AUTOTUNE));
  private final Map<CublasPlan.Key, CublasPlan> plans = new HashMap<>();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment alpha = arena.allocate(JAVA_DOUBLE);
  private final MemorySegment beta = arena.allocate(JAVA_DOUBLE);
  private final DeviceBuffer workspace;
  private final Resources resources;
  private final int version;

  /** Handles that calls need. */
  record Resources(long handle, long light, long workspace, long workspaceBytes, long stream) {}

  /**
   * Starts the library.
   *
   * @param origin file or name that it was loaded from
   * @throws talweg.error.BackendException if it does not start on this device
   */
  CublasProducts(Device device, Cublas cublas, String origin) {
    this.device = device;
    this.cublas = cublas;
    this.origin = origin;
    long handle = cublas.create("cublasCreate_v2");
    long light = 0;
    DeviceBuffer memory = null;
    try {
      light = cublas.create("cublasLtCreate");
      memory = device.allocate(DType.U8, WORKSPACE);
      version = cublas.version(handle);
      Cublas.requireSuccess(cublas.setStream(handle, device.stream()), "cublasSetStream");
      Cublas.requireSuccess(
          cublas.setWorkspace(handle, memory.address(), WORKSPACE), "cublasSetWorkspace");
      Cublas.requireSuccess(cublas.setMathMode(handle, DEFAULT_MATH), "cublasSetMathMode");
    } catch (RuntimeException e) {
      close(handle, light, memory);
      throw e;
    }
    workspace = memory;
    resources = new Resources(handle, light, memory.address(), WORKSPACE, device.stream());
  }

  @Override
  public String describe() {
    return String.format(
        Locale.ROOT,
        "cuBLAS %d.%d.%d (%s)",
        version / 10000,
        version / 100 % 100,
        version % 100,
        origin);
  }

  @Override
  public boolean run(Product product, Product.Epilogue epilogue) {
    boolean unsafe =
        epilogue.kind() == Product.Epilogue.Kind.BIAS_GRADIENT && version < SAFE_BIAS_GRADIENT;
    if (product.shape().k() == 0 || unsafe) {
      return false;
    }
    setFactors(product);
    device.makeCurrent();
    CublasPlan.Key key = CublasPlan.Key.of(product.shape(), epilogue);
    CublasPlan plan = plans.get(key);
    if (plan == null) {
      plan = plan(key, product, epilogue.bias());
    }
    if (plan.isOffered()) {
      int status = plan.run(resources, product, epilogue.bias(), alpha.address(), beta.address());
      if (status != Cublas.NOT_SUPPORTED) {
        Cublas.requireSuccess(status, "cublasLtMatmul");
        device.issued("cublasLtMatmul");
        return true;
      }
      plan.withdraw();
    }
    ColumnMajor call = ColumnMajor.of(product.shape());
    if (epilogue.kind() != Product.Epilogue.Kind.NONE || !call.fitsInt()) {
      return false;
    }
    int status = cublas.gemm(resources.handle, call, alpha.address(), beta.address(), product);
    if (status == Cublas.NOT_SUPPORTED || status == Cublas.ARCH_MISMATCH) {
      return false;
    }
    Cublas.requireSuccess(status, "cublasGemmStridedBatchedEx");
    device.issued("cublasGemmStridedBatchedEx");
    return true;
  }

  private void setFactors(Product product) {
    if (product.shape().result() == DType.F64) {
      alpha.set(JAVA_DOUBLE, 0, product.alpha());
      beta.set(JAVA_DOUBLE, 0, product.beta());
    } else {
      alpha.set(JAVA_FLOAT, 0, (float) product.alpha());
      beta.set(JAVA_FLOAT, 0, (float) product.beta());
    }
  }

  private CublasPlan plan(CublasPlan.Key key, Product product, long bias) {
    CublasPlan plan = new CublasPlan(cublas, resources.light, key, bias, WORKSPACE, CANDIDATES);
    plans.put(key, plan);
    // While a stream captures, nothing can be waited for.
    if (autotune && plan.isOffered() && plan.candidates() > 1 && !device.isCapturing()) {
      tune(plan, product, bias);
    }
    LOG.debug("product {}: {} algorithms", key, plan.candidates());
    return plan;
  }

  /** Times the candidates, into working memory where a product adds to what is there. */
  private void tune(CublasPlan plan, Product product, long bias) {
    Product trial = product;
    if (product.beta() != 0) {
      Product.Shape s = product.shape();
      long extent = (s.batch() - 1) * s.stepOut() + (s.m() - 1) * s.ldOut() + s.n();
      long target = device.scratch(Device.Scratch.GEMM, extent * s.result().bytes());
      trial = new Product(s, product.a(), product.b(), target, product.alpha(), product.beta());
    }
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < plan.candidates(); i++) {
      if (plan.isValid(i)) {
        plan.choose(i);
        double time = time(plan, trial, bias);
        if (time < least * FASTER) {
          least = time;
          best = i;
        }
      }
    }
    if (best >= 0) {
      plan.choose(best);
    }
  }

  private double time(CublasPlan plan, Product product, long bias) {
    long start = 0;
    for (int i = 0; i <= TIMED_CALLS; i++) {
      if (plan.run(resources, product, bias, alpha.address(), beta.address()) != Cublas.SUCCESS) {
        return Double.POSITIVE_INFINITY;
      }
      if (i == 0) {
        device.synchronize();
        start = System.nanoTime();
      }
    }
    device.synchronize();
    return System.nanoTime() - start;
  }

  @Override
  public void close() {
    plans.values().forEach(CublasPlan::close);
    plans.clear();
    close(resources.handle, resources.light, workspace);
    arena.close();
  }

  private void close(long handle, long light, DeviceBuffer memory) {
    cublas.destroy("cublasDestroy_v2", handle);
    if (light != 0) {
      cublas.destroy("cublasLtDestroy", light);
    }
    if (memory != null) {
      device.release(memory);
    }
  }
}
