package talweg.train;

import talweg.data.Batches;
import talweg.data.Dataset;
import talweg.session.MemoryUse;
import talweg.session.Session;
import talweg.tensor.Tensor;

/**
 * A data set in a device's own memory, from which steps gather their batches by row number: then
 * some hundred bytes go to the device for each step rather than some hundred thousand.
 */
final class ResidentData {
  /** A data set stays out if it takes more than this part of the memory that is left. */
  private static final int SHARE = 4;

  private final Dataset data;
  private final BatchTensors all;

  private ResidentData(Session session, Dataset data) {
    this.data = data;
    this.all = BatchTensors.of(session, data, data.size(), "data set");
    all.upload(Batches.of(data, data.size()).batch(0));
  }

  /** Brings a data set to the device, unless there is no gain or not enough room: then null. */
  static ResidentData of(Session session, Dataset data) {
    if (session.backend().usesHostMemory() || data.isStreamed()) {
      return null;
    }
    long elements = (long) data.size() * data.featureCount();
    MemoryUse use = session.memory();
    long room = Math.min(use.limit(), session.backend().memoryBytes()) - use.held();
    boolean fits = elements < Integer.MAX_VALUE && elements * Float.BYTES <= room / SHARE;
    return fits ? new ResidentData(session, data) : null;
  }

  boolean holds(Dataset other) {
    return data == other;
  }

  /** Features of some rows, [rows, feature shape...]. */
  Tensor x(Tensor rows) {
    return all.x().indexSelect(0, rows);
  }

  /** Class indices of some rows, [rows], or their targets, [rows, outputs]. */
  Tensor y(Tensor rows) {
    return all.y().indexSelect(0, rows);
  }

  void free() {
    all.free();
  }
}
