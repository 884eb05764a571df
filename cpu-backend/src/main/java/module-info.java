/** Tensors on the CPU. */
module talweg.cpu {
  requires static jdk.incubator.vector;
  requires org.slf4j;
  requires talweg.core;

  provides talweg.spi.BackendProvider with
      talweg.cpu.CpuProvider;
}
