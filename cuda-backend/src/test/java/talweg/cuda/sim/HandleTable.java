package talweg.cuda.sim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Objects of one kind that callers know by handle. No handle is given twice. */
final class HandleTable<T> {
  private final String kind;
  private final Map<Long, T> live = new LinkedHashMap<>();
  private final long first;
  private long next;

  /**
   * @param first keeps the handles of different kinds apart, so that mixing them up shows
   */
  HandleTable(String kind, long first) {
    this.kind = kind;
    this.first = first;
    this.next = first;
  }

  long add(T object) {
    next += 16;
    live.put(next, object);
    return next;
  }

  T get(long handle) {
    T object = live.get(handle);
    CuError.require(object != null, CuResult.INVALID_HANDLE, explain(handle));
    return object;
  }

  T remove(long handle) {
    T object = get(handle);
    live.remove(handle);
    return object;
  }

  private String explain(long handle) {
    boolean gone = handle > first && handle <= next;
    return kind + " 0x" + Long.toHexString(handle) + (gone ? " was destroyed" : " does not exist");
  }

  int size() {
    return live.size();
  }

  List<T> all() {
    return new ArrayList<>(live.values());
  }

  void clear() {
    live.clear();
  }

  String kind() {
    return kind;
  }
}
