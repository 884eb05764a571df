package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.data.ImageOptions.Channels;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.error.TalwegException;

class ImageFolderTest {
  private static final ImageOptions DEFAULTS = ImageOptions.defaults();

  @TempDir Path folder;

  private Path image(String name, BufferedImage image) {
    return TestImages.write(folder.resolve(name), image);
  }

  /** Two classes of five images each, gray, 3 wide and 2 high. */
  private void shades() {
    for (int i = 0; i < 5; i++) {
      image("dark/" + i + ".png", TestImages.gray(3, 2, 10 * i));
      image("light/" + i + ".PNG", TestImages.gray(3, 2, 200 + 10 * i));
    }
  }

  private Dataset whole(ImageOptions options) {
    ImageEncoding encoding = ImageFolder.split(folder, options, 0.8, 1).encoding();
    return encoding.load(folder);
  }

  private void refuses(Class<? extends TalwegException> type, String... parts) {
    String message =
        assertThrows(type, () -> ImageFolder.split(folder, DEFAULTS, 0.8, 1)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  @Test
  void foldersAreClassesInOrderOfTheirNames() throws IOException {
    shades();
    Files.writeString(folder.resolve("LICENSE"), "beside the classes");
    Files.writeString(folder.resolve("dark/.DS_Store"), "hidden");
    Files.createDirectory(folder.resolve(".git"));
    Dataset data = whole(DEFAULTS);
    assertArrayEquals(new int[] {2, 3}, data.featureShape());
    assertEquals(List.of("dark", "light"), data.classNames());
    assertArrayEquals(new int[] {0, 0, 0, 0, 0, 1, 1, 1, 1, 1}, data.labels());
    assertEquals(20 / 255f, data.features(2)[0]);
    assertEquals(230 / 255f, data.features(8)[5]);
    Split split = ImageFolder.split(folder, DEFAULTS, 0.8, 1).split();
    assertArrayEquals(data.split(0.8, 1).train().features(), split.train().features());
    assertArrayEquals(data.split(0.8, 1).test().labels(), split.test().labels());
  }

  @Test
  void decodesWhenBatchesAreMade() {
    shades();
    Split held = ImageFolder.split(folder, DEFAULTS, 0.8, 1).split();
    Split streamed = ImageFolder.split(folder, DEFAULTS.stream(true), 0.8, 1).split();
    assertTrue(streamed.train().isStreamed());
    int[] labels = held.test().labels();
    Arrays.sort(labels);
    assertArrayEquals(labels, streamed.test().labels());
    assertEquals(8, streamed.train().size());
    for (int row = 0; row < 8; row++) {
      float expected = streamed.train().labels()[row] == 0 ? 0 : 200 / 255f;
      assertTrue(streamed.train().features(row)[0] >= expected);
    }
  }

  @Test
  void trainAndTestFoldersAreTheParts() {
    for (String part : List.of("train", "test")) {
      for (String kind : List.of("a", "b", "c")) {
        if (part.equals("train") || !kind.equals("b")) {
          image(part + "/" + kind + "/1.png", TestImages.gray(2, 2, kind.charAt(0)));
        }
      }
    }
    Split split = ImageFolder.split(folder, DEFAULTS, 0.8, 1).split();
    assertArrayEquals(new int[] {0, 1, 2}, split.train().labels());
    assertArrayEquals(new int[] {0, 2}, split.test().labels());
    assertEquals('c' / 255f, split.test().features(1)[0]);
    image("test/d/1.png", TestImages.gray(2, 2, 1));
    refuses(DataFormatException.class, folder.resolve("test/d").toString(), "\"a\", \"b\", \"c\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"val", "valid", "Validation", "DEV"})
  void validationFoldersAreTheValidationPart(String name) {
    for (String part : List.of("Train", name)) {
      for (String kind : part.equals("Train") ? List.of("a", "b", "c") : List.of("a", "c")) {
        image(part + "/" + kind + "/1.png", TestImages.gray(2, 2, kind.charAt(0)));
        image(part + "/" + kind + "/2.png", TestImages.gray(2, 2, kind.charAt(0)));
      }
    }
    SplitRule standard = SplitRule.standard();
    Split two = ImageFolder.split(folder, DEFAULTS, standard, 1).split();
    assertEquals(6, two.train().size());
    assertArrayEquals(new int[] {0, 0, 2, 2}, two.validation().labels());
    assertFalse(two.hasTest());
    assertTrue(ImageFolder.hasValidationPart(folder) && !ImageFolder.hasTestPart(folder));
    Split tested = ImageFolder.split(folder, DEFAULTS, SplitRule.fractions(.5, 0, .5), 1).split();
    assertEquals(3, tested.train().size());
    assertEquals(3, tested.test().size());
    assertEquals(4, tested.validation().size());
    image("TEST/b/1.png", TestImages.gray(2, 2, 'b'));
    ImageSplit all = ImageFolder.split(folder, DEFAULTS, standard, 1);
    assertEquals(6, all.split().train().size());
    assertEquals(4, all.split().validation().size());
    assertArrayEquals(new int[] {1}, all.split().test().labels());
    assertEquals(11, all.encoding().load(folder).size());
    Inputs inputs = all.encoding().inputs(folder);
    assertEquals(11, inputs.size());
    assertTrue(inputs.names().contains(Path.of("TEST", "b", "1.png").toString()));
    Split again = ImageFolder.split(folder, all.encoding(), standard, 1);
    assertArrayEquals(all.split().validation().labels(), again.validation().labels());
    image((name.equals("val") ? "dev" : "val") + "/a/1.png", TestImages.gray(2, 2, 1));
    refuses(DataFormatException.class, "one folder for this part");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Thumbs.db",
        "thumbs.DB",
        "ehthumbs.db",
        "desktop.ini",
        "Icon\r",
        ".DS_Store",
        "._1.png",
        "__MACOSX",
        "@eaDir"
      })
  void whatSystemsLeaveBehindIsPassedOver(String name) throws IOException {
    shades();
    Files.writeString(folder.resolve("dark").resolve(name), "no image");
    Files.createDirectories(folder.resolve(name));
    Files.writeString(folder.resolve(name).resolve("x.png"), "no image");
    assertEquals(List.of("dark", "light"), whole(DEFAULTS).classNames());
    ImageEncoding encoding = ImageFolder.split(folder, DEFAULTS, 0.8, 1).encoding();
    assertEquals(10, encoding.inputs(folder).size());
    assertEquals(List.of(), ImageFolder.otherFiles(folder));
    Path other = Files.writeString(folder.resolve("light/x.webp"), "no image");
    assertEquals(List.of(other), ImageFolder.otherFiles(folder));
  }

  @Test
  void readsEveryKindOfPixel() {
    BufferedImage colour = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    colour.setRGB(0, 0, 0xff8000);
    colour.setRGB(1, 0, 0x0040ff);
    float[] planes = {1, 0, 128 / 255f, 64 / 255f, 0, 1};
    assertArrayEquals(planes, read(colour, Channels.COLOUR));
    BufferedImage transparent = new BufferedImage(2, 1, BufferedImage.TYPE_INT_ARGB);
    transparent.setRGB(0, 0, 0x80ff8000);
    transparent.setRGB(1, 0, 0x800040ff);
    assertArrayEquals(planes, read(transparent, Channels.COLOUR));
    byte[] r = {(byte) 255, 0};
    byte[] g = {(byte) 128, 64};
    byte[] b = {0, (byte) 255};
    IndexColorModel palette = new IndexColorModel(1, 2, r, g, b);
    BufferedImage indexed = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
    indexed.getRaster().setSample(1, 0, 0, 1);
    assertArrayEquals(planes, read(indexed, Channels.COLOUR));
    float luma = 0.299f + 0.587f * (128 / 255f);
    assertEquals(luma, read(colour, Channels.GRAY)[0], 1e-6f);
    BufferedImage gray = TestImages.gray(2, 1, 100);
    // Not what the JDK's conversion to RGB would make of it.
    assertArrayEquals(new float[] {100 / 255f, 100 / 255f}, read(gray, Channels.AUTO));
    assertEquals(6, read(gray, Channels.COLOUR).length);
    BufferedImage fine = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    fine.getRaster().setSample(0, 0, 0, 12345);
    assertEquals(12345 / 65535f, read(fine, Channels.GRAY)[0]);
    BufferedImage bits = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_BINARY);
    bits.getRaster().setSample(1, 0, 0, 1);
    assertArrayEquals(new float[] {0, 1}, read(bits, Channels.GRAY));
  }

  private float[] read(BufferedImage image, Channels channels) {
    image("a/1.png", image);
    image("b/1.png", image);
    ImageOptions options = DEFAULTS.channels(channels);
    return ImageFolder.split(folder, options, 0.5, 1).encoding().load(folder).features(0);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsJpeg(boolean colour) {
    BufferedImage image = colour ? TestImages.colours(16, 8) : TestImages.gray(16, 8, 77);
    image("a/1.jpg", image);
    image("b/1.JPEG", image);
    Dataset data = whole(DEFAULTS);
    assertArrayEquals(colour ? new int[] {3, 8, 16} : new int[] {8, 16}, data.featureShape());
    if (!colour) {
      assertEquals(77 / 255f, data.features(1)[9], 2 / 255f);
    }
  }

  @Test
  void imagesMustBeAlikeOrAreResampled() {
    image("a/1.png", TestImages.gray(4, 4, 50));
    image("b/1.png", TestImages.gray(8, 6, 50));
    String other = folder.resolve("b/1.png").toString();
    refuses(DataFormatException.class, other, "4 x 4 pixels as", "got 8 x 6", "ImageOptions.size");
    Dataset data = whole(DEFAULTS.size(3, 5));
    assertArrayEquals(new int[] {3, 5}, data.featureShape());
    for (float value : data.features()) {
      assertEquals(50 / 255f, value, 1e-6f);
    }
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.size(3, 0));
    assertThrows(IllegalArgumentException.class, () -> DEFAULTS.size(1 << 20, 1 << 20));
  }

  @Test
  void resamplingIsATriangleFilter() {
    // Halving: weights 1 3 3 1 around each centre, cut off and renormalised at the border.
    float[] row = {0, 0, 1, 1, 0, 0};
    float[] half = Resampling.resize(row, 1, 1, 6, 1, 3);
    assertArrayEquals(new float[] {1 / 7f, 6 / 8f, 1 / 7f}, half, 1e-6f);
    // Doubling: linear interpolation.
    float[] doubled = Resampling.resize(new float[] {0, 1}, 1, 2, 1, 4, 1);
    assertArrayEquals(new float[] {0, 0.25f, 0.75f, 1}, doubled, 1e-6f);
    float[] planes = {1, 2, 3, 4, 10, 20, 30, 40};
    assertArrayEquals(planes, Resampling.resize(planes, 2, 2, 2, 2, 2));
  }

  @Test
  void refusesWhatIsNoFolderOfClasses() throws IOException {
    Path none = folder.resolve("none");
    assertThrows(InputNotFoundException.class, () -> ImageFolder.split(none, DEFAULTS, 0.8, 1));
    refuses(InputNotFoundException.class, "at least 2 classes", "found none");
    image("a/1.png", TestImages.gray(2, 2, 1));
    refuses(InputNotFoundException.class, "only [a]");
    Files.createDirectory(folder.resolve("b"));
    refuses(DataFormatException.class, folder.resolve("b").toString(), "got none");
    Path text = Files.writeString(folder.resolve("b/notes.txt"), "no image");
    Files.writeString(folder.resolve("b/other.txt"), "no image");
    refuses(DataFormatException.class, text.toString(), "another file, the first of 2", "move");
    Files.delete(folder.resolve("b/other.txt"));
    Files.delete(text);
    Files.createDirectories(folder.resolve("b/deeper"));
    refuses(
        DataFormatException.class,
        folder.resolve("b/deeper").toString(),
        "a folder",
        "val (or valid, validation, dev)");
  }

  @Test
  void encodesFurtherImagesAlike() throws IOException {
    shades();
    ImageEncoding encoding =
        ImageFolder.split(folder, DEFAULTS.size(2, 2).channels(Channels.COLOUR), 0.8, 1).encoding();
    assertEquals(encoding, Preprocessing.fromJson(encoding.toJson()));
    Path other = folder.resolve("other");
    TestImages.write(other.resolve("light/x.png"), TestImages.gray(9, 9, 210));
    Dataset data = encoding.load(other);
    assertArrayEquals(new int[] {1}, data.labels());
    assertArrayEquals(new int[] {3, 2, 2}, data.featureShape());
    Inputs inputs = encoding.inputs(other);
    assertEquals(List.of(Path.of("light", "x.png").toString()), inputs.names());
    assertArrayEquals(data.features(), inputs.x());
    assertThrows(
        InputNotFoundException.class,
        () -> encoding.inputs(Files.createDirectory(folder.resolve("empty"))));
    TestImages.write(other.resolve("gray/x.png"), TestImages.gray(9, 9, 210));
    assertThrows(DataFormatException.class, () -> encoding.load(other));
    ImageEncoding fixed = new ImageEncoding(false, 2, 2, false, List.of("light", "gray"));
    String message = assertThrows(DataFormatException.class, () -> fixed.load(other)).getMessage();
    assertTrue(message.contains("2 x 2 pixels") && message.contains("9 x 9"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpg"})
  void refusesEveryTruncation(String format) throws IOException {
    shades();
    Path file = image("dark/0." + format, TestImages.colours(12, 10));
    byte[] content = Files.readAllBytes(file);
    for (int length = 0; length < content.length; length++) {
      TestFiles.write(file, Arrays.copyOf(content, length));
      String message =
          assertThrows(
                  DataFormatException.class,
                  () -> ImageFile.read(file, new ImageEncoding(true, 10, 12, false, TWO)))
              .getMessage();
      assertTrue(message.startsWith(file.toString()), message);
    }
  }

  private static final List<String> TWO = List.of("a", "b");

  @Test
  void refusesDamage() throws IOException {
    Path file = image("dark/0.png", TestImages.colours(12, 10));
    byte[] content = Files.readAllBytes(file);
    content[content.length - 30] ^= 1;
    TestFiles.write(file, content);
    String message =
        assertThrows(
                DataFormatException.class,
                () -> ImageFile.read(file, new ImageEncoding(true, 10, 12, false, TWO)))
            .getMessage();
    assertTrue(message.contains("checksum") && message.contains("IDAT"), message);
    assertFalse(message.contains("\n"), message);
  }
}
