package talweg.data;

import java.util.Iterator;

/** One way through {@link Batches}, to be closed when it is over or left early. */
public interface BatchPass extends Iterator<Batch>, AutoCloseable {
  @Override
  void close();

  /** Batches that are made when they are asked for. */
  record Direct(Iterator<Batch> batches) implements BatchPass {
    @Override
    public boolean hasNext() {
      return batches.hasNext();
    }

    @Override
    public Batch next() {
      return batches.next();
    }

    @Override
    public void close() {}
  }
}
