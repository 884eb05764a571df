package talweg.train;

import java.lang.foreign.MemorySegment;
import talweg.data.Batch;
import talweg.data.Dataset;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Where examples lie on a device from step to step: features as F32, and class indices as I32 or
 * targets as F32.
 */
record BatchTensors(Tensor x, Tensor y) {
  /** Room for some examples of a data set, which belongs to the session. */
  static BatchTensors of(Session session, Dataset data, int examples, String name) {
    Shape targets =
        data.isClassification() ? Shape.of(examples) : Shape.of(examples, data.outputs());
    DType type = data.isClassification() ? DType.I32 : DType.F32;
    return new BatchTensors(
        session.emptyIn(session.root(), DType.F32, shape(data, examples)).named(name),
        session.emptyIn(session.root(), type, targets).named(name + " targets"));
  }

  /** Shape of the features of some examples. */
  static Shape shape(Dataset data, int examples) {
    int[] features = data.featureShape();
    int[] dims = new int[features.length + 1];
    dims[0] = examples;
    System.arraycopy(features, 0, dims, 1, features.length);
    return Shape.of(dims);
  }

  void upload(Batch batch) {
    Session session = x.session();
    session.upload(MemorySegment.ofArray(batch.x()), x.view());
    session.upload(
        y.dtype() == DType.I32
            ? MemorySegment.ofArray(batch.labels())
            : MemorySegment.ofArray(batch.targets()),
        y.view());
  }

  void free() {
    x.free();
    y.free();
  }
}
