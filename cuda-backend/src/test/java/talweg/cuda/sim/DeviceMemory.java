package talweg.cuda.sim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The memory of the simulated device. Addresses are never used twice and a gap follows each
 * allocation, so that an access out of bounds or after free is always seen. Fresh memory holds NaN.
 */
final class DeviceMemory {
  private static final long FIRST = 0x7f00_0000_0000L;
  private static final long ALIGNMENT = 256;
  private static final long GAP = 4096;

  private final TreeMap<Long, Region> live = new TreeMap<>();
  private final TreeMap<Long, Long> freed = new TreeMap<>();
  private final TreeMap<Long, Region> modules = new TreeMap<>();
  private final long capacity;
  private long next = FIRST;
  private long used;
  private long peak;
  private long count;

  DeviceMemory(long capacity) {
    this.capacity = capacity;
  }

  /** Takes memory, or gives 0 if there is not so much left. */
  long allocate(long bytes) {
    if (bytes > capacity - used) {
      return 0;
    }
    Region region = place("allocation " + ++count + " (" + bytes + " bytes)", bytes);
    live.put(region.base(), region);
    used += bytes;
    peak = Math.max(peak, used);
    return region.base();
  }

  /** Memory of a module's variables: addressable, but nobody's to free. */
  Region reserve(String name, int bytes) {
    Region region = place(name, bytes);
    modules.put(region.base(), region);
    return region;
  }

  void dismiss(Region variable) {
    modules.remove(variable.base());
    variable.retire();
  }

  private Region place(String name, long bytes) {
    byte[] data = new byte[Math.toIntExact(bytes)];
    Arrays.fill(data, (byte) 0xff);
    Region region = new Region(name, next, data, bytes);
    next += (bytes + GAP + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return region;
  }

  boolean free(long address) {
    Region region = live.remove(address);
    if (region == null) {
      return false;
    }
    used -= region.size();
    freed.put(address, region.size());
    region.retire();
    return true;
  }

  boolean wasFreed(long address) {
    return freed.containsKey(address);
  }

  /** The region that holds all of these bytes; a fault if there is none. */
  Region find(long address, long bytes) {
    for (TreeMap<Long, Region> regions : List.of(live, modules)) {
      Map.Entry<Long, Region> entry = regions.floorEntry(address);
      if (entry != null && entry.getValue().contains(address, bytes)) {
        return entry.getValue();
      }
    }
    throw PtxFault.illegalAddress(explain(address, bytes));
  }

  private String explain(long address, long bytes) {
    String access = "illegal address 0x" + Long.toHexString(address) + " (" + bytes + " bytes)";
    Map.Entry<Long, Region> below = live.floorEntry(address);
    Map.Entry<Long, Long> gone = freed.floorEntry(address);
    if (gone != null && address < gone.getKey() + gone.getValue()) {
      return access + ", use after free: " + gone.getValue() + " bytes were freed there";
    }
    if (below != null && address - below.getKey() < below.getValue().size() + GAP) {
      long past = address - below.getKey() - below.getValue().size();
      return access + ", " + past + " bytes past the end of " + below.getValue().name();
    }
    return access;
  }

  /** The bytes themselves, for copies. */
  MemorySegment segment(long address, long bytes) {
    Region region = find(address, bytes);
    return MemorySegment.ofArray(region.data()).asSlice(address - region.base(), bytes);
  }

  long capacity() {
    return capacity;
  }

  long used() {
    return used;
  }

  long peak() {
    return peak;
  }

  int liveCount() {
    return live.size();
  }

  /** What is still allocated, for people. */
  List<String> describeLive() {
    List<String> lines = new ArrayList<>();
    live.values().forEach(region -> lines.add(region.name()));
    return lines;
  }

  /** Frees everything, as the end of a context does. */
  void freeAll() {
    List.copyOf(live.keySet()).forEach(this::free);
  }
}
