package talweg.conformance;

import java.util.ArrayList;
import java.util.List;
import talweg.error.DataFormatException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;
import tools.jackson.databind.JsonNode;

/**
 * A value of a golden file that knows where it stands, so that a complaint names file and field.
 */
final class Field {
  private final String path;
  private final JsonNode node;

  /** The root of a file: its path is the file's name. */
  Field(String path, JsonNode node) {
    this.path = path;
    this.node = node;
  }

  String path() {
    return path;
  }

  JsonNode json() {
    return node;
  }

  boolean has(String name) {
    JsonNode value = node.get(name);
    return value != null && !value.isNull();
  }

  Field get(String name) {
    JsonNode value = node.get(name);
    if (value == null) {
      throw new DataFormatException(path + ": field \"" + name + "\" is missing");
    }
    return new Field(path + (path.endsWith(".json") ? ": " : ".") + name, value);
  }

  boolean isNull() {
    return node.isNull();
  }

  boolean isArray() {
    return node.isArray();
  }

  String text() {
    if (!node.isString()) {
      throw expected("a string");
    }
    return node.stringValue();
  }

  boolean flag(String name, boolean otherwise) {
    if (!has(name)) {
      return otherwise;
    }
    JsonNode value = node.get(name);
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    throw get(name).expected("true or false");
  }

  int integer() {
    if (!node.isIntegralNumber() || !node.canConvertToInt()) {
      throw expected("an integer");
    }
    return node.intValue();
  }

  int integer(String name, int otherwise) {
    return has(name) ? get(name).integer() : otherwise;
  }

  /** A number, also one of the strings "NaN", "Infinity", "-Infinity" and "inf". */
  double number() {
    if (node.isNumber()) {
      return node.doubleValue();
    }
    return switch (node.isString() ? node.stringValue() : "") {
      case "NaN" -> Double.NaN;
      case "Infinity", "inf" -> Double.POSITIVE_INFINITY;
      case "-Infinity", "-inf" -> Double.NEGATIVE_INFINITY;
      default -> throw expected("a number, \"NaN\", \"Infinity\" or \"-Infinity\"");
    };
  }

  double number(String name, double otherwise) {
    return has(name) ? get(name).number() : otherwise;
  }

  List<Field> list() {
    if (!node.isArray()) {
      throw expected("an array");
    }
    List<Field> list = new ArrayList<>(node.size());
    for (int i = 0; i < node.size(); i++) {
      list.add(new Field(path + "[" + i + "]", node.get(i)));
    }
    return list;
  }

  double[] numbers() {
    return list().stream().mapToDouble(Field::number).toArray();
  }

  int[] ints() {
    return list().stream().mapToInt(Field::integer).toArray();
  }

  Shape shape() {
    return Shape.of(get("shape").ints());
  }

  /** The names of an object's fields, in the file's order. */
  List<String> names() {
    if (!node.isObject()) {
      throw expected("an object");
    }
    return List.copyOf(node.propertyNames());
  }

  /**
   * The reference values of an expected result: an object with {@code float64}, a plain array, or a
   * number.
   */
  double[] reference() {
    if (node.isObject()) {
      return get("float64").numbers();
    }
    return node.isArray() ? numbers() : new double[] {number()};
  }

  /** An input tensor, whose real numbers take the given type. */
  Tensor tensor(Session session, DType real) {
    int[] dims = shape().dims();
    double[] values = get("data").numbers();
    String dtype = get("dtype").text();
    return switch (dtype) {
      case "float32", "float64" -> real(session, real, values, dims);
      case "int64" -> session.tensor(longs(values), dims);
      case "int32" -> session.tensor(ints(values), dims);
      case "bool", "uint8" -> session.tensor(bytes(values), dims);
      default -> throw new NotOffered("element type " + dtype);
    };
  }

  /** Real numbers in the given type, rounded on the host. */
  static Tensor real(Session session, DType dtype, double[] values, int... dims) {
    if (dtype == DType.F64) {
      return session.tensor(values, dims);
    }
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return session.tensor(floats, dims);
  }

  private DataFormatException expected(String what) {
    String found = node.toString();
    String shown = found.length() > 40 ? found.substring(0, 40) + "..." : found;
    return new DataFormatException(path + ": expected " + what + ", found " + shown);
  }

  private static long[] longs(double[] values) {
    long[] out = new long[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (long) values[i];
    }
    return out;
  }

  private static int[] ints(double[] values) {
    int[] out = new int[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (int) values[i];
    }
    return out;
  }

  private static byte[] bytes(double[] values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (int) values[i];
    }
    return out;
  }
}
