package talweg.cuda;

import talweg.op.BinaryKind;
import talweg.op.UnaryKind;
import talweg.spi.View;

/** Functions of every element, copies and casts. */
final class Elementwise {
  private final Device device;

  Elementwise(Device device) {
    this.device = device;
  }

  void fill(View out, double value) {
    throw new UnsupportedOperationException();
  }

  void copy(View in, View out) {
    throw new UnsupportedOperationException();
  }

  void unary(UnaryKind kind, double p, double q, View in, View out) {
    throw new UnsupportedOperationException();
  }

  void binary(BinaryKind kind, View a, View b, View out) {
    throw new UnsupportedOperationException();
  }

  void affine(double scale, double shift, View in, View out) {
    throw new UnsupportedOperationException();
  }

  void where(View condition, View a, View b, View out) {
    throw new UnsupportedOperationException();
  }
}
