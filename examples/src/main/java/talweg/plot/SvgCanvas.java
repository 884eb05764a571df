package talweg.plot;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Shape;
import java.awt.font.FontRenderContext;
import java.awt.font.GlyphVector;
import java.awt.geom.AffineTransform;
import java.awt.geom.PathIterator;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * Writes what is drawn as SVG: shapes as paths in coordinates of the page, text as text. It knows
 * what charts need - plain colours, strokes, rectangular clips, moved and turned coordinates - and
 * refuses images.
 */
final class SvgCanvas extends PlainGraphics {
  /** One document, shared by all canvases that {@link #create} makes of one. */
  private static final class Document {
    private final StringBuilder body = new StringBuilder();
    private final Map<Rectangle2D, String> clips = new LinkedHashMap<>();
  }

  private final Document document;
  private final Rectangle2D page;
  private final String idPrefix;
  private final Function<Color, String> colorText;

  /**
   * An empty page.
   *
   * @param idPrefix begins every id, so that several pictures fit into one HTML page
   * @param colorText how a colour is written, without its opacity
   */
  SvgCanvas(int width, int height, String idPrefix, Function<Color, String> colorText) {
    this(new Document(), new Rectangle2D.Double(0, 0, width, height), idPrefix, colorText);
  }

  private SvgCanvas(
      Document document, Rectangle2D page, String idPrefix, Function<Color, String> colorText) {
    this.document = document;
    this.page = page;
    this.idPrefix = idPrefix;
    this.colorText = colorText;
  }

  /** The whole document: one {@code svg} element with a title for screen readers. */
  String toSvg(String title) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%1$s\" height=\"%2$s\""
                + " viewBox=\"0 0 %1$s %2$s\" role=\"img\" aria-labelledby=\"%3$s-title\""
                + " font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n")
            .formatted(number(page.getWidth()), number(page.getHeight()), idPrefix));
    svg.append("<title id=\"%s-title\">%s</title>\n".formatted(idPrefix, escape(title)));
    if (!document.clips.isEmpty()) {
      svg.append("<defs>\n");
      document.clips.forEach((clip, id) ->
          svg.append(
              "<clipPath id=\"%s\"><path d=\"%s\"/></clipPath>\n".formatted(id, path(clip))));
      svg.append("</defs>\n");
    }
    return svg.append(document.body).append("</svg>\n").toString();
  }

  @Override
  public SvgCanvas create() {
    SvgCanvas copy = new SvgCanvas(document, page, idPrefix, colorText);
    copy.takeStateOf(this);
    return copy;
  }

  @Override
  public void draw(Shape shape) {
    BasicStroke stroke = getStroke() instanceof BasicStroke s ? s : new BasicStroke();
    StringBuilder style =
        new StringBuilder(" fill=\"none\"")
            .append(color("stroke"))
            .append(attribute("stroke-width", stroke.getLineWidth()));
    if (stroke.getDashArray() != null) {
      List<String> dashes = new ArrayList<>();
      for (float dash : stroke.getDashArray()) {
        dashes.add(number(dash));
      }
      style.append(" stroke-dasharray=\"").append(String.join(" ", dashes)).append('"');
    }
    if (stroke.getEndCap() == BasicStroke.CAP_ROUND) {
      style.append(" stroke-linecap=\"round\"");
    }
    if (stroke.getLineJoin() != BasicStroke.JOIN_MITER) {
      style.append(" stroke-linejoin=\"round\"");
    }
    emitPath(shape, style);
  }

  @Override
  public void fill(Shape shape) {
    emitPath(shape, new StringBuilder(color("fill")));
  }

  private void emitPath(Shape shape, CharSequence style) {
    Shape placed = getTransform().createTransformedShape(shape);
    PathIterator iterator = placed.getPathIterator(null);
    if (iterator.isDone()) {
      return;
    }
    String rule =
        iterator.getWindingRule() == PathIterator.WIND_EVEN_ODD ? " fill-rule=\"evenodd\"" : "";
    document
        .body
        .append("<path d=\"")
        .append(path(placed))
        .append('"')
        .append(style)
        .append(rule)
        .append(clipReference())
        .append("/>\n");
  }

  @Override
  public void drawString(String text, float x, float y) {
    if (text.isBlank()) {
      return;
    }
    AffineTransform t = getTransform();
    double[] at = {x, y};
    t.transform(at, 0, at, 0, 1);
    Font font = getFont();
    StringBuilder body = document.body;
    body.append("<text").append(attribute("x", at[0])).append(attribute("y", at[1]));
    double angle = Math.toDegrees(Math.atan2(t.getShearY(), t.getScaleY()));
    if (angle != 0) {
      body.append(
          " transform=\"rotate(%s %s %s)\"".formatted(number(angle), number(at[0]), number(at[1])));
    }
    body.append(attribute("font-size", font.getSize2D()));
    if (font.isBold()) {
      body.append(" font-weight=\"600\"");
    }
    body.append(color("fill")).append(clipReference());
    body.append('>').append(escape(text)).append("</text>\n");
  }

  @Override
  public void drawGlyphVector(GlyphVector glyphs, float x, float y) {
    fill(glyphs.getOutline(x, y));
  }

  @Override
  public FontMetrics getFontMetrics(Font font) {
    var scratch = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB).createGraphics();
    try {
      return scratch.getFontMetrics(font);
    } finally {
      scratch.dispose();
    }
  }

  @Override
  public FontRenderContext getFontRenderContext() {
    return new FontRenderContext(null, true, true);
  }

  private String clipReference() {
    Shape clip = placedClip();
    if (clip == null || clip.contains(page)) {
      return "";
    }
    String id =
        document.clips.computeIfAbsent(
            clip.getBounds2D(), _ -> idPrefix + "-clip-" + document.clips.size());
    return " clip-path=\"url(#%s)\"".formatted(id);
  }

  private String color(String property) {
    Color color = getColor();
    String text = " %s=\"%s\"".formatted(property, colorText.apply(color));
    double opacity = color.getAlpha() / 255.0 * opacity();
    return opacity < 1 ? text + attribute(property + "-opacity", opacity) : text;
  }

  private static String path(Shape shape) {
    StringBuilder d = new StringBuilder();
    double[] c = new double[6];
    for (PathIterator i = shape.getPathIterator(null); !i.isDone(); i.next()) {
      int kind = i.currentSegment(c);
      d.append("MLQCZ".charAt(kind));
      int numbers = new int[] {2, 2, 4, 6, 0}[kind];
      for (int k = 0; k < numbers; k++) {
        d.append(k == 0 ? "" : " ").append(number(c[k]));
      }
    }
    return d.toString();
  }

  private static String attribute(String name, double value) {
    return " %s=\"%s\"".formatted(name, number(value));
  }

  /** With at most two decimals: a hundredth of a pixel. */
  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.2f", value);
    return text.replaceFirst("\\.?0+$", "");
  }

  static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
