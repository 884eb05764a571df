package talweg.io;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import talweg.error.DataFormatException;
import talweg.error.Printable;
import talweg.error.ShapeException;
import talweg.json.StrictJson;
import talweg.tensor.Shape;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The JSON header of a safetensors file: {@code {"name": {"dtype": "F32", "shape": [2, 3],
 * "data_offsets": [begin, end]}, ...}}, where {@code __metadata__} maps text to text. Offsets count
 * from the end of the header; the tensors cover the rest of the file without gap or overlap.
 *
 * @param tensors by position in the file
 */
record SafetensorsHeader(Map<String, Entry> tensors, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  /** More axes than any tensor library has. */
  private static final int MAX_RANK = 64;

  /** Where a tensor's bytes are. */
  record Entry(StoredType type, Shape shape, long begin, long end) {
    /** For example {@code BOOL[2, 3]}. */
    @Override
    public String toString() {
      return type + shape.toString();
    }
  }

  /** Tensors one after the other, in the given order. */
  static SafetensorsHeader of(Map<String, HostTensor> tensors, Map<String, String> metadata) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    long offset = 0;
    for (Map.Entry<String, HostTensor> named : tensors.entrySet()) {
      HostTensor tensor = named.getValue();
      long end = offset + tensor.data().byteSize();
      StoredType type = StoredType.of(tensor.dtype());
      entries.put(named.getKey(), new Entry(type, tensor.shape(), offset, end));
      offset = end;
    }
    return new SafetensorsHeader(entries, metadata);
  }

  /** Bytes of all tensors. */
  long dataBytes() {
    return tensors.values().stream().mapToLong(e -> e.end - e.begin).sum();
  }

  /** The text, padded with spaces to a multiple of 8 bytes, so that the values are aligned. */
  byte[] bytes() {
    ObjectNode root = StrictJson.object();
    if (!metadata.isEmpty()) {
      ObjectNode texts = root.putObject(METADATA);
      metadata.forEach(texts::put);
    }
    tensors.forEach((name, entry) -> {
      ObjectNode description = root.putObject(name);
      description.put("dtype", entry.type.name());
      ArrayNode dims = description.putArray("shape");
      Arrays.stream(entry.shape.dims()).forEach(dims::add);
      description.putArray("data_offsets").add(entry.begin).add(entry.end);
    });
    byte[] json = StrictJson.write(root).getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }

  /**
   * Reads a header.
   *
   * @param dataBytes length of the file behind the header
   * @throws DataFormatException for anything that the format does not allow
   */
  static SafetensorsHeader parse(String file, byte[] json, long dataBytes) {
    if (json.length == 0 || json[0] != '{') {
      throw new DataFormatException(
          "%s: expected a JSON object behind the first 8 bytes; this is not a safetensors file"
              .formatted(file));
    }
    try (JsonParser parser = StrictJson.parser(file, json)) {
      return new Reader(file, parser).read(dataBytes);
    } catch (JacksonException e) {
      throw StrictJson.wrong(file, e);
    }
  }

  /** Reads token by token: a tree would take many times the memory of the text. */
  private static final class Reader {
    private final String file;
    private final JsonParser parser;
    private final Map<String, Entry> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    Reader(String file, JsonParser parser) {
      this.file = file;
      this.parser = parser;
    }

    SafetensorsHeader read(long dataBytes) {
      expect(JsonToken.START_OBJECT, "the header", null);
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        if (name.equals(METADATA)) {
          readMetadata();
        } else {
          tensors.put(name, readTensor(name));
        }
      }
      if (parser.nextToken() != null) {
        throw wrong("text behind the JSON object of the header");
      }
      return new SafetensorsHeader(inFileOrder(dataBytes), metadata);
    }

    private void readMetadata() {
      expect(JsonToken.START_OBJECT, METADATA, null);
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        expect(JsonToken.VALUE_STRING, METADATA, key);
        metadata.put(key, parser.getString());
      }
    }

    private Entry readTensor(String name) {
      expect(JsonToken.START_OBJECT, name, null);
      StoredType type = null;
      Shape shape = null;
      List<Long> offsets = null;
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String key = parser.currentName();
        switch (key) {
          case "dtype" -> type = readType(name);
          case "shape" -> shape = readShape(name);
          case "data_offsets" -> offsets = readNumbers(name, key, 2);
          default ->
              throw wrong("%s has an unknown property %s".formatted(shown(name), shown(key)));
        }
      }
      if (type == null || shape == null || offsets == null || offsets.size() != 2) {
        throw wrong(shown(name) + " needs dtype, shape and two data_offsets");
      }
      Entry entry = new Entry(type, shape, offsets.getFirst(), offsets.getLast());
      requireSpan(name, entry);
      return entry;
    }

    private void requireSpan(String name, Entry entry) {
      long bits;
      try {
        bits = entry.type.bits(entry.shape.size());
      } catch (ArithmeticException e) {
        throw wrong("%s of shape %s has too many bytes".formatted(shown(name), entry.shape));
      }
      if (bits % Byte.SIZE != 0) {
        throw wrong("%s %s does not end with a whole byte".formatted(shown(name), entry));
      }
      if (entry.begin > entry.end || entry.end - entry.begin != bits / Byte.SIZE) {
        throw wrong(
            String.format(
                Locale.ROOT,
                "%s %s needs %d bytes, its data_offsets are [%d, %d]",
                shown(name),
                entry,
                bits / Byte.SIZE,
                entry.begin,
                entry.end));
      }
    }

    private StoredType readType(String name) {
      expect(JsonToken.VALUE_STRING, name, "dtype");
      String text = parser.getString();
      StoredType type = StoredType.named(text);
      if (type == null) {
        throw wrong(
            "%s has element type %s, expected one of %s; convert it before saving"
                .formatted(shown(name), shown(text), Arrays.toString(StoredType.values())));
      }
      return type;
    }

    private Shape readShape(String name) {
      List<Long> dims = readNumbers(name, "shape", MAX_RANK);
      int[] extents = new int[dims.size()];
      for (int i = 0; i < extents.length; i++) {
        if (dims.get(i) > Integer.MAX_VALUE) {
          throw wrong(
              String.format(
                  Locale.ROOT, "%s has an extent of %d, too large", shown(name), dims.get(i)));
        }
        extents[i] = Math.toIntExact(dims.get(i));
      }
      try {
        return Shape.of(extents);
      } catch (ShapeException e) {
        throw wrong(shown(name) + ": " + e.getMessage());
      }
    }

    /** A list of whole numbers from 0. */
    private List<Long> readNumbers(String name, String key, int most) {
      expect(JsonToken.START_ARRAY, name, key);
      List<Long> numbers = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || numbers.size() == most) {
          throw wrong(
              String.format(
                  Locale.ROOT,
                  "%s: expected %s to be at most %d whole numbers",
                  shown(name),
                  key,
                  most));
        }
        long number = parser.getLongValue();
        if (number < 0) {
          throw wrong(
              String.format(
                  Locale.ROOT, "%s: expected %s from 0, got %d", shown(name), key, number));
        }
        numbers.add(number);
      }
      return numbers;
    }

    private Map<String, Entry> inFileOrder(long dataBytes) {
      List<Map.Entry<String, Entry>> sorted = new ArrayList<>(tensors.entrySet());
      sorted.sort(
          Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin)
              .thenComparingLong(e -> e.getValue().end));
      Map<String, Entry> ordered = new LinkedHashMap<>();
      long end = 0;
      for (Map.Entry<String, Entry> next : sorted) {
        if (next.getValue().begin != end) {
          throw wrong(
              String.format(
                  Locale.ROOT,
                  "%s begins at %d, expected %d: tensors must follow each other without gap or"
                      + " overlap",
                  shown(next.getKey()),
                  next.getValue().begin,
                  end));
        }
        end = next.getValue().end;
        ordered.put(next.getKey(), next.getValue());
      }
      if (end != dataBytes) {
        throw wrong(
            String.format(
                Locale.ROOT,
                "the tensors have %d bytes, but %d follow the header; %s",
                end,
                dataBytes,
                end > dataBytes ? "it was cut off" : "there is something behind them"));
      }
      return ordered;
    }

    /** Takes the next token, of a value or of a property in it. */
    private void expect(JsonToken token, String name, String key) {
      JsonToken found = parser.nextToken();
      if (found != token) {
        throw wrong(
            "%s%s: expected %s, got %s"
                .formatted(
                    shown(name),
                    key == null ? "" : ": " + shown(key),
                    kind(token),
                    found == null ? "the end" : kind(found)));
      }
    }

    private static String kind(JsonToken token) {
      return switch (token) {
        case START_OBJECT -> "an object";
        case START_ARRAY -> "an array";
        case VALUE_STRING -> "a text";
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
        case VALUE_TRUE, VALUE_FALSE -> "true or false";
        case VALUE_NULL -> "null";
        default -> "the end";
      };
    }

    private static String shown(String name) {
      return Printable.name(name);
    }

    private DataFormatException wrong(String what) {
      return new DataFormatException(
          "%s: is not a valid safetensors file: %s".formatted(file, what));
    }
  }
}
