package talweg.cuda;

import talweg.op.FusedCall;

/** Optimizer updates of all parameters in one launch, and the measurement before them. */
final class FusedUpdates {
  private final Device device;

  FusedUpdates(Device device) {
    this.device = device;
  }

  void run(FusedCall.AdamStep call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.SgdStep call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.RmsPropStep call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.AdagradStep call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.LambStep call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.MeasureGradients call) {
    throw new UnsupportedOperationException();
  }
}
