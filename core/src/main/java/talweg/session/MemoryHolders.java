package talweg.session;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Who holds a session's memory, by the names of tensors, or else what computed them and where. */
final class MemoryHolders {
  private static final int SHOWN = 6;

  private final Map<String, Holder> holders = new HashMap<>();

  /** Tensors of one name. */
  private record Holder(String name, int tensors, long bytes) {
    Holder plus(Holder other) {
      return new Holder(name, tensors + other.tensors, bytes + other.bytes);
    }

    @Override
    public String toString() {
      return name + (tensors > 1 ? " x " + tensors : "") + " " + MemoryUse.text(bytes);
    }
  }

  void add(String name, long bytes) {
    if (bytes > 0) {
      holders.merge(name, new Holder(name, 1, bytes), Holder::plus);
    }
  }

  /** The largest ones, most first. */
  String largest() {
    return holders.values().stream()
        .sorted(Comparator.comparingLong(Holder::bytes).reversed().thenComparing(Holder::name))
        .limit(SHOWN)
        .map(Holder::toString)
        .collect(Collectors.joining(", "));
  }
}
