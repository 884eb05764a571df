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
    return new Figure(
            "A <title> & more", "below", new Axis("x", unit, false), new Axis("y", unit, false))
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
