package talweg.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import talweg.error.DataFormatException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The fields of a JSON object that is not trusted. Each field is read once, and none may be left.
 */
final class JsonFields {
  private static final int MAX_CHARS = 64 << 20;
  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

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
  static JsonFields parse(String what, String json) {
    if (json.length() > MAX_CHARS) {
      throw new DataFormatException(
          "%s: expected at most %d characters, got %d".formatted(what, MAX_CHARS, json.length()));
    }
    try {
      return new JsonFields(what, MAPPER.readTree(json));
    } catch (JacksonException e) {
      throw new DataFormatException(
          "%s: expected JSON, got %s with a fault at character %d; the file was altered"
              .formatted(what, Malformed.quote(json), e.getLocation().getCharOffset()),
          e);
    }
  }

  /** Refuses fields that nobody asked for: they may change what the others mean. */
  void end() {
    for (String name : object.propertyNames()) {
      if (!read.contains(name)) {
        throw new DataFormatException(
            "%s: expected the fields %s, got %s, too; use a version that knows it"
                .formatted(what, read, Malformed.quote(name)));
      }
    }
  }

  String text(String name) {
    return text(name, field(name));
  }

  boolean flag(String name) {
    JsonNode node = field(name);
    if (!node.isBoolean()) {
      throw wrong(name, "true or false", node);
    }
    return node.asBoolean();
  }

  int integer(String name, int least, int most) {
    JsonNode node = field(name);
    if (!node.isInt() || node.asInt() < least || node.asInt() > most) {
      throw wrong(name, "an integer from %d to %d".formatted(least, most), node);
    }
    return node.asInt();
  }

  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    array(name).forEach(node -> texts.add(text(name, node)));
    return texts;
  }

  double[] numbers(String name) {
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

  <E extends Enum<E>> E choice(String name, Class<E> type) {
    String text = text(name);
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text)) {
        return constant;
      }
    }
    throw wrong(name, "one of " + List.of(type.getEnumConstants()), field(name));
  }

  List<JsonFields> objects(String name) {
    List<JsonFields> objects = new ArrayList<>();
    array(name).forEach(node -> objects.add(new JsonFields(what + ": " + name, node)));
    return objects;
  }

  JsonFields object(String name) {
    return new JsonFields(what + ": " + name, field(name));
  }

  /** The object in a field that may be missing. */
  Optional<JsonFields> optional(String name) {
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

  private DataFormatException wrong(String name, String expected, JsonNode got) {
    return new DataFormatException(
        "%s: \"%s\": expected %s, got %s; the file was altered"
            .formatted(what, name, expected, Malformed.quote(got.toString())));
  }
}
