package talweg.train;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * The epochs that a training remembers: the last ones, and the best one. Their number is bounded,
 * so that a long training needs no more memory than a short one.
 */
final class RecentEpochs {
  /** Most that are remembered, beside the best. */
  static final int MOST = 10_000;

  private final Deque<EpochResult> last = new ArrayDeque<>();
  private EpochResult best;
  private int finished;

  void add(EpochResult result) {
    last.addLast(result);
    finished = result.epoch();
    if (last.size() > MOST) {
      last.removeFirst();
    }
  }

  /** The one that is not forgotten. */
  void best(EpochResult result) {
    best = result;
  }

  /** Number of epochs so far, of which there can be more than are remembered. */
  int finished() {
    return finished;
  }

  /** The last ones up to a limit, in order; before them the best, if it is not one of them. */
  List<EpochResult> list(int most) {
    List<EpochResult> list = new ArrayList<>(Math.min(most, last.size()) + 1);
    Iterator<EpochResult> backwards = last.descendingIterator();
    while (list.size() < most && backwards.hasNext()) {
      list.add(backwards.next());
    }
    if (best != null && !list.isEmpty() && best.epoch() < list.getLast().epoch()) {
      list.add(best);
    }
    return List.copyOf(list.reversed());
  }
}
