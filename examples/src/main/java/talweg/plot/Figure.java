package talweg.plot;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import javax.imageio.ImageIO;
import org.jfree.chart.ChartRenderingInfo;
import org.jfree.chart.text.TextUtils;
import talweg.check.WriteErrors;

/**
 * A picture to be: a title, two axes and layers over each other. It is written as SVG, or as PNG
 * with two pixels to each unit of length.
 */
public final class Figure {
  private static final int PIXELS = 2;

  private final String title;
  private final String subtitle;
  private final Axis x;
  private final Axis y;
  private final List<Layer> layers = new ArrayList<>();
  private int width = 640;
  private int height = 480;

  /** An empty figure; the subtitle may be empty. */
  public Figure(String title, String subtitle, Axis x, Axis y) {
    this.title = title;
    this.subtitle = subtitle;
    this.x = x;
    this.y = y;
  }

  /** Sets the size, in pixels of a page; 640 x 480 at first. */
  public Figure size(int width, int height) {
    this.width = width;
    this.height = height;
    return this;
  }

  /** Adds a layer in front of those that there are. */
  public Figure add(Layer layer) {
    layers.add(layer);
    return this;
  }

  String title() {
    return title;
  }

  String subtitle() {
    return subtitle;
  }

  Axis x() {
    return x;
  }

  Axis y() {
    return y;
  }

  List<Layer> layers() {
    return List.copyOf(layers);
  }

  /** The figure as an SVG document in the palette's colours. */
  public String toSvg(Palette palette) {
    return svg(palette, "figure", Figure::hex).text();
  }

  /**
   * An SVG element for a page.
   *
   * @param text the element
   * @param plotArea where the axes' ranges lie in it
   */
  public record Element(String text, Rectangle2D plotArea) {}

  /**
   * The figure for an HTML page that sets the colours: each is written as a CSS variable by its
   * role in {@link Palette#colors()}, such as {@code var(--ink)}.
   *
   * @param id begins the ids of the element's parts; unique within the page
   */
  public Element toElement(String id) {
    return svg(
        Palette.LIGHT,
        id,
        color -> {
          String role = Palette.LIGHT.role(color);
          return role == null ? hex(color) : "var(--" + role + ")";
        });
  }

  private Element svg(Palette palette, String id, Function<Color, String> colorText) {
    SvgCanvas canvas = new SvgCanvas(width, height, id, colorText);
    Rectangle2D plotArea = draw(canvas, palette);
    return new Element(canvas.toSvg(title), plotArea);
  }

  /** The figure as pixels. */
  public BufferedImage toImage(Palette palette) {
    BufferedImage image =
        new BufferedImage(width * PIXELS, height * PIXELS, BufferedImage.TYPE_INT_RGB);
    Graphics2D canvas = image.createGraphics();
    try {
      canvas.scale(PIXELS, PIXELS);
      canvas.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      canvas.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
      draw(canvas, palette);
    } finally {
      canvas.dispose();
    }
    return image;
  }

  private Rectangle2D draw(Graphics2D canvas, Palette palette) {
    // Turned text as text, not as the outlines of its letters.
    TextUtils.setUseDrawRotatedStringWorkaround(false);
    ChartRenderingInfo info = new ChartRenderingInfo();
    new ChartBuilder(this, palette)
        .chart()
        .draw(canvas, new Rectangle2D.Double(0, 0, width, height), info);
    return info.getPlotInfo().getDataArea();
  }

  /**
   * Writes {@code name.svg} and {@code name.png} into a folder, which is made if need be.
   *
   * @return the files
   * @throws UncheckedIOException if they cannot be written
   */
  public List<Path> write(Path folder, String name, Palette palette) {
    Path svg = folder.resolve(name + ".svg");
    Path png = folder.resolve(name + ".png");
    try {
      Files.createDirectories(folder);
      Files.writeString(svg, toSvg(palette));
      try (var out = Files.newOutputStream(png)) {
        ImageIO.write(toImage(palette), "png", out);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: cannot write pictures: %s".formatted(folder, WriteErrors.reason(e)), e);
    }
    return List.of(svg, png);
  }

  private static String hex(Color color) {
    return "#%06x".formatted(color.getRGB() & 0xffffff);
  }
}
