package talweg.cuda;

import talweg.op.RandomKind;
import talweg.spi.View;

/** Random numbers, see {@link talweg.spi.Philox}. */
final class Randoms {
  private final Device device;

  Randoms(Device device) {
    this.device = device;
  }

  void fill(RandomKind kind, long seed, int site, View state, View out) {
    throw new UnsupportedOperationException();
  }
}
