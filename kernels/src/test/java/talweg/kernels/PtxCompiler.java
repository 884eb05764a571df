package talweg.kernels;

import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompileResult;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;

/** The compiler inside of NVIDIA's drivers, as a library that needs no device. */
final class PtxCompiler {
  private static final Pattern ENTRY =
      Pattern.compile(
          "Compiling entry function '(\\w+)'.*?(\\d+) bytes stack frame, (\\d+) bytes spill stores,"
              + " (\\d+) bytes spill loads.*?Used (\\d+) registers",
          Pattern.DOTALL);

  private PtxCompiler() {}

  /**
   * What an entry point needs.
   *
   * @param spilled bytes of registers that are written to memory for want of room
   */
  record Usage(int registers, int spilled) {}

  /** Compiles code for its own architecture, e.g. 75; fails with the compiler's message. */
  static SortedMap<String, Usage> compile(String ptx, int architecture) {
    byte[] text = ptx.getBytes(StandardCharsets.US_ASCII);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    check(JNvPTXCompiler.nvPTXCompilerCreate(handle, text.length, text), "create");
    try {
      String[] options = {"--gpu-name=sm_" + architecture, "--verbose"};
      int status = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      if (status != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
        throw new AssertionError(nvPTXCompileResult.stringFor(status) + ": " + errors(handle));
      }
      return usages(log(handle));
    } finally {
      check(JNvPTXCompiler.nvPTXCompilerDestroy(handle), "destroy");
    }
  }

  private static SortedMap<String, Usage> usages(String log) {
    SortedMap<String, Usage> usages = new TreeMap<>();
    for (Matcher match = ENTRY.matcher(log); match.find(); ) {
      int spilled = Integer.parseInt(match.group(3)) + Integer.parseInt(match.group(4));
      usages.put(match.group(1), new Usage(Integer.parseInt(match.group(5)), spilled));
    }
    return usages;
  }

  private static String log(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    check(JNvPTXCompiler.nvPTXCompilerGetInfoLogSize(handle, size), "log");
    byte[] text = new byte[Math.toIntExact(size[0]) + 1];
    check(JNvPTXCompiler.nvPTXCompilerGetInfoLog(handle, text), "log");
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static String errors(nvPTXCompilerHandle handle) {
    long[] size = new long[1];
    check(JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size), "errors");
    byte[] text = new byte[Math.toIntExact(size[0]) + 1];
    check(JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, text), "errors");
    return new String(text, StandardCharsets.US_ASCII);
  }

  private static void check(int status, String call) {
    if (status != nvPTXCompileResult.NVPTXCOMPILE_SUCCESS) {
      throw new AssertionError(call + ": " + nvPTXCompileResult.stringFor(status));
    }
  }
}
