package talweg.cuda.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Copies to shared memory that a warp's lanes have begun with {@code cp.async}. They happen only
 * when they are waited for, so that a forgotten wait shows.
 */
final class AsyncCopies {
  private final List<Deque<List<Runnable>>> groups = new ArrayList<>();
  private final List<List<Runnable>> open = new ArrayList<>();

  AsyncCopies() {
    for (int i = 0; i < Warp.LANES; i++) {
      groups.add(new ArrayDeque<>());
      open.add(new ArrayList<>());
    }
  }

  void clear() {
    groups.forEach(Deque::clear);
    open.forEach(List::clear);
  }

  void begin(int lane, Runnable copy) {
    open.get(lane).add(copy);
  }

  void commit(int lane) {
    groups.get(lane).add(List.copyOf(open.get(lane)));
    open.get(lane).clear();
  }

  /** Completes all groups of a lane but the latest ones. */
  void await(int lane, int mayRemain) {
    Deque<List<Runnable>> pending = groups.get(lane);
    while (pending.size() > mayRemain) {
      pending.removeFirst().forEach(Runnable::run);
    }
  }
}
