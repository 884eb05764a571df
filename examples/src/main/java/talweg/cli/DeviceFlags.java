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
      description = "Worker threads of the CPU backend. Default: as many as cores.")
  private Integer threads;

  @Mixin private MemoryFlags memory;

  Session open() {
    int workers = Threads.of(threads);
    memory.bytes();
    return memory.open(Backends.open(backend, workers, Precision.FP32));
  }
}
