package talweg.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.CudaException;
import talweg.kernels.KernelManifest;
import talweg.kernels.KernelSignature;
import talweg.tensor.DType;

/**
 * The entry points of the loaded modules. A module is compiled by the driver at the first use of
 * one of its kernels.
 */
final class Kernels implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Kernels.class);
  private static final int LOG_BYTES = 4096;

  private final Stream stream;
  private final KernelManifest manifest = KernelManifest.load();
  private final int architecture;
  private final Launch launch;
  private final Arena arena = Arena.ofAuto();
  private final Map<String, CUmodule> modules = new HashMap<>();

  /** By signature, which is a constant of its launcher, and element type; the last is for none. */
  private final Map<KernelSignature, KernelFunction[]> functions = new IdentityHashMap<>();

  Kernels(Stream stream, int capability) {
    this.stream = stream;
    this.architecture = KernelManifest.architectureFor(capability);
    this.launch = new Launch(stream);
  }

  /**
   * A launch of {@code signature.name() + "_" + suffix(dtype)}, whose arguments are still to be
   * given. There is one at a time: launches reuse its memory.
   *
   * @param blocks grid size along x
   * @param threads block size along x
   */
  Launch launch(KernelSignature signature, DType dtype, long blocks, int threads) {
    return launch.begin(function(signature, dtype), blocks, threads);
  }

  /** The same for a kernel of one element type only, by its full name. */
  Launch launch(KernelSignature signature, long blocks, int threads) {
    return launch.begin(function(signature, null), blocks, threads);
  }

  /** As entry points spell element types: f32, f64, bf16, i32, i64, u8. */
  static String suffix(DType dtype) {
    return dtype.name().toLowerCase(Locale.ROOT);
  }

  private KernelFunction function(KernelSignature signature, DType dtype) {
    KernelFunction[] variants = functions.get(signature);
    if (variants == null) {
      variants = new KernelFunction[DType.values().length + 1];
      functions.put(signature, variants);
    }
    int index = dtype == null ? variants.length - 1 : dtype.ordinal();
    if (variants[index] == null) {
      String name = dtype == null ? signature.name() : signature.name() + "_" + suffix(dtype);
      KernelFunction[] target = variants;
      stream.outsideCapture(() -> target[index] = load(name, signature));
    }
    return variants[index];
  }

  private KernelFunction load(String name, KernelSignature signature) {
    KernelManifest.Entry entry = manifest.entry(name);
    if (entry == null || !entry.accepts(signature)) {
      throw new IllegalStateException(
          "kernel %s: launched as %s, but the manifest has %s"
              .formatted(name, signature, entry == null ? "no such entry" : entry));
    }
    CUmodule module = modules.computeIfAbsent(entry.module(), this::load);
    Handles.Function handle = new Handles.Function();
    stream
        .faults()
        .check("cuModuleGetFunction", () -> JCudaDriver.cuModuleGetFunction(handle, module, name));
    return new KernelFunction(handle, signature, entry, arena);
  }

  private CUmodule load(String name) {
    try (Arena temporary = Arena.ofConfined()) {
      // Memory outside of Java's heap, which is not held up while the driver compiles.
      MemorySegment text =
          temporary.allocateFrom(KernelManifest.ptx(name, architecture), StandardCharsets.US_ASCII);
      Pointer image = Pointer.to(text.asByteBuffer());
      CUmodule module = new CUmodule();
      try {
        stream
            .faults()
            .check(
                "cuModuleLoadData of %s_%d".formatted(name, architecture),
                () -> JCudaDriver.cuModuleLoadDataEx(module, image, 0, null, null));
      } catch (CudaException e) {
        throw explained(e, image);
      }
      LOG.debug("compiled {} for architecture {}", name, architecture);
      return module;
    }
  }

  /** The same error with what the driver's compiler has to say, for which it is asked again. */
  private static CudaException explained(CudaException e, Pointer image) {
    JITOptions options = new JITOptions();
    options.putBytes(CUjit_option.CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
    CUmodule module = new CUmodule();
    if (JCudaDriver.cuModuleLoadDataJIT(module, image, options) == CUresult.CUDA_SUCCESS) {
      Faults.ignore(() -> JCudaDriver.cuModuleUnload(module));
      return e;
    }
    String log = options.getString(CUjit_option.CU_JIT_ERROR_LOG_BUFFER).strip();
    return log.isEmpty()
        ? e
        : new CudaException(
            e.getMessage() + "; its compiler says: " + log, e.call(), e.kernel(), e.code());
  }

  @Override
  public void close() {
    modules.values().forEach(module -> Faults.ignore(() -> JCudaDriver.cuModuleUnload(module)));
  }
}
