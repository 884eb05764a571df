package talweg.cuda.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Hands out places in the register file: to registers by name, constants and special registers. */
final class Slots {
  /** A slot that always holds these bits. */
  record Constant(int slot, long bits) {}

  /** A slot that holds a special register. */
  record Use(int slot, SpecialRegister.Component register) {}

  private final Map<String, Integer> names = new HashMap<>();
  private final Map<Long, Integer> constantSlots = new HashMap<>();
  private final List<Constant> constants = new ArrayList<>();
  private final List<Use> specials = new ArrayList<>();
  private int count;

  int register(String name) {
    Integer known = names.get(name);
    if (known != null) {
      return known;
    }
    int slot = fresh();
    names.put(name, slot);
    return slot;
  }

  int special(String name, SpecialRegister.Component register) {
    Integer known = names.get(name);
    if (known != null) {
      return known;
    }
    int slot = register(name);
    specials.add(new Use(slot, register));
    return slot;
  }

  int constant(long bits) {
    Integer known = constantSlots.get(bits);
    if (known != null) {
      return known;
    }
    int slot = fresh();
    constantSlots.put(bits, slot);
    constants.add(new Constant(slot, bits));
    return slot;
  }

  private int fresh() {
    return Warp.LANES * count++;
  }

  int count() {
    return count;
  }

  List<Constant> constants() {
    return constants;
  }

  List<Use> specials() {
    return specials;
  }
}
