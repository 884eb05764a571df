package talweg.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/** Files made by hand to harm whoever reads them: by size, by claims, by text. */
final class HostileFiles {
  private static final int MIB = 1 << 20;

  /**
   * A file.
   *
   * @param large whether it takes hundreds of megabytes, or seconds, to make or to read
   */
  record Hostile(String name, boolean large, Supplier<byte[]> content) {}

  private final List<Hostile> all = new ArrayList<>();

  private HostileFiles() {}

  private HostileFiles add(String name, Supplier<byte[]> content) {
    all.add(new Hostile(name, false, content));
    return this;
  }

  private HostileFiles large(String name, Supplier<byte[]> content) {
    all.add(new Hostile(name, true, content));
    return this;
  }

  // ---- safetensors

  static List<Hostile> safetensors() {
    String u8 = "\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]";
    HostileFiles files = new HostileFiles();
    files
        .add("empty", () -> new byte[0])
        .add("7 bytes", () -> new byte[7])
        .add("8 zeros", () -> new byte[8])
        .add("a header of -1", () -> header(-1, "{}", 4))
        .add("a header of 2^63 - 1", () -> header(Long.MAX_VALUE, "{}", 4))
        .add("a header of 100 MB that is not there", () -> header(99_999_999, "{}", 4))
        .add(
            "a name that clears the screen",
            () -> tensors("{\"\\u001b[2J\\u001b[31mX\":{%s}}", "x"))
        .add("a name of 1 MB", () -> tensors("{\"%s\":{}}", "n".repeat(MIB)))
        .add("a type of 1 MB", () -> tensors("{\"a\":{\"dtype\":\"%s\"}}", "n".repeat(MIB)))
        .add("a property of 1 MB", () -> tensors("{\"a\":{\"%s\":1}}", "n".repeat(MIB)))
        .add("a number of 1 MB", () -> tensors("{\"a\":{\"shape\":[%s]}}", "9".repeat(MIB)))
        .add("a shape of 1 MB", () -> tensors("{\"a\":{\"shape\":[%s1]}}", "1,".repeat(MIB / 2)))
        .add("a million brackets", () -> tensors("{\"a\":%s", "[".repeat(MIB)))
        .add("a million braces", () -> tensors("%s", "{\"a\":".repeat(MIB / 5)))
        .add(
            "metadata of 1 MB", () -> tensors("{\"__metadata__\":{\"k\":\"%s\"}}", "v".repeat(MIB)))
        .add("metadata of many keys", () -> tensors("{\"__metadata__\":{%s}}", keys(50_000)))
        .add("metadata twice", () -> tensors("{\"__metadata__\":{},\"__metadata__\":{}}", ""))
        .add("metadata null", () -> tensors("{\"__metadata__\":null}", ""))
        .add("a key twice", () -> tensors("{\"a\":{%s},\"a\":{%<s}}", u8))
        .add("overlap", () -> tensors("{\"a\":{%s},\"b\":{%<s}}", u8))
        .add("a gap", () -> tensors("{\"a\":{%s}}", u8.replace("[0,4]", "[1,5]")))
        .add("an extent of 2^63", () -> tensors("{\"a\":{\"shape\":[%s]}}", "9223372036854775808"))
        .add("a negative extent", () -> tensors("{\"a\":{%s}}", u8.replace("[4]", "[-4]")))
        .add(
            "a product that wraps",
            () -> tensors("{\"a\":{%s}}", u8.replace("[4]", "[65536,65536,65536,65536]")))
        .add("offsets of 1e400", () -> tensors("{\"a\":{%s}}", u8.replace("[0,4]", "[0,1e400]")))
        .add("offsets backwards", () -> tensors("{\"a\":{%s}}", u8.replace("[0,4]", "[4,0]")))
        .add("an unknown type", () -> tensors("{\"a\":{%s}}", u8.replace("U8", "Q8")))
        .add(
            "half a byte",
            () -> tensors("{\"a\":{%s}}", u8.replace("U8", "F4").replace("[4]", "[7]")))
        .add("UTF-16", () -> header(20, "{\"a\":1}", StandardCharsets.UTF_16LE, 8))
        .add("Latin-1", () -> header(8, "{\"\u00e9\":1}", StandardCharsets.ISO_8859_1, 8))
        .add("a byte order mark", () -> tensors("\ufeff{\"a\":{%s}}", u8))
        .add("a lone surrogate", () -> tensors("{\"\\ud800\":{%s}}", u8))
        .add("text behind", () -> tensors("{\"a\":{%s}}{}", u8))
        .add(
            "a web page",
            () -> "<!doctype html><html>not found</html>".getBytes(StandardCharsets.UTF_8))
        .add("a zip", () -> "PK\u0003\u0004------------".getBytes(StandardCharsets.ISO_8859_1))
        .large("blanks of 90 MB", () -> tensors("{%s}", " ".repeat(90 * MIB)))
        .large(
            "metadata of 74 MB",
            () -> tensors("{\"__metadata__\":{\"k\":\"%s\"}}", "v".repeat(74 * MIB)))
        .large("95 MB of tensors", () -> tensors("{%s}", manyTensors(1_500_000)));
    return files.all;
  }

  private static String keys(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> "\"k" + i + "\":\"\"")
        .collect(Collectors.joining(","));
  }

  private static String manyTensors(int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(i == 0 ? "\"" : ",\"").append(Integer.toString(i, 36));
      text.append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    return text.toString();
  }

  private static byte[] tensors(String form, String text) {
    String json = form.formatted(text);
    return header(json.getBytes(StandardCharsets.UTF_8).length, json, 4);
  }

  private static byte[] header(long length, String json, int data) {
    return header(length, json, StandardCharsets.UTF_8, data);
  }

  private static byte[] header(
      long length, String json, java.nio.charset.Charset charset, int data) {
    byte[] text = json.getBytes(charset);
    return ByteBuffer.allocate(Long.BYTES + text.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(text)
        .array();
  }

  // ---- IDX

  static List<Hostile> idx() {
    HostileFiles files = new HostileFiles();
    files
        .add("no data", () -> TestFiles.idx(0, TestFiles.IMAGES, 0, 28, 28))
        .add("terabytes", () -> TestFiles.idx(9, TestFiles.IMAGES, -1, -1, -1))
        .add(
            "terabytes, packed",
            () -> TestFiles.gzip(TestFiles.idx(9, TestFiles.IMAGES, -1, -1, 1)))
        .add("a product that wraps", () -> TestFiles.idx(0, TestFiles.IMAGES, 65536, 65536, 65536))
        .add("labels for images", () -> TestFiles.labels(9))
        .add("packed twice", () -> TestFiles.gzip(TestFiles.gzip(TestFiles.images(6, 4, 5))))
        .add(
            "bytes behind",
            () -> TestFiles.join(TestFiles.gzip(TestFiles.images(6, 4, 5)), new byte[9]))
        .large(
            "40 kB for 40 MB",
            () ->
                packed(
                    new byte[0], TestFiles.idx(0, TestFiles.IMAGES, 40 * MIB, 1, 1), 40, (byte) 0))
        .large("50 MB", () -> TestFiles.images(50_000, 25, 40));
    return files.all;
  }

  // ---- CSV

  static List<Hostile> csv() {
    HostileFiles files = new HostileFiles();
    files
        .add("empty", () -> new byte[0])
        .add("one cell", () -> text("a"))
        .add("one row", () -> text("a,b"))
        .add("one column", () -> text("a\n1\n2\n"))
        .add("zero bytes", () -> text("a,b\n1,\0\n"))
        .add("an open quote", () -> text("a,b\n\"" + "x".repeat(MIB)))
        .add("an endless cell", () -> text("x".repeat(MIB)))
        .add("an endless row", () -> text(",".repeat(MIB)))
        .add("a million blank lines", () -> text("a,b\n1,2\n" + "\n".repeat(MIB) + "3,4\n"))
        .add(
            "a million lines of blanks", () -> text("a,b\n1,2\n" + " \t\r\n".repeat(MIB) + "3,4\n"))
        .add("a million quoted nothings", () -> text("\"\"\n".repeat(MIB)))
        .add("many categories", () -> text("a,b\n" + lines(20_000, "c%d,x\n")))
        .add("many classes", () -> text("a,b\n" + lines(20_000, "1,c%d\n")))
        .add("numbers without end", () -> text("a,b\n" + "9".repeat(60_000) + ",1\n2,3\n"))
        .add("1e400", () -> text("a,b\n1e400,1\n2,3\n4,5\n"))
        .add("UTF-16", () -> "a,b\n1,2\n".getBytes(StandardCharsets.UTF_16))
        .add("wide", () -> text(table(20_000, 7)))
        .large("250,000 columns", () -> text(table(250_000, 7)))
        .large(
            "51 million rows",
            () ->
                packed(
                    text("a,b\n"),
                    "1,2\n".repeat(MIB / 4).getBytes(StandardCharsets.UTF_8),
                    204,
                    null))
        .large(
            "2 GiB of new lines",
            () -> packed(text("a,b\n1,2\n"), text("3,4\n"), 2000, (byte) '\n'));
    return files.all;
  }

  private static String lines(int count, String form) {
    return IntStream.range(0, count).mapToObj(form::formatted).collect(Collectors.joining());
  }

  private static String table(int columns, int rows) {
    StringBuilder text = new StringBuilder();
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        text.append(c == 0 ? "" : ",").append((r * 7 + c) % 10);
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Packs a beginning and so many megabytes: of one byte, behind the body; or of the body. */
  private static byte[] packed(byte[] head, byte[] body, int megabytes, Byte fill) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip =
        new GZIPOutputStream(out, 1 << 16) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        }) {
      zip.write(head);
      byte[] portion = body;
      if (fill != null) {
        portion = new byte[MIB];
        Arrays.fill(portion, fill);
        zip.write(body);
      }
      for (int i = 0; i < megabytes; i++) {
        zip.write(portion);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  // ---- images

  static List<Hostile> images() {
    byte[] pixels = TestImages.chunk("IDAT", TestImages.deflatedZeros(5 * 4));
    byte[] jpeg = TestImages.bytes(TestImages.colours(9, 7), "jpg");
    HostileFiles files = new HostileFiles();
    for (int[] size : new int[][] {{0, 0}, {0, 5}, {-1, 1}, {30000, 30000}, {0x7fffffff, 1}}) {
      files.add(
          "PNG of %d x %d".formatted(size[0], size[1]),
          () -> TestImages.png(size[0], size[1], pixels));
    }
    files
        .add("signature", () -> Arrays.copyOf(TestImages.png(4, 4), 8))
        .add("no IEND", () -> Arrays.copyOf(TestImages.png(4, 4, pixels), 60))
        .add("no IDAT", () -> TestImages.png(4, 4))
        .add(
            "two IHDR",
            () -> TestImages.png(8, 8, TestImages.chunk("IHDR", deep(30000, 30000)), pixels))
        .add(
            "a critical chunk",
            () -> TestImages.png(4, 4, TestImages.chunk("PLT\r", new byte[3]), pixels))
        .add(
            "a chunk without letters",
            () -> TestImages.png(4, 4, TestImages.chunk("\0\1\2\3", new byte[3]), pixels))
        .add(
            "a palette of 4 kB",
            () -> TestImages.png(4, 4, TestImages.chunk("PLTE", new byte[4096]), pixels))
        .add(
            "a palette for gray",
            () -> TestImages.png(4, 4, TestImages.chunk("PLTE", new byte[6]), pixels))
        .add(
            "transparency",
            () -> TestImages.png(4, 4, TestImages.chunk("tRNS", new byte[99]), pixels))
        .add(
            "a text that explodes",
            () ->
                TestImages.png(
                    4, 4, TestImages.chunk("zTXt", TestImages.deflatedZeros(50 * MIB)), pixels))
        .add(
            "too few pixels",
            () -> TestImages.png(4000, 4000, TestImages.chunk("IDAT", new byte[50])))
        .add("no zlib", () -> TestImages.png(4, 4, TestImages.chunk("IDAT", new byte[50])))
        .add(
            "a bad checksum",
            () -> TestImages.png(4, 4, new byte[] {0, 0, 0, 0, 'I', 'D', 'A', 'T', 1, 2, 3, 4}))
        .add("JPEG markers", () -> new byte[] {-1, -40, -1, -1, -1, -1})
        .add("JPEG cut", () -> Arrays.copyOf(jpeg, jpeg.length - 9))
        .add("JPEG of fill bytes", () -> fill(jpeg))
        .add("a GIF", () -> text("GIF89a........"))
        .add("a web page", () -> text("<html><body>404"));
    int[][] large = {{4096, 4096}, {1, 0xffff}, {0xffff, 1}, {1, 1 << 24}, {1 << 24, 1}};
    for (int[] size : large) {
      String name = "%d x %d ".formatted(size[0], size[1]);
      files
          .large(name + "gray", () -> packedPixels(size[0], size[1], 8, 0, 1))
          .large(name + "colour", () -> packedPixels(size[0], size[1], 8, 2, 3));
    }
    files
        .large("4096 x 4096 with alpha", () -> packedPixels(4096, 4096, 16, 6, 8))
        .large(
            "JPEG of 4000 x 4000",
            () ->
                TestImages.bytes(new BufferedImage(4000, 4000, BufferedImage.TYPE_INT_RGB), "jpg"));
    return files.all;
  }

  private static byte[] deep(int width, int height) {
    return ByteBuffer.allocate(13)
        .putInt(width)
        .putInt(height)
        .put((byte) 16)
        .put((byte) 6)
        .array();
  }

  private static byte[] packedPixels(int width, int height, int depth, int type, int bytes) {
    byte[] png =
        TestImages.png(
            width,
            height,
            TestImages.chunk(
                "IDAT", TestImages.deflatedZeros(Math.addExact(width * bytes * height, height))));
    byte[] header = Arrays.copyOfRange(png, 16, 29);
    header[8] = (byte) depth;
    header[9] = (byte) type;
    return TestFiles.join(
        TestFiles.join(Arrays.copyOf(png, 8), TestImages.chunk("IHDR", header)),
        Arrays.copyOfRange(png, 33, png.length));
  }

  private static byte[] fill(byte[] jpeg) {
    byte[] filler = new byte[MIB];
    Arrays.fill(filler, (byte) -1);
    return TestFiles.join(
        TestFiles.join(Arrays.copyOf(jpeg, 2), filler), Arrays.copyOfRange(jpeg, 2, jpeg.length));
  }
}
