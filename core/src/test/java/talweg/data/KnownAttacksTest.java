package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.DataFormatException;

/**
 * Attacks on the readers of other frameworks, as far as they concern data files: each is refused,
 * with little memory.
 */
class KnownAttacksTest {
  private static final ImageEncoding SMALL =
      new ImageEncoding(false, 4, 4, true, List.of("a", "b"));
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  private Path file(String name, byte[] content) {
    return TestFiles.write(folder.resolve(name), content);
  }

  private static String refused(long mostBytes, Runnable reader) {
    Allocation allocation = Allocation.start();
    String message = assertThrows(DataFormatException.class, reader::run).getMessage();
    allocation.requireAtMost(mostBytes);
    return message;
  }

  /** A header that makes a reader allocate (Ollama, DJL: safetensors). */
  @Test
  void aHeaderThatPromisesTerabytes() {
    Path labels = file("labels", TestFiles.labels(2));
    byte[] promise = TestFiles.idx(100, TestFiles.IMAGES, 0x7fffffff, 0x7fff, 0x7fff);
    for (byte[] content : new byte[][] {promise, TestFiles.gzip(promise)}) {
      Path images = file("images", content);
      refused(MIB, () -> Idx.read(images, labels));
    }
    byte[] modest = TestFiles.gzip(TestFiles.idx(100, TestFiles.IMAGES, 50_000, 28, 28));
    Path images = file("images", modest);
    String message = refused(MIB, () -> Idx.read(images, labels));
    assertTrue(message.contains("expected 39200016 bytes in all"), message);
  }

  /** A product of extents that wraps around (fastllm: 64-bit wrap of a shape). */
  @Test
  void extentsWhoseProductWraps() {
    Path labels = file("labels", TestFiles.labels(1));
    // 2^32 x 2^32 wraps to 0 in 64 bits, 65536 x 65536 in 32 bits.
    for (int[] extents : new int[][] {{-1, -1, -1}, {1, 65536, 65536}, {0x10000, 0x10000, 1}}) {
      Path images =
          file("images", TestFiles.idx(0, TestFiles.IMAGES, extents[0], extents[1], extents[2]));
      refused(MIB, () -> Idx.read(images, labels));
    }
  }

  /** Bytes behind the data, which another reader may take for something else (polyglots). */
  @Test
  void bytesBehindTheData() {
    Path labels = file("labels", TestFiles.labels(6));
    Path images =
        file(
            "images",
            TestFiles.join(
                TestFiles.images(6, 1, 1), "PK\3\4".getBytes(StandardCharsets.ISO_8859_1)));
    refused(MIB, () -> Idx.read(images, labels));
    Path packed =
        file("packed", TestFiles.join(TestFiles.gzip(TestFiles.images(6, 1, 1)), new byte[9]));
    refused(MIB, () -> Idx.read(packed, labels));
  }

  /**
   * A few kilobytes that unpack to gigabytes (zip bombs: DJL's and DL4J's unpackers set no limit).
   */
  @Test
  void aGzipBomb() throws IOException {
    ByteArrayOutputStream bomb = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bomb)) {
      out.write(TestFiles.idx(0, TestFiles.LABELS, 6));
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 64; i++) {
        out.write(zeros);
      }
    }
    Path labels = file("labels.gz", bomb.toByteArray());
    Path images = file("images", TestFiles.images(6, 1, 1));
    refused(MIB, () -> Idx.read(images, labels));
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(table)) {
      byte[] line = "1,2\n".repeat(1 << 18).getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < 4; i++) {
        out.write(line);
      }
    }
    Path csv = file("t.csv.gz", table.toByteArray());
    CsvOptions options = CsvOptions.defaults().maxBytes(1 << 17);
    String message = refused(40 * MIB, () -> Csv.load(csv, options));
    assertTrue(message.contains("at most 131072 unpacked bytes"), message);
  }

  /** A packed file may be a thousand times as long; data are some five times. */
  @Test
  void bytesThatUnpackToFarMore() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write("a,b\n1,2\n".getBytes(StandardCharsets.UTF_8));
      byte[] lines = new byte[1 << 20];
      Arrays.fill(lines, (byte) '\n');
      for (int i = 0; i < 32; i++) {
        out.write(lines);
      }
      out.write("3,4\n".getBytes(StandardCharsets.UTF_8));
    }
    Path csv = file("t.csv.gz", packed.toByteArray());
    String message = refused(MIB, () -> Csv.load(csv));
    assertTrue(message.contains("at most 200 unpacked bytes for each packed one"), message);
    byte[] zeros =
        TestFiles.gzip(TestFiles.join(TestFiles.idx(0, 0x801, 1 << 25), new byte[1 << 25]));
    Path labels = file("labels.gz", zeros);
    message = assertThrows(DataFormatException.class, () -> IdxFile.labels(labels)).getMessage();
    assertTrue(message.contains("unpacked bytes for each") || message.contains("heap"), message);
  }

  /** Nothing is made of a blank line, and all of them are counted. */
  @Test
  void millionsOfBlankLines() {
    String table = "a,b\n1,2\n" + "\n\r \t\n".repeat(1 << 18) + "3,4,5\n";
    Path csv = file("t.csv", table.getBytes(StandardCharsets.UTF_8));
    String message = refused(MIB, () -> Csv.load(csv));
    assertTrue(message.contains("line " + (3 + 3 * (1 << 18)) + ": expected 2 cells"), message);
  }

  /** A second header, whose size nobody has looked at. */
  @Test
  void anImageWithTwoHeaders() {
    byte[] pixels = TestImages.chunk("IDAT", TestImages.deflatedZeros(5 * 4));
    byte[] large = {0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, 16, 6, 0, 0, 0};
    Path image = file("i.png", TestImages.png(4, 4, TestImages.chunk("IHDR", large), pixels));
    String message = refused(MIB, () -> ImageFile.read(image, SMALL));
    assertTrue(message.contains("one chunk IHDR"), message);
  }

  /** Critical chunks may change what the others mean, so the standard forbids to skip them. */
  @Test
  void anImageWithAnUnknownCriticalChunk() {
    byte[] pixels = TestImages.chunk("IDAT", TestImages.deflatedZeros(5 * 4));
    for (String type : List.of("PLT\r", "CgBI", "JDAT")) {
      Path image = file("i.png", TestImages.png(4, 4, TestImages.chunk(type, new byte[4]), pixels));
      String message = refused(MIB, () -> ImageFile.read(image, SMALL));
      assertTrue(message.contains("one of the critical chunks"), message);
    }
    byte[] ancillary = TestImages.chunk("prVt", new byte[4]);
    Path image = file("i.png", TestImages.png(4, 4, ancillary, pixels));
    assertArrayEquals(new float[16], ImageFile.read(image, SMALL));
  }

  /** A drawing of 50 million bytes in 50 thousand. */
  @Test
  void aLargeImageThatIsPackedTooTightly() {
    byte[] pixels = TestImages.chunk("IDAT", TestImages.deflatedZeros(3 * 4096 * 4096 + 4096));
    byte[] png = TestImages.png(4096, 4096, pixels);
    png[25] = 6; // red, green, blue and alpha: 64 MiB are let pass, with 200 for each byte
    png[24] = 16;
    byte[] sound = TestFiles.join(Arrays.copyOf(png, 8), chunk(png));
    Path image = file("i.png", TestFiles.join(sound, Arrays.copyOfRange(png, 33, png.length)));
    String message = refused(MIB, () -> ImageFile.read(image, SMALL));
    assertTrue(message.contains("pixels in a file of"), message);
  }

  private static byte[] chunk(byte[] png) {
    return TestImages.chunk("IHDR", Arrays.copyOfRange(png, 16, 29));
  }

  /** A cell or a row without end. */
  @Test
  void anEndlessCell() {
    Path open =
        file("open.csv", ("a,b\n\"" + "x".repeat(1 << 20)).getBytes(StandardCharsets.UTF_8));
    String message = refused(4 * MIB, () -> Csv.load(open));
    assertTrue(message.contains("at most 65536 bytes in a cell"), message);
    Path wide = file("wide.csv", ",".repeat(1 << 20).getBytes(StandardCharsets.UTF_8));
    message = refused(64 * MIB, () -> Csv.load(wide));
    assertTrue(message.contains("at most 262144 cells"), message);
  }

  /** An image of a few bytes that says it has 2^62 pixels. */
  @Test
  void anImageThatPromisesTooManyPixels() {
    for (int[] size : new int[][] {{0x7fffffff, 0x7fffffff}, {-1, 1}, {0, 5}, {4097, 4097}}) {
      Path image =
          file(
              "i.png",
              TestImages.png(
                  size[0], size[1], TestImages.chunk("IDAT", TestImages.deflatedZeros(1 << 16))));
      String message = refused(MIB, () -> ImageFile.read(image, SMALL));
      assertTrue(message.contains("1 to 16777216 pixels"), message);
    }
    byte[] jpeg = TestImages.bytes(TestImages.gray(8, 8, 1), "jpg");
    int frame = indexOf(jpeg, 0xff, 0xc0);
    for (int i = 5; i < 9; i++) {
      jpeg[frame + i] = (byte) 0xff;
    }
    Path image = file("i.jpg", jpeg);
    String message = refused(MIB, () -> ImageFile.read(image, SMALL));
    assertTrue(message.contains("got 65535 x 65535"), message);
  }

  /** An image that says it has more pixels than its bytes can hold. */
  @Test
  void anImageThatIsTooShortForItsPixels() {
    byte[] png = TestImages.png(4000, 4000, TestImages.chunk("IDAT", new byte[50]));
    Path image = file("i.png", png);
    String message = refused(MIB, () -> ImageFile.read(image, SMALL));
    assertTrue(message.contains("pixels in a file of %d bytes".formatted(png.length)), message);
  }

  /** Pixels, texts and profiles that unpack to far more than the image holds. */
  @Test
  void packedChunksThatExplode() {
    byte[] bomb = TestImages.deflatedZeros(200 << 20);
    byte[] text = TestFiles.join(new byte[] {'k', 0, 0}, bomb);
    byte[] pixels = TestImages.chunk("IDAT", TestImages.deflatedZeros(5 * 4));
    Path image =
        file(
            "i.png",
            TestImages.png(
                4, 4, TestImages.chunk("zTXt", text), TestImages.chunk("iCCP", text), pixels));
    Allocation allocation = Allocation.start();
    assertArrayEquals(new float[16], ImageFile.read(image, SMALL));
    allocation.requireAtMost(8 * MIB);
    Path other = file("j.png", TestImages.png(4, 4, TestImages.chunk("IDAT", bomb)));
    Allocation again = Allocation.start();
    assertEquals(16, ImageFile.read(other, SMALL).length);
    again.requireAtMost(8 * MIB);
  }

  /** A chunk whose length lies beyond the file. */
  @Test
  void aChunkLongerThanTheFile() {
    byte[] content = TestImages.png(4, 4, TestImages.chunk("PLTE", new byte[9]));
    content[33] = 0x7f;
    Path image = file("i.png", content);
    String message = refused(MIB, () -> ImageFile.read(image, SMALL));
    assertTrue(message.contains("a chunk of at most 768 bytes"), message);
  }

  /** A progressive image with thousands of scans, each of which costs as much as an image. */
  @Test
  void anImageWithThousandsOfScans() {
    byte[] jpeg = TestImages.bytes(TestImages.gray(8, 8, 1), "jpg");
    int scan = indexOf(jpeg, 0xff, 0xda);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, scan);
    for (int i = 0; i < 1000; i++) {
      out.write(jpeg, scan, jpeg.length - 2 - scan);
    }
    out.write(jpeg, jpeg.length - 2, 2);
    Path image = file("i.jpg", out.toByteArray());
    String message = refused(4 * MIB, () -> ImageFile.read(image, SMALL));
    assertTrue(message.contains("at most 100 scans"), message);
  }

  /** A server's error page, or a pointer, under the name of the data. */
  @Test
  void somethingElseUnderTheNameOfData() {
    byte[] page = "<html><body>503 Service Unavailable".getBytes(StandardCharsets.UTF_8);
    byte[] pointer =
        "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.UTF_8);
    for (byte[] content : new byte[][] {page, pointer}) {
      Path file = file("x", content);
      refused(MIB, () -> Idx.read(file, file));
      refused(MIB, () -> Csv.load(file));
      refused(MIB, () -> ImageFile.read(file, SMALL));
    }
  }

  /** Names that would lead out of the folder, or into a terminal, stay names. */
  @Test
  void namesAreNeitherPathsNorCommands() throws IOException {
    Path csv =
        file("t.csv", "\u001b[2Ja,b\n1,2\nx\u001b]0;y,4\n5,6\n".getBytes(StandardCharsets.UTF_8));
    String message = refused(4 * MIB, () -> Csv.load(csv));
    assertTrue(message.contains("\\u001b") && message.indexOf('\u001b') < 0, message);
    String json =
        "{\"kind\":\"images\",\"colour\":false,\"height\":4,\"width\":4,\"resize\":true,"
            + "\"classes\":[\"../../etc\",\"b\"]}";
    Preprocessing read = Preprocessing.fromJson(json);
    Files.createDirectories(folder.resolve("b"));
    TestImages.write(folder.resolve("b/1.png"), TestImages.gray(4, 4, 9));
    assertEquals(1, read.load(folder).size());
  }

  private static int indexOf(byte[] bytes, int first, int second) {
    for (int i = 0; i + 1 < bytes.length; i++) {
      if (bytes[i] == (byte) first && bytes[i + 1] == (byte) second) {
        return i;
      }
    }
    throw new AssertionError("no such marker");
  }
}
