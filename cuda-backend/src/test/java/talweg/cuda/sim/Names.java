package talweg.cuda.sim;

import java.util.HashMap;
import java.util.Map;

/** What the names in one function mean: registers, symbols, and parameters passed by a call. */
final class Names {
  private final Slots slots;
  private final String prefix;
  private final Map<String, Long> symbols;
  private final Map<String, String> passed = new HashMap<>();

  /**
   * @param prefix keeps the registers of an inlined function apart
   * @param symbols places of variables in their spaces
   */
  Names(Slots slots, String prefix, Map<String, Long> symbols) {
    this.slots = slots;
    this.prefix = prefix;
    this.symbols = symbols;
  }

  /** The names of a function that this one calls. */
  Names callee(int number) {
    return new Names(slots, prefix + "call" + number + ".", symbols);
  }

  String scoped(String name) {
    return prefix + name;
  }

  /** Lets a callee's parameter stand for what the caller passes. */
  void pass(String parameter, String callersPlace) {
    passed.put(parameter, callersPlace);
  }

  /** Where a parameter of a call travels. */
  String place(String parameter) {
    return passed.getOrDefault(parameter, prefix + "param " + parameter);
  }

  int parameter(Operand.Address address) {
    return slots.register(place(address.base()) + "+" + address.offset());
  }

  boolean isSymbol(String name) {
    return symbols.containsKey(name);
  }

  int write(String operand) {
    if (operand.startsWith("{")) {
      throw PtxFault.undecodable("a vector where one register is expected");
    }
    return slots.register(prefix + operand);
  }

  int read(String operand, PtxType type) {
    if (operand.startsWith("%")) {
      SpecialRegister.Component special = SpecialRegister.find(operand);
      return special != null ? slots.special(operand, special) : write(operand);
    }
    Long symbol = symbols.get(operand);
    if (symbol != null) {
      return slots.constant(symbol);
    }
    if (Operand.isImmediate(operand)) {
      return slots.constant(Operand.immediate(operand, type));
    }
    return write(operand);
  }

  /** A register only for the decoder's own use. */
  int hidden(String name) {
    return slots.register("hidden " + name);
  }

  int constant(long bits) {
    return slots.constant(bits);
  }
}
