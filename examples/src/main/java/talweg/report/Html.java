package talweg.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import talweg.plot.Palette;

/** Pieces of HTML pages. */
public final class Html {
  private static final Pattern PLACE = Pattern.compile("\\{\\{(\\w+)\\}\\}");

  private Html() {}

  /** Text as the content of an element or of a quoted attribute. */
  public static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  /** CSS variables for the colours of a palette, such as {@code --ink}. */
  static String variables(Palette palette) {
    return palette.colors().entrySet().stream()
        .map(e -> "--%s: #%06x;".formatted(e.getKey(), e.getValue().getRGB() & 0xffffff))
        .collect(Collectors.joining(" "));
  }

  /** A resource whose places such as <code>{{title}}</code> are filled, all of them once. */
  static String fill(String resource, Map<String, String> parts) {
    return PLACE
        .matcher(read(resource))
        .replaceAll(place -> Matcher.quoteReplacement(parts.get(place.group(1))));
  }

  private static String read(String resource) {
    try (InputStream in = Html.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(resource + " cannot be read: " + e.getMessage(), e);
    }
  }
}
