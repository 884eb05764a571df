/** Tensors on an NVIDIA GPU, through the CUDA driver API. */
module talweg.cuda {
  requires jcublas;
  requires jcuda;
  requires org.slf4j;
  requires talweg.core;
  requires talweg.kernels;

  provides talweg.spi.BackendProvider with
      talweg.cuda.CudaProvider;
}
