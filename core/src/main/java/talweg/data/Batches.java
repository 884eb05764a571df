package talweg.data;

import java.util.Iterator;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.function.IntFunction;

/**
 * The mini-batches of one pass over a {@link Dataset}, in file order or in a seeded random order.
 *
 * <p>Immutable; every setting returns a new object. Any batch can be asked for by its index, so
 * that a run resumed within an epoch continues with exactly the batch that would have come next.
 */
public final class Batches implements Iterable<Batch> {
  private final Dataset dataset;
  private final int batchSize;
  private final Order order;
  private final boolean dropLast;

  private Batches(Dataset dataset, int batchSize, Order order, boolean dropLast) {
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.order = order;
    this.dropLast = dropLast;
  }

  /**
   * Batches in file order, the last one smaller where the size does not divide.
   *
   * @throws IllegalArgumentException if {@code batchSize} is not positive
   */
  public static Batches of(Dataset dataset, int batchSize) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batches: the batch size must be positive: " + batchSize);
    }
    return new Batches(dataset, batchSize, new Order.InFile(), false);
  }

  /**
   * The same batches in an order that depends on the data set's size, {@code seed} and {@code
   * epoch} only, on every JVM. A streamed data set is shuffled in blocks, so that neighbours in the
   * file are read at about the same time.
   *
   * @throws IllegalArgumentException if {@code epoch} is negative
   */
  public Batches shuffled(long seed, long epoch) {
    if (epoch < 0) {
      throw new IllegalArgumentException("batches: the epoch must not be negative: " + epoch);
    }
    Order shuffled =
        dataset.isStreamed()
            ? new Order.Blocks(dataset.size(), seed, epoch)
            : new Order.Shuffled(Permutation.of(dataset.size(), seed, epoch));
    return new Batches(dataset, batchSize, shuffled, dropLast);
  }

  /** The same batches in file order. */
  public Batches inOrder() {
    return new Batches(dataset, batchSize, new Order.InFile(), dropLast);
  }

  /**
   * Whether to leave out a last batch that is smaller than the others.
   *
   * @throws IllegalArgumentException if that would leave no batch at all
   */
  public Batches dropLast(boolean drop) {
    if (drop && batchSize > dataset.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "batches: dropLast leaves no batch: expected a batch size of at most %d, the examples"
                  + " of \"%s\", got %d; use smaller batches",
              dataset.size(),
              dataset.name(),
              batchSize));
    }
    return new Batches(dataset, batchSize, order, drop);
  }

  /** Number of batches in the pass. */
  public int batchCount() {
    int full = dataset.size() / batchSize;
    return dropLast || dataset.size() % batchSize == 0 ? full : full + 1;
  }

  /**
   * The row numbers of batch {@code index}, for gathering where the data set already is.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= index < batchCount()}
   */
  public int[] rows(int index) {
    if (index < 0 || index >= batchCount()) {
      throw new IndexOutOfBoundsException(
          String.format(Locale.ROOT, "batches: no batch %d of %d", index, batchCount()));
    }
    int from = index * batchSize;
    return order.rows(from, from + Math.min(batchSize, dataset.size() - from));
  }

  /**
   * Batch {@code index} of the pass, in arrays of its own.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= index < batchCount()}
   */
  public Batch batch(int index) {
    return dataset.batch(rows(index));
  }

  @Override
  public Iterator<Batch> iterator() {
    return iterator(0);
  }

  /** The batches from {@code first} on, each made when it is asked for. */
  Iterator<Batch> iterator(int first) {
    return iterator(first, this::batch);
  }

  private Iterator<Batch> iterator(int first, IntFunction<Batch> batches) {
    return new Iterator<>() {
      private int index = first;

      @Override
      public boolean hasNext() {
        return index < batchCount();
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException("batches: the pass is over after " + batchCount());
        }
        return batches.apply(index++);
      }
    };
  }

  /**
   * The batches from {@code first} on. Of a streamed data set, a thread makes a few of them ahead
   * while earlier ones are in use; the batches and their order are the same.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= first <= batchCount()}
   */
  public BatchPass open(int first) {
    Objects.checkIndex(first, batchCount() + 1);
    return dataset.isStreamed() ? new Prefetch(this, first) : new BatchPass.Direct(iterator(first));
  }

  /**
   * As {@link #open}, but with nothing than the row numbers in each batch: for data that are
   * already where the batches go.
   */
  public BatchPass openRows(int first) {
    Objects.checkIndex(first, batchCount() + 1);
    return new BatchPass.Direct(
        iterator(first, i -> new Batch(rows(i), new float[0], new int[0], new float[0])));
  }
}
