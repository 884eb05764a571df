package talweg.cuda;

import talweg.op.FusedCall;

/** Layers and losses in one pass, forward and backward. */
final class FusedLayers {
  private final Device device;
  private final MatMul matMul;

  FusedLayers(Device device, MatMul matMul) {
    this.device = device;
    this.matMul = matMul;
  }

  void run(FusedCall.LinearActivation call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.LinearActivationBackward call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.SoftmaxCrossEntropy call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.SoftmaxCrossEntropyBackward call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.LayerNorm call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.LayerNormBackward call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.BatchNorm call) {
    throw new UnsupportedOperationException();
  }

  void run(FusedCall.BatchNormBackward call) {
    throw new UnsupportedOperationException();
  }
}
