/** Tensors on an NVIDIA GPU, through the CUDA driver API. */
package talweg.cuda;
