package talweg.cli;

import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.spi.Precision;

/** The flags that choose a device for a trained model. */
final class DeviceFlags {
  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = "auto",
      description = "auto, cpu, cuda[:I] or reference. Default: ${DEFAULT-VALUE}.")
  private String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "Worker threads of the CPU backend. Default: as many as cores.")
  private int threads;

  @Mixin private MemoryFlags memory;

  Session open() {
    if (threads < 0) {
      throw new UsageException("--threads: expected at least 0, got " + threads);
    }
    memory.bytes();
    return memory.open(Backends.open(backend, threads, Precision.FP32));
  }
}
