package talweg.cuda.sim;

import java.util.ArrayList;
import java.util.List;

/**
 * An instruction as text, taken apart.
 *
 * @param guard name of the predicate register before it, null if there is none
 * @param negated whether it runs where the guard does not hold
 * @param opcode the instruction's name up to the first dot
 * @param modifiers what follows between dots
 */
record Statement(
    String text,
    String guard,
    boolean negated,
    String opcode,
    List<String> modifiers,
    List<String> operands) {

  static Statement parse(String text) {
    String rest = text;
    String guard = null;
    boolean negated = false;
    if (rest.startsWith("@")) {
      int space = rest.indexOf(' ');
      negated = rest.charAt(1) == '!';
      guard = rest.substring(negated ? 2 : 1, space);
      rest = rest.substring(space + 1).strip();
    }
    int end = rest.indexOf(' ');
    String head = end < 0 ? rest : rest.substring(0, end);
    List<String> parts = List.of(head.replace("::", "__").split("\\."));
    List<String> operands = end < 0 ? List.of() : split(rest.substring(end + 1));
    return new Statement(
        text, guard, negated, parts.getFirst(), parts.subList(1, parts.size()), operands);
  }

  /** Splits at the commas that are not within brackets. */
  static List<String> split(String list) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < list.length(); i++) {
      char c = list.charAt(i);
      if ("{[(".indexOf(c) >= 0) {
        depth++;
      } else if ("}])".indexOf(c) >= 0) {
        depth--;
      } else if (c == ',' && depth == 0) {
        parts.add(list.substring(start, i).strip());
        start = i + 1;
      }
    }
    String last = list.substring(start).strip();
    if (!last.isEmpty()) {
      parts.add(last);
    }
    return parts;
  }

  boolean has(String modifier) {
    return modifiers.contains(modifier);
  }

  /** The modifier at this place, "" past the end. */
  String modifier(int i) {
    return i < modifiers.size() ? modifiers.get(i) : "";
  }

  /** The type that the instruction's name ends with. */
  PtxType type() {
    return PtxType.of(modifiers.isEmpty() ? "none" : modifiers.getLast());
  }

  /** The type before that one, as in {@code cvt}. */
  PtxType typeBeforeLast() {
    return PtxType.of(modifier(modifiers.size() - 2));
  }

  String operand(int i) {
    if (i >= operands.size()) {
      throw PtxFault.undecodable("operand " + (i + 1) + " is missing");
    }
    return operands.get(i);
  }
}
