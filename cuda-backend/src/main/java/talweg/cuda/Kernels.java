package talweg.cuda;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUmodule;
import jcuda.driver.JCudaDriver;
import talweg.error.BackendException;
import talweg.kernels.KernelModules;
import talweg.kernels.KernelSignature;
import talweg.tensor.DType;

/**
 * The entry points of the loaded modules. A module is compiled by the driver at the first use of
 * one of its kernels.
 */
final class Kernels implements AutoCloseable {
  private final Stream stream;
  private final KernelModules code;
  private final Launch launch;
  private final Arena arena = Arena.ofConfined();
  private final Map<String, CUmodule> modules = new HashMap<>();

  /** By signature, which is a constant of its launcher, and element type; the last is for none. */
  private final Map<KernelSignature, KernelFunction[]> functions = new IdentityHashMap<>();

  Kernels(Stream stream, int capability) {
    this.stream = stream;
    this.code = KernelModules.of(capability);
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
      variants[index] = load(name, signature);
    }
    return variants[index];
  }

  private KernelFunction load(String name, KernelSignature signature) {
    KernelModules.Entry entry =
        code.find(name)
            .orElseThrow(
                () -> new BackendException("kernel " + name + " does not exist for this device"));
    CUmodule module = modules.get(entry.module());
    if (module == null) {
      module = load(entry.module());
      modules.put(entry.module(), module);
    }
    Handles.Function handle = new Handles.Function();
    CUmodule holder = module;
    stream
        .faults()
        .check("cuModuleGetFunction", () -> JCudaDriver.cuModuleGetFunction(handle, holder, name));
    return new KernelFunction(name, handle, signature, entry.sizes(), arena);
  }

  private CUmodule load(String file) {
    byte[] text = KernelModules.read(file);
    try (Arena temporary = Arena.ofConfined()) {
      // Memory outside of Java's heap, which is not held up while the driver compiles.
      MemorySegment image = temporary.allocate(text.length + 1);
      MemorySegment.copy(text, 0, image, JAVA_BYTE, 0, text.length);
      CUmodule module = new CUmodule();
      stream
          .faults()
          .check(
              "cuModuleLoadData of " + file,
              () ->
                  JCudaDriver.cuModuleLoadDataEx(
                      module, Pointer.to(image.asByteBuffer()), 0, null, null));
      return module;
    }
  }

  @Override
  public void close() {
    modules.values().forEach(module -> Faults.ignore(() -> JCudaDriver.cuModuleUnload(module)));
    arena.close();
  }
}
