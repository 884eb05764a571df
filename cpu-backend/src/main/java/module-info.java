/** Tensors on the CPU. */
@SuppressWarnings("requires-automatic") // optional, and without a descriptor of their own
module talweg.cpu {
  requires static org.bytedeco.javacpp;
  requires static jdk.incubator.vector;
  requires static nd4j.api;
  requires static nd4j.common;
  requires static nd4j.cpu.api;
  requires org.slf4j;
  requires talweg.core;

  provides talweg.spi.BackendProvider with
      talweg.cpu.CpuProvider,
      talweg.nd4j.Nd4jProvider;
}
