package talweg.spi;

import talweg.tensor.DType;

/**
 * Memory of one backend: a typed, linear run of elements. Backends implement it with their own
 * storage.
 */
public interface Buffer {
  /** Element type. */
  DType dtype();

  /** Number of elements. */
  long length();
}
