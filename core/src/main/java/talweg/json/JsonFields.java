package talweg.json;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import talweg.check.HeapLimit;
import talweg.error.DataFormatException;
import talweg.error.Printable;
import tools.jackson.databind.JsonNode;

/**
 * The fields of a JSON object that is not trusted. Each field is read once, and none may be left.
 */
public final class JsonFields {
  private static final int MAX_CHARS = 64 << 20;

  /** Bytes of the heap for a character, as far as a tree of numbers goes. */
  private static final int COPIES = 8;

  private final String what;
  private final JsonNode object;
  private final Set<String> read = new HashSet<>();

  private JsonFields(String what, JsonNode object) {
    this.what = what;
    this.object = object;
    if (!object.isObject()) {
      throw wrong("itself", "a JSON object", object);
    }
  }

  /** Parses a text; {@code what} leads the messages. */
  public static JsonFields parse(String what, String json) {
    if (json.length() > MAX_CHARS) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected at most %d characters, got %d",
              what,
              MAX_CHARS,
              json.length()));
    }
    HeapLimit.require(
        what, json.length() + " characters", (long) COPIES * json.length(), "use a smaller file");
    return HeapLimit.reading(what, () -> new JsonFields(what, StrictJson.read(what, json)));
  }

  /** The fields of a tree; {@code what} leads the messages. */
  public static JsonFields of(String what, JsonNode object) {
    return new JsonFields(what, object);
  }

  /** Refuses fields that nobody asked for: they may change what the others mean. */
  public void end() {
    for (String name : object.propertyNames()) {
      if (!read.contains(name)) {
        throw new DataFormatException(
            "%s: expected the fields %s, got %s, too; use a version that knows it"
                .formatted(what, read, quote(name)));
      }
    }
  }

  public String text(String name) {
    return text(name, field(name));
  }

  public boolean flag(String name) {
    JsonNode node = field(name);
    if (!node.isBoolean()) {
      throw wrong(name, "true or false", node);
    }
    return node.asBoolean();
  }

  public int integer(String name, int least, int most) {
    JsonNode node = field(name);
    if (!node.isInt() || node.asInt() < least || node.asInt() > most) {
      throw wrong(name, String.format(Locale.ROOT, "an integer from %d to %d", least, most), node);
    }
    return node.asInt();
  }

  /** A number from 0 up to but without 1. */
  public double share(String name) {
    JsonNode node = field(name);
    if (!node.isNumber() || !(node.asDouble() >= 0 && node.asDouble() < 1)) {
      throw wrong(name, "a number from 0 to below 1", node);
    }
    return node.asDouble();
  }

  public long whole(String name) {
    JsonNode node = field(name);
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw wrong(name, "a whole number", node);
    }
    return node.asLong();
  }

  /** Integers of at least 1. */
  public List<Integer> sizes(String name) {
    List<Integer> sizes = new ArrayList<>();
    for (JsonNode node : array(name)) {
      if (!node.isInt() || node.asInt() < 1) {
        throw wrong(name, "integers of at least 1", node);
      }
      sizes.add(node.asInt());
    }
    return sizes;
  }

  /** The text of the object in a field, for {@link #parse}. */
  public String json(String name) {
    return StrictJson.write(field(name));
  }

  public boolean has(String name) {
    return object.has(name);
  }

  public List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    array(name).forEach(node -> texts.add(text(name, node)));
    return texts;
  }

  /** The fields of an object that maps names to texts. */
  public Map<String, String> textsByName(String name) {
    JsonNode node = field(name);
    if (!node.isObject()) {
      throw wrong(name, "a JSON object", node);
    }
    Map<String, String> texts = new LinkedHashMap<>();
    node.properties().forEach(e -> texts.put(e.getKey(), text(name, e.getValue())));
    return texts;
  }

  public double[] numbers(String name) {
    JsonNode array = array(name);
    double[] numbers = new double[array.size()];
    for (int i = 0; i < numbers.length; i++) {
      JsonNode node = array.get(i);
      if (!node.isNumber() || !Double.isFinite(node.asDouble())) {
        throw wrong(name, "finite numbers", node);
      }
      numbers[i] = node.asDouble();
    }
    return numbers;
  }

  public <E extends Enum<E>> E choice(String name, Class<E> type) {
    String text = text(name);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw wrong(name, "one of " + List.of(type.getEnumConstants()), field(name));
  }

  public List<JsonFields> objects(String name) {
    List<JsonFields> objects = new ArrayList<>();
    array(name).forEach(node -> objects.add(new JsonFields(what + ": " + name, node)));
    return objects;
  }

  public JsonFields object(String name) {
    return new JsonFields(what + ": " + name, field(name));
  }

  /** The object in a field that may be missing. */
  public Optional<JsonFields> optional(String name) {
    return object.has(name) ? Optional.of(object(name)) : Optional.empty();
  }

  private JsonNode array(String name) {
    JsonNode node = field(name);
    if (!node.isArray()) {
      throw wrong(name, "an array", node);
    }
    return node;
  }

  private String text(String name, JsonNode node) {
    if (!node.isString()) {
      throw wrong(name, "a text", node);
    }
    return node.asString();
  }

  private JsonNode field(String name) {
    read.add(name);
    JsonNode node = object.get(name);
    if (node == null) {
      throw new DataFormatException(
          "%s: expected a field \"%s\", got none; the file was altered".formatted(what, name));
    }
    return node;
  }

  /** The error for a field that has an unexpected value. */
  public DataFormatException wrong(String name, String expected) {
    return wrong(name, expected, field(name));
  }

  private DataFormatException wrong(String name, String expected, JsonNode got) {
    return new DataFormatException(
        "%s: \"%s\": expected %s, got %s; the file was altered"
            .formatted(
                what, name, expected, quote(got.isString() ? got.asString() : got.toString())));
  }

  /** The text in quotes, shortened and without control characters, which could steer a terminal. */
  public static String quote(String text) {
    return Printable.quote(text);
  }
}
