package talweg.train;

import talweg.check.Require;
import talweg.data.Batch;
import talweg.data.Dataset;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Brings host batches to the session as tensors in the model's element type. */
final class Feed {
  private final Session session;
  private final DType dtype;
  private final Dataset data;

  Feed(Session session, DType dtype, Dataset data) {
    this.session = session;
    this.dtype = dtype;
    this.data = Require.given("trainer", "data set", data);
  }

  /** Features as [batch, feature shape...]. */
  Tensor x(Batch batch) {
    int[] dims = BatchTensors.shape(data, batch.size()).dims();
    return session.tensor(batch.x(), dims).to(dtype);
  }

  /** Class indices as [batch], or targets as [batch, outputs]. */
  Tensor y(Batch batch) {
    return data.isClassification()
        ? session.tensor(batch.labels(), batch.size())
        : session.tensor(batch.targets(), batch.size(), data.outputs()).to(dtype);
  }
}
