package talweg.cuda.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies to shared memory that a warp's lanes have begun with {@code cp.async}. They happen only
 * when they are waited for, so that a forgotten wait shows.
 */
final class AsyncCopies {
  private final Map<Integer, Deque<List<Runnable>>> groups = new HashMap<>();
  private final Map<Integer, List<Runnable>> open = new HashMap<>();

  void clear() {
    groups.clear();
    open.clear();
  }

  void begin(int lane, Runnable copy) {
    open.computeIfAbsent(lane, key -> new ArrayList<>()).add(copy);
  }

  void commit(int lane) {
    List<Runnable> group = open.remove(lane);
    groups.computeIfAbsent(lane, key -> new ArrayDeque<>()).add(group == null ? List.of() : group);
  }

  /** Completes all groups of a lane but the latest ones. */
  void await(int lane, int mayRemain) {
    Deque<List<Runnable>> pending = groups.get(lane);
    while (pending != null && pending.size() > mayRemain) {
      pending.removeFirst().forEach(Runnable::run);
    }
  }
}
