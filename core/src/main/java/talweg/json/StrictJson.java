package talweg.json;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import talweg.error.DataFormatException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON as RFC 8259 has it and nothing else: valid UTF-8, no key twice in an object, nothing after
 * the end, and bounds on depth and numbers. It gives text, numbers and trees of them, and never an
 * object of a class that a file names.
 */
public final class StrictJson {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_NUMBER = 40;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          // A table of all names seen would outlive the file.
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER)
                  // Lengths are bounded by that of the text.
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).build();

  private StrictJson() {}

  /**
   * A whole document as a tree.
   *
   * @param what begins the error
   * @throws DataFormatException saying where it is wrong
   */
  public static JsonNode read(String what, String text) {
    try {
      return MAPPER.readTree(text);
    } catch (JacksonException e) {
      throw wrong(what, e);
    }
  }

  /** The text of a tree. */
  public static String write(JsonNode tree) {
    return MAPPER.writeValueAsString(tree);
  }

  /** An empty object to fill. */
  public static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Reads a document token by token. */
  public static JsonParser parser(String text) {
    return FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  /** Decodes, refusing what is not UTF-8. */
  public static String decode(String what, byte[] utf8) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(ByteBuffer.wrap(utf8))
          .toString();
    } catch (CharacterCodingException e) {
      throw new DataFormatException(
          "%s: expected UTF-8 text, got other bytes (%s); the file is damaged, get it again"
              .formatted(what, e.getMessage()),
          e);
    }
  }

  /** Without the control characters of the text that the parser quotes: they steer terminals. */
  private static String printable(String message) {
    return message.replaceAll("[\\p{Cc}\\p{Cf}]", "?");
  }

  /** The error for text that the parser refuses. */
  public static DataFormatException wrong(String what, JacksonException e) {
    return new DataFormatException(
        "%s: is not valid JSON: %s; the file is damaged, get it again"
            .formatted(what, printable(e.getOriginalMessage())),
        e);
  }
}
