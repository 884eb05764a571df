package talweg.session;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import talweg.spi.Buffer;
import talweg.spi.View;

/**
 * What a step asks of its backend, in order: operations, their constants, and the memory that they
 * work on. Memory from before the step is named by itself, memory taken within it by a running
 * number, so that two runs of the same step give equal logs wherever their results lie.
 */
final class CallLog {
  private final List<Object[]> events = new ArrayList<>();
  private long nanoseconds;

  /** One call, comparable with those of other runs. */
  private record Call(String operation, List<Object> operands) {
    @Override
    public String toString() {
      return operation
          + operands.stream().map(Object::toString).collect(Collectors.joining(", ", "(", ")"));
    }
  }

  /**
   * A tensor that a call works on.
   *
   * @param memory the buffer, or a number if it was taken within the step
   */
  private record Operand(
      Object memory, long offset, List<Integer> dims, List<Long> strides, String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  void allocated(Buffer buffer) {
    events.add(new Object[] {buffer});
  }

  /**
   * Notes a call.
   *
   * @param out what it writes, or null if that is among the operands
   * @param operands views, records with views, and constants
   */
  void called(String operation, View out, Object... operands) {
    Object[] event = Arrays.copyOf(operands, operands.length + 2, Object[].class);
    event[operands.length] = out;
    event[operands.length + 1] = operation;
    events.add(event);
  }

  /** Host values as a constant: equal values give equal ones. */
  static Object values(MemorySegment source) {
    CRC32C sum = new CRC32C();
    byte[] bytes = new byte[Math.toIntExact(source.byteSize())];
    MemorySegment.copy(
        source, JAVA_BYTE, 0, MemorySegment.ofArray(bytes), JAVA_BYTE, 0, bytes.length);
    sum.update(bytes);
    return "values " + Long.toHexString(sum.getValue());
  }

  /** Drops all references to memory. */
  void clear() {
    events.clear();
  }

  /** Adds time that the backend took for a call. */
  void took(long nanoseconds) {
    this.nanoseconds += nanoseconds;
  }

  /** Time that the backend took for all calls. */
  double seconds() {
    return nanoseconds * 1e-9;
  }

  /** The memory from before the step that it reads or writes. */
  Set<Buffer> external() {
    Set<Buffer> found = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Call call : calls()) {
      for (Object operand : call.operands) {
        if (operand instanceof Operand tensor && tensor.memory instanceof Buffer buffer) {
          found.add(buffer);
        }
      }
    }
    return found;
  }

  /** Describes the first call in which another run differs from this one, or null if none does. */
  String difference(CallLog other) {
    List<Call> expected = calls();
    List<Call> got = other.calls();
    int both = Math.min(expected.size(), got.size());
    for (int i = 0; i < both; i++) {
      if (!expected.get(i).equals(got.get(i))) {
        return difference(i + 1, expected.get(i).toString(), got.get(i).toString());
      }
    }
    if (expected.size() == got.size()) {
      return null;
    }
    return difference(
        both + 1,
        both < expected.size() ? expected.get(both).toString() : "the end of the step",
        both < got.size() ? got.get(both).toString() : "the end of the step");
  }

  private static String difference(int number, String expected, String got) {
    return String.format(
        Locale.ROOT,
        "operation %d was recorded as %s and is now %s%s",
        number,
        expected,
        got,
        expected.equals(got) ? ", on another tensor" : "");
  }

  private List<Call> calls() {
    Map<Buffer, Integer> within = new IdentityHashMap<>();
    int taken = 0;
    List<Call> calls = new ArrayList<>();
    for (Object[] event : events) {
      if (event.length == 1 && event[0] instanceof Buffer buffer) {
        within.put(buffer, taken++);
        continue;
      }
      List<Object> operands = new ArrayList<>();
      for (int i = 0; i < event.length - 1; i++) {
        add(event[i], within, operands);
      }
      calls.add(new Call((String) event[event.length - 1], operands));
    }
    return calls;
  }

  private static void add(Object operand, Map<Buffer, Integer> within, List<Object> operands) {
    switch (operand) {
      case null -> {}
      case View view -> operands.add(tensor(view, within));
      case Record call -> {
        for (RecordComponent component : call.getClass().getRecordComponents()) {
          add(valueOf(call, component), within, operands);
        }
      }
      default -> operands.add(operand);
    }
  }

  private static Operand tensor(View view, Map<Buffer, Integer> within) {
    Integer number = within.get(view.buffer());
    return new Operand(
        number == null ? view.buffer() : number,
        view.offset(),
        Arrays.stream(view.dims()).boxed().toList(),
        Arrays.stream(view.strides()).boxed().toList(),
        view.dtype() + view.shape().toString());
  }

  private static Object valueOf(Record call, RecordComponent component) {
    try {
      return component.getAccessor().invoke(call);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException("cannot read " + component, e);
    }
  }
}
