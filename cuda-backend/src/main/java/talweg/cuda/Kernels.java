package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUresult;
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
  private final Map<String, Long> modules = new HashMap<>();

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
    long module = modules.computeIfAbsent(entry.module(), this::load);
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment handle = temporary.allocate(JAVA_LONG);
      MemorySegment text = temporary.allocateFrom(name, StandardCharsets.US_ASCII);
      stream
          .faults()
          .check(
              stream.driver().function(handle.address(), module, text.address()),
              "cuModuleGetFunction of " + name);
      return new KernelFunction(handle.get(JAVA_LONG, 0), signature, entry, arena);
    }
  }

  /** Compiles a module; an error tells what the driver's compiler says. */
  private long load(String name) {
    stream.faults().requireUsable();
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment handle = temporary.allocate(JAVA_LONG);
      MemorySegment text =
          temporary.allocateFrom(KernelManifest.ptx(name, architecture), StandardCharsets.US_ASCII);
      MemorySegment log = temporary.allocate(LOG_BYTES);
      MemorySegment options =
          temporary.allocateFrom(
              JAVA_INT,
              CUjit_option.CU_JIT_ERROR_LOG_BUFFER,
              CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
      MemorySegment values = temporary.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES);
      int code =
          stream
              .driver()
              .loadModule(handle.address(), text.address(), 2, options.address(), values.address());
      if (code != CUresult.CUDA_SUCCESS) {
        throw failed(
            code, String.format(Locale.ROOT, "cuModuleLoadData of %s_%d", name, architecture), log);
      }
      LOG.debug("compiled {} for architecture {}", name, architecture);
      return handle.get(JAVA_LONG, 0);
    }
  }

  private CudaException failed(int code, String call, MemorySegment log) {
    CudaException e = stream.faults().failed(code, call, null);
    log.set(JAVA_BYTE, LOG_BYTES - 1, (byte) 0);
    String says = log.getString(0, StandardCharsets.ISO_8859_1).strip();
    return says.isEmpty()
        ? e
        : new CudaException(
            e.getMessage() + "; its compiler says: " + says, e.call(), e.kernel(), e.code());
  }

  @Override
  public void close() {
    for (long module : modules.values()) {
      int ignored = stream.driver().unloadModule(module);
    }
  }
}
