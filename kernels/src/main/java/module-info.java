/** The CUDA kernels, compiled ahead of time, and the manifest of their entry points. */
module talweg.kernels {
  exports talweg.kernels;

  // The compiled kernels are resources that the backend reads.
  opens talweg.kernels;
}
