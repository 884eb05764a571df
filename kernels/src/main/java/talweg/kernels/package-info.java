/** The CUDA kernels, compiled ahead of time, and the manifest of their entry points. */
package talweg.kernels;
