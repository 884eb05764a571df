package talweg.conformance;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import talweg.error.DataFormatException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** The inputs and attributes of an operator case, on the device. */
final class Operands {
  private final Field golden;
  private final Session session;
  private final Map<String, Tensor> inputs = new LinkedHashMap<>();

  Operands(Field golden, Session session, DType dtype) {
    this.golden = golden;
    this.session = session;
    for (Field input : golden.get("inputs").list()) {
      String name = input.get("name").text();
      Tensor tensor = input.tensor(session, dtype).named(name);
      if (input.flag("requires_grad", false)) {
        tensor.requireGrad();
      }
      inputs.put(name, tensor);
    }
  }

  Session session() {
    return session;
  }

  Field attrs() {
    return golden.get("attrs");
  }

  /** The input at a position. */
  Tensor at(int position) {
    return List.copyOf(inputs.values()).get(position);
  }

  Tensor x() {
    return at(0);
  }

  Tensor[] all() {
    return inputs.values().toArray(Tensor[]::new);
  }

  Tensor in(String name) {
    Tensor tensor = inputs.get(name);
    if (tensor == null) {
      throw new DataFormatException(
          "%s: there is no input \"%s\", only %s".formatted(golden.path(), name, inputs.keySet()));
    }
    return tensor;
  }

  /** An input that may be absent; then null. */
  Tensor optional(String name) {
    return inputs.get(name);
  }

  double number(String attribute) {
    return attrs().get(attribute).number();
  }

  int integer(String attribute) {
    return attrs().get(attribute).integer();
  }

  int[] ints(String attribute) {
    return attrs().get(attribute).ints();
  }

  /** A pair of integers, along height and width. */
  Size2d size2d(String attribute) {
    int[] both = ints(attribute);
    return Size2d.of(both[0], both[1]);
  }

  boolean keepDim() {
    return attrs().flag("keepdim", false);
  }
}
