package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.DataFormatException;

/** Images are turned as EXIF says: where row 0 and column 0 of what is stored are to be seen. */
class OrientationTest {
  private static final int WIDTH = 24;
  private static final int HEIGHT = 16;
  private static final ImageEncoding UPRIGHT =
      new ImageEncoding(false, HEIGHT, WIDTH, false, List.of("a", "b"));

  @TempDir Path folder;

  /** Four shades in four quarters, as they are to be seen. */
  private static int shade(int row, int column) {
    return row < HEIGHT / 2 ? column < WIDTH / 2 ? 20 : 90 : column < WIDTH / 2 ? 160 : 230;
  }

  private static BufferedImage stored(String rowZero, String columnZero) {
    boolean side = rowZero.equals("left") || rowZero.equals("right");
    int rows = side ? WIDTH : HEIGHT;
    int columns = side ? HEIGHT : WIDTH;
    BufferedImage image = new BufferedImage(columns, rows, BufferedImage.TYPE_BYTE_GRAY);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        image.getRaster().setSample(c, r, 0, seen(rowZero, r, columnZero, c));
      }
    }
    return image;
  }

  private static int seen(String rowZero, int r, String columnZero, int c) {
    int y = 0;
    int x = 0;
    for (Object[] line : new Object[][] {{rowZero, r}, {columnZero, c}}) {
      int at = (int) line[1];
      switch ((String) line[0]) {
        case "top" -> y = at;
        case "bottom" -> y = HEIGHT - 1 - at;
        case "left" -> x = at;
        default -> x = WIDTH - 1 - at;
      }
    }
    return shade(y, x);
  }

  private static byte[] tiff(ByteOrder order, int orientation) {
    ByteBuffer tiff = ByteBuffer.allocate(40).order(order);
    tiff.put(order == ByteOrder.LITTLE_ENDIAN ? new byte[] {'I', 'I'} : new byte[] {'M', 'M'});
    tiff.putShort((short) 42).putInt(10).putShort((short) 0).putShort((short) 2);
    tiff.putShort((short) 0x010f).putShort((short) 2).putInt(1).putInt(0);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) orientation);
    return tiff.array();
  }

  /** Behind the marker of the start, or as PNG's chunk before the pixels or behind them. */
  private static byte[] with(byte[] image, byte[] tiff, boolean last) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int at = !PngChunks.isPng(image) ? 2 : last ? image.length - 12 : 8 + 25;
    out.write(image, 0, at);
    if (at == 2) {
      out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xe1, 0, (byte) (8 + tiff.length)});
      out.writeBytes("Exif\0\0".getBytes(StandardCharsets.ISO_8859_1));
      out.writeBytes(tiff);
    } else {
      out.writeBytes(TestImages.chunk("eXIf", tiff));
    }
    out.write(image, at, image.length - at);
    return out.toByteArray();
  }

  private void isUpright(Path file, float tolerance) {
    assertEquals("%d x %d".formatted(WIDTH, HEIGHT), ImageFile.header(file).size());
    float[] expected = new float[WIDTH * HEIGHT];
    Arrays.setAll(
        new int[expected.length],
        i -> {
          expected[i] = shade(i / WIDTH, i % WIDTH) / 255f;
          return 0;
        });
    assertArrayEquals(expected, ImageFile.read(file, UPRIGHT), tolerance);
  }

  @ParameterizedTest
  @CsvSource({
    "1, top, left", "2, top, right", "3, bottom, right", "4, bottom, left",
    "5, left, top", "6, right, top", "7, right, bottom", "8, left, bottom"
  })
  void allEightAreTurned(int orientation, String rowZero, String columnZero) {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      byte[] tiff = tiff(order, orientation);
      BufferedImage image = stored(rowZero, columnZero);
      Path png = folder.resolve("o.png");
      for (boolean last : new boolean[] {false, true}) {
        isUpright(TestFiles.write(png, with(TestImages.bytes(image, "png"), tiff, last)), 0);
      }
      Path jpeg = folder.resolve("o.jpg");
      isUpright(
          TestFiles.write(jpeg, with(TestImages.bytes(image, "jpg"), tiff, false)), 12 / 255f);
    }
  }

  /** The chunk is found behind pixels of more than the header's bytes, too. */
  @Test
  void theTagMayLieFarBehind() {
    byte[] image = TestImages.bytes(stored("right", "top"), "png");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(image, 0, 8 + 25);
    out.writeBytes(TestImages.chunk("noIs", new byte[200_000]));
    out.write(image, 8 + 25, image.length - 8 - 25);
    byte[] far = with(out.toByteArray(), tiff(ByteOrder.BIG_ENDIAN, 6), true);
    isUpright(TestFiles.write(folder.resolve("far.png"), far), 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 255, 1000})
  void othersTurnNothing(int orientation) {
    byte[] image = TestImages.bytes(stored("top", "left"), "png");
    byte[] tiff = tiff(ByteOrder.LITTLE_ENDIAN, orientation);
    isUpright(TestFiles.write(folder.resolve("o.png"), with(image, tiff, false)), 0);
    for (int length = 0; length < 36; length++) {
      byte[] cut = Arrays.copyOf(tiff(ByteOrder.BIG_ENDIAN, 6), length);
      isUpright(TestFiles.write(folder.resolve("o.png"), with(image, cut, true)), 0);
      byte[] wild = tiff(ByteOrder.BIG_ENDIAN, 1);
      wild[length % 34] ^= (byte) 0x55;
      Path file = TestFiles.write(folder.resolve("w.png"), with(image, wild, true));
      assertEquals(WIDTH * HEIGHT, ImageFile.read(file, UPRIGHT).length);
    }
  }

  /** Models of versions that turned nothing still turn nothing. */
  @Test
  void formerModelsTurnNothing() {
    String json = UPRIGHT.toJson();
    assertTrue(json.contains("\"upright\":true"), json);
    ImageEncoding former =
        (ImageEncoding) Preprocessing.fromJson(json.replace(",\"upright\":true", ""));
    assertFalse(former.upright());
    Path file =
        TestFiles.write(
            folder.resolve("o.png"),
            with(
                TestImages.bytes(stored("bottom", "right"), "png"),
                tiff(ByteOrder.BIG_ENDIAN, 3),
                false));
    assertEquals(230 / 255f, ImageFile.read(file, former)[0]);
    assertEquals(20 / 255f, ImageFile.read(file, UPRIGHT)[0]);
  }

  @Test
  void inksForPrintingAreToldSo() {
    byte[] jpeg = TestImages.bytes(TestImages.colours(8, 8), "jpg");
    for (int at = 2; at + 10 < jpeg.length; at++) {
      if ((jpeg[at] & 0xff) == 0xff && (jpeg[at + 1] & 0xff) == 0xc0) {
        jpeg[at + 9] = 4;
        break;
      }
    }
    Path file = TestFiles.write(folder.resolve("ink.jpg"), jpeg);
    String message =
        assertThrows(DataFormatException.class, () -> ImageFile.header(file)).getMessage();
    assertTrue(message.contains("CMYK") && message.contains("convert the image to RGB"), message);
    assertFalse(message.contains("cut or altered"), message);
  }
}
