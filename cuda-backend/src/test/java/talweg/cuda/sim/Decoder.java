package talweg.cuda.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Turns the statements of a kernel into instructions; functions are put in where called. */
final class Decoder {
  private static final int DEEPEST_CALL = 16;

  private final PtxModule module;
  private final Slots slots = new Slots();
  private final Map<String, Long> symbols;
  private final List<Instruction> code = new ArrayList<>();
  private final List<String> texts = new ArrayList<>();
  private final Map<String, Integer> labels = new HashMap<>();
  private final List<Runnable> fixups = new ArrayList<>();
  private int sharedBytes;
  private int localBytes;
  private int calls;
  private int hidden;

  private Decoder(PtxModule module, Map<String, Long> moduleAddresses) {
    this.module = module;
    this.symbols = new HashMap<>(moduleAddresses);
  }

  /**
   * Decodes one kernel.
   *
   * @param addresses where the module's global and constant variables lie
   * @throws PtxFault if an instruction is not known
   */
  static Kernel decode(PtxModule module, String name, Map<String, Long> addresses) {
    PtxFunction entry = module.functions().get(name);
    if (entry == null || !entry.entry()) {
      throw PtxFault.undecodable("no kernel \"" + name + "\"");
    }
    Decoder decoder = new Decoder(module, addresses);
    decoder.placeShared();
    for (PtxVariable parameter : entry.parameters()) {
      decoder.symbols.put(parameter.name(), (long) parameter.offset());
    }
    try {
      decoder.function(entry, new Names(decoder.slots, "", decoder.symbols), null, 0);
    } catch (PtxFault fault) {
      throw fault.at(name);
    }
    decoder.fixups.forEach(Runnable::run);
    return new Kernel(
        decoder.code.toArray(Instruction[]::new),
        decoder.texts.toArray(String[]::new),
        decoder.slots,
        entry,
        decoder.sharedBytes,
        decoder.localBytes);
  }

  /** Module-wide shared variables, those of open length last: dynamic memory follows. */
  private void placeShared() {
    List<PtxVariable> open = new ArrayList<>();
    for (PtxVariable variable : module.variables().values()) {
      if (variable.space().equals("shared")) {
        if (variable.bytes() == 0) {
          open.add(variable);
        } else {
          place(variable);
        }
      }
    }
    for (PtxFunction function : module.functions().values()) {
      if (function.entry()) {
        continue;
      }
      function.variables().forEach(this::place);
    }
    open.forEach(this::place);
  }

  private void place(PtxVariable variable) {
    boolean shared = variable.space().equals("shared");
    PtxVariable placed = variable.after(shared ? sharedBytes : localBytes);
    symbols.put(variable.name(), (long) placed.offset());
    int end = placed.offset() + placed.bytes();
    if (shared) {
      sharedBytes = end;
    } else {
      localBytes = end;
    }
  }

  /**
   * @param returnLabel where a return goes; null where it ends the thread
   */
  private void function(PtxFunction function, Names names, String returnLabel, int depth) {
    if (depth > DEEPEST_CALL) {
      throw PtxFault.undecodable("calls deeper than " + DEEPEST_CALL + ", a recursion perhaps");
    }
    if (function.entry()) {
      function.variables().forEach(this::place);
    }
    Map<Integer, List<String>> labelsAt = new HashMap<>();
    function
        .labels()
        .forEach((label, at) -> labelsAt.computeIfAbsent(at, k -> new ArrayList<>()).add(label));
    for (int i = 0; i <= function.statements().size(); i++) {
      for (String label : labelsAt.getOrDefault(i, List.of())) {
        labels.put(names.scoped(label), code.size());
      }
      if (i < function.statements().size()) {
        String text = function.statements().get(i);
        try {
          statement(Statement.parse(text), function, names, returnLabel, depth);
        } catch (PtxFault fault) {
          throw fault.at("\"" + text + "\"");
        } catch (RuntimeException e) {
          throw PtxFault.undecodable("\"" + text + "\": " + e);
        }
      }
    }
    if (returnLabel == null) {
      emit("ret", new Control.Exit());
    }
  }

  private void emit(String text, Instruction instruction) {
    code.add(instruction);
    texts.add(text);
  }

  private void branch(String text, int predicate, boolean negated, String scopedLabel) {
    Control.Branch branch = new Control.Branch(predicate, negated);
    emit(text, branch);
    fixups.add(() -> branch.aim(target(scopedLabel)));
  }

  private int target(String scopedLabel) {
    Integer pc = labels.get(scopedLabel);
    if (pc == null) {
      throw PtxFault.undecodable("no label \"" + scopedLabel + "\"");
    }
    return pc;
  }

  private void statement(
      Statement s, PtxFunction function, Names names, String returnLabel, int depth) {
    int guard = s.guard() == null ? -1 : names.read(s.guard(), PtxType.PRED);
    if (s.opcode().equals("bra")) {
      branch(s.text(), guard, s.negated(), names.scoped(s.operand(0)));
      return;
    }
    boolean stops =
        switch (s.opcode()) {
          case "ret", "exit", "brx", "bar", "barrier", "call", "trap" -> true;
          case "shfl", "vote", "match", "redux", "mma", "ldmatrix", "wmma" -> true;
          default -> false;
        };
    if (guard < 0 || !stops) {
      Instruction plain = stops ? null : Families.decode(s, names);
      if (!stops) {
        emit(s.text(), guard < 0 ? plain : Lanewise.guarded(guard, s.negated(), plain));
      } else {
        stopping(s, function, names, returnLabel, depth);
      }
      return;
    }
    String past = "past " + hidden++;
    branch(s.text(), guard, !s.negated(), past);
    stopping(s, function, names, returnLabel, depth);
    labels.put(past, code.size());
  }

  /** What may hold lanes up or change where they go on. */
  private void stopping(
      Statement s, PtxFunction function, Names names, String returnLabel, int depth) {
    switch (s.opcode()) {
      case "exit" -> emit(s.text(), new Control.Exit());
      case "ret" -> {
        if (returnLabel == null) {
          emit(s.text(), new Control.Exit());
        } else {
          branch(s.text(), -1, false, returnLabel);
        }
      }
      case "trap" -> emit(s.text(), new Control.Trap("trap"));
      case "brx" -> {
        List<String> targets = function.tables().get(s.operand(1));
        int index = names.read(s.operand(0), PtxType.U32);
        Control.Switch table = new Control.Switch(index, targets.size());
        emit(s.text(), table);
        for (int i = 0; i < targets.size(); i++) {
          int place = i;
          fixups.add(() -> table.aim(place, target(names.scoped(targets.get(place)))));
        }
      }
      case "call" -> call(s, names, depth);
      default -> emit(s.text(), Families.decode(s, names));
    }
  }

  /** {@code call (results), function, (arguments)}, with either list left out where empty. */
  private void call(Statement s, Names names, int depth) {
    List<String> operands = new ArrayList<>(s.operands());
    List<String> results =
        operands.getFirst().startsWith("(") ? inner(operands.removeFirst()) : List.of();
    String name = operands.removeFirst();
    List<String> arguments = operands.isEmpty() ? List.of() : inner(operands.getFirst());
    PtxFunction callee = module.functions().get(name);
    if (callee == null) {
      emit(s.text(), new Control.Trap("call of " + name + ", which is not in the module"));
      return;
    }
    Names inside = names.callee(++calls);
    for (int i = 0; i < arguments.size(); i++) {
      inside.pass(callee.parameters().get(i).name(), names.place(arguments.get(i)));
    }
    for (int i = 0; i < results.size(); i++) {
      inside.pass(callee.results().get(i).name(), names.place(results.get(i)));
    }
    String end = "return " + calls;
    function(callee, inside, end, depth + 1);
    labels.put(end, code.size());
  }

  private static List<String> inner(String list) {
    return Statement.split(list.substring(1, list.length() - 1));
  }
}
