package talweg.json;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
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
  private static final int PORTION = 1 << 13;

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

  /**
   * Reads a document token by token, without a copy of its text.
   *
   * @param what begins the error
   * @throws DataFormatException if it is not UTF-8
   */
  public static JsonParser parser(String what, byte[] utf8) {
    requireUtf8(what, utf8);
    Reader text = new InputStreamReader(new ByteArrayInputStream(utf8), StandardCharsets.UTF_8);
    return FACTORY.createParser(ObjectReadContext.empty(), text);
  }

  /** A reader would put marks in place of what it cannot decode. */
  private static void requireUtf8(String what, byte[] utf8) {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(utf8);
    CharBuffer out = CharBuffer.allocate(PORTION);
    CoderResult result;
    do {
      out.clear();
      result = decoder.decode(in, out, true);
    } while (result.isOverflow());
    if (result.isError()) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "%s: expected UTF-8 text, got other bytes at byte %d of it; the file is damaged, get"
                  + " it again",
              what,
              in.position()));
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
