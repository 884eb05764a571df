package talweg.plot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class FigureTest {
  @TempDir Path folder;

  private static Figure figure() {
    Range unit = new Range(0, 1);
    Surface surface = Surface.of(unit, unit, 9, 9, (x, y) -> x * x + y);
    double[] xs = {0.1, 0.5, 0.9};
    return new Figure("A <title> & more", "below", Axis.linear("x", unit), Axis.linear("y", unit))
        .size(400, 300)
        .add(new Layer.Heights(surface, new double[] {0.3, 0.6}))
        .add(new Layer.Curve("a way", 0, xs, new double[] {0.9, 0.4, 0.2}, Layer.Ends.LAST))
        .add(new Layer.Points("some points", 1, xs, xs))
        .add(new Layer.Note("here", 0.5, 0.5));
  }

  private static Document parse(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<String> texts(Document document) {
    NodeList nodes = document.getElementsByTagName("text");
    return IntStream.range(0, nodes.getLength())
        .mapToObj(i -> nodes.item(i).getTextContent().strip())
        .toList();
  }

  @Test
  void whatIsCountedHasWholeNumbers() throws Exception {
    Axis epochs = Axis.whole("epoch", 0.96, 3.04);
    Figure figure = new Figure("t", "", epochs, Axis.linear("", 0, 1)).size(420, 300);
    figure.add(new Layer.Curve("", 0, new double[] {1, 2, 3}, new double[3], Layer.Ends.NONE));
    List<String> texts = texts(parse(figure.toSvg(Palette.LIGHT)));
    assertTrue(texts.containsAll(List.of("1", "2", "3")), texts::toString);
    assertFalse(texts.contains("1.5") || texts.contains("2.5"), texts::toString);
  }

  @Test
  void logarithmicAxesHavePowersOfTen() {
    Powers powers = new Powers(false);
    assertEquals("10⁻⁵", powers.format(1e-5));
    assertEquals("10⁻⁵", powers.format(Math.pow(10, Math.log10(1e-5))));
    assertEquals("10⁰", powers.format(1));
    assertEquals("10¹²", powers.format(1e12));
    assertEquals("2.5·10⁻¹²", powers.format(2.5e-12));
    Powers plain = new Powers(true);
    assertEquals("0.001", plain.format(1e-3));
    assertEquals("10000", plain.format(1e4));
    // They are drawn without an error; their glyphs are outlines.
    Axis rate = Axis.logarithmic("rate", 1e-6, 20);
    Figure figure = new Figure("t", "", rate, rate).size(640, 480);
    double[] ends = {0.1, 1};
    figure.add(new Layer.Curve("", 0, ends, ends, Layer.Ends.NONE));
    assertTrue(figure.toSvg(Palette.LIGHT).contains("rate"));
  }

  /** What marks a minimum leaves the place itself to what has got there. */
  @Test
  void targetsAreMarkedAroundThem() {
    Axis axis = Axis.linear("", -1, 1);
    double[] zero = {0};
    Figure figure = new Figure("t", "", axis, axis).size(400, 400);
    figure.add(new Layer.Points("", 0, zero, zero)).add(new Layer.Targets("", zero, zero));
    Figure alone = new Figure("t", "", axis, axis).size(400, 400);
    alone.add(new Layer.Points("", 0, zero, zero));
    BufferedImage both = figure.toImage(Palette.LIGHT);
    BufferedImage point = alone.toImage(Palette.LIGHT);
    int differing = 0;
    int blue = Palette.LIGHT.line(0).getRGB();
    for (int y = 0; y < both.getHeight(); y++) {
      for (int x = 0; x < both.getWidth(); x++) {
        differing += both.getRGB(x, y) == point.getRGB(x, y) ? 0 : 1;
        if (point.getRGB(x, y) == blue) {
          assertEquals(blue, both.getRGB(x, y), "the point is hidden");
        }
      }
    }
    assertTrue(differing > 50, "no mark");
  }

  @Test
  void svgIsWellFormedAndShowsEveryLayer() throws Exception {
    String svg = figure().toSvg(Palette.LIGHT);
    Document document = parse(svg);
    assertEquals("400", document.getDocumentElement().getAttribute("width"));
    assertEquals(
        "A <title> & more", document.getElementsByTagName("title").item(0).getTextContent());
    assertTrue(
        texts(document)
            .containsAll(
                List.of("A <title> & more", "below", "x", "y", "a way", "some points", "here")),
        () -> texts(document).toString());
    for (String color : List.of("background", "line-0", "line-1", "height-0", "contour")) {
      assertTrue(svg.contains(hex(Palette.LIGHT, color)), color);
    }
    assertEquals(1, document.getElementsByTagName("clipPath").getLength());
  }

  @Test
  void aPageSetsTheColours() throws Exception {
    Figure.Element element = figure().toElement("left");
    parse(element.text());
    assertTrue(element.text().contains("var(--line-0)"));
    assertFalse(
        Pattern.compile("(fill|stroke)=\"#").matcher(element.text()).find(),
        "a colour that does not follow the page");
    assertTrue(element.plotArea().getWidth() > 200 && element.plotArea().getMaxX() < 400);
  }

  @Test
  void aDarkPictureHasNoColourOfALightOne() {
    String svg = figure().toSvg(Palette.DARK);
    assertTrue(svg.contains(hex(Palette.DARK, "background")));
    assertFalse(svg.contains(hex(Palette.LIGHT, "background")));
  }

  @Test
  void pngHasTwoPixelsPerUnitAndIsNotBlank() throws IOException {
    List<Path> files = figure().write(folder.resolve("new"), "picture", Palette.DARK);
    assertEquals(folder.resolve("new/picture.svg"), files.get(0));
    BufferedImage image = ImageIO.read(files.get(1).toFile());
    assertEquals(800, image.getWidth());
    assertEquals(600, image.getHeight());
    Set<Integer> colors = new HashSet<>();
    for (int i = 0; i < 800 * 600; i++) {
      colors.add(image.getRGB(i % 800, i / 800) & 0xffffff);
    }
    for (String color : List.of("background", "line-0", "line-1", "height-0", "height-8")) {
      assertTrue(colors.contains(Palette.DARK.colors().get(color).getRGB() & 0xffffff), color);
    }
  }

  @Test
  void aFolderThatIsAFileIsRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    String message =
        assertThrows(
                UncheckedIOException.class, () -> figure().write(file, "picture", Palette.LIGHT))
            .getMessage();
    assertTrue(message.contains("cannot write pictures"), message);
  }

  @Test
  void badRangesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Range(1, 1));
    assertThrows(IllegalArgumentException.class, () -> Axis.logarithmic("loss", 0, 1));
  }

  private static String hex(Palette palette, String name) {
    return "#%06x".formatted(palette.colors().get(name).getRGB() & 0xffffff);
  }
}
