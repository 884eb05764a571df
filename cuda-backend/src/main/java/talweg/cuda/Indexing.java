package talweg.cuda;

import talweg.spi.View;

/** Gather and its adjoint. */
final class Indexing {
  private final Device device;

  Indexing(Device device) {
    this.device = device;
  }

  void gather(int axis, View in, View index, View out) {
    throw new UnsupportedOperationException();
  }

  void scatterAdd(int axis, View in, View index, View out) {
    throw new UnsupportedOperationException();
  }
}
