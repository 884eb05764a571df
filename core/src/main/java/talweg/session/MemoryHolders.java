package talweg.session;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Who holds a session's memory, by the names of tensors, or else what computed them and where. */
final class MemoryHolders {
  private static final int SHOWN = 6;

  /**
   * By what labels storages; texts are made at the end and not for each of a million tensors, when
   * there is no memory for that.
   */
  private final Map<Object, Map<Object, Holder>> holders = new HashMap<>();

  private int unscoped;
  private String unscopedSite = "";

  /** Tensors of one label. */
  private static final class Holder {
    private String name;
    private int tensors;
    private long bytes;

    void add(int moreTensors, long moreBytes) {
      tensors += moreTensors;
      bytes += moreBytes;
    }

    long bytes() {
      return bytes;
    }

    String name() {
      return name;
    }

    @Override
    public String toString() {
      return name + (tensors > 1 ? " x " + tensors : "") + " " + MemoryUse.text(bytes);
    }
  }

  void add(String name, long bytes) {
    add("", name, name, bytes);
  }

  void add(Storage storage) {
    Object label = storage.labelledBy();
    add(storage.isNamed() ? "" : storage.owner(), label, storage, storage.bytes());
  }

  private void add(Object group, Object label, Object example, long bytes) {
    if (bytes > 0) {
      Map<Object, Holder> labels = holders.computeIfAbsent(group, _ -> new HashMap<>());
      Holder holder = labels.get(label);
      if (holder == null) {
        holder = new Holder();
        holder.name = example instanceof Storage storage ? storage.label() : example.toString();
        labels.put(label, holder);
      }
      holder.add(1, bytes);
    }
  }

  /** Notes how many tensors without a name were made outside of any scope, and where. */
  void unscoped(int tensors, String site) {
    unscoped = tensors;
    unscopedSite = site;
  }

  /** Whether the number of tensors made outside of any scope shows that a loop made them. */
  boolean leak() {
    return unscoped >= UnscopedTensors.USUAL;
  }

  /** The largest ones, most first, and what was made outside of any scope if that is a leak. */
  String largest() {
    Map<String, Holder> byName = new HashMap<>();
    for (Map<Object, Holder> labels : holders.values()) {
      for (Holder holder : labels.values()) {
        Holder sum = byName.computeIfAbsent(holder.name, _ -> new Holder());
        sum.name = holder.name;
        sum.add(holder.tensors, holder.bytes);
      }
    }
    String largest =
        byName.values().stream()
            .sorted(Comparator.comparingLong(Holder::bytes).reversed().thenComparing(Holder::name))
            .limit(SHOWN)
            .map(Holder::toString)
            .collect(Collectors.joining(", "));
    return leak() ? largest + "; " + leakText() : largest;
  }

  /** How many tensors were made outside of any scope, and where. */
  String leakText() {
    String made =
        String.format(Locale.ROOT, "%,d tensors were made outside of any scope", unscoped);
    return unscopedSite.isEmpty() ? made : made + ", most often by " + unscopedSite;
  }
}
