package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every pixel of small images of each kind, against their values written out. */
class ImageFileTest {
  private static final int WIDTH = 3;
  private static final int HEIGHT = 2;
  private static final int PIXELS = WIDTH * HEIGHT;

  /** Red, green and blue of each pixel, no two of them alike. */
  private static final int[][] RGB = {
    {250, 3, 90}, {10, 240, 20}, {30, 40, 230}, {200, 190, 60}, {70, 180, 160}, {150, 80, 110}
  };

  @TempDir Path folder;

  private float[] read(BufferedImage image, boolean colour) {
    Path file = TestImages.write(folder.resolve("image.png"), image);
    return ImageFile.read(file, new ImageEncoding(colour, HEIGHT, WIDTH, false, List.of("a", "b")));
  }

  /** Rows are looked at in portions. */
  @Test
  void wideImagesAreReadWhole() {
    int width = 9000;
    BufferedImage wide = new BufferedImage(width, 2, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < 2 * width; i++) {
      wide.setRGB(i % width, i / width, i * 31 & 0xffffff);
    }
    Path file = TestImages.write(folder.resolve("wide.png"), wide);
    float[] read =
        ImageFile.read(file, new ImageEncoding(true, 2, width, false, List.of("a", "b")));
    for (int i = 0; i < 2 * width; i++) {
      int pixel = i * 31 & 0xffffff;
      assertEquals((pixel >> 16) / 255f, read[i], "red " + i);
      assertEquals((pixel >> 8 & 0xff) / 255f, read[2 * width + i], "green " + i);
      assertEquals((pixel & 0xff) / 255f, read[4 * width + i], "blue " + i);
    }
  }

  private static float[] planes(double largest) {
    float[] planes = new float[3 * PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      for (int c = 0; c < 3; c++) {
        planes[c * PIXELS + i] = (float) (RGB[i][c] / largest);
      }
    }
    return planes;
  }

  /** Luma of ITU-R BT.601. */
  private static float[] luma(double largest) {
    float[] luma = new float[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      luma[i] = (float) ((0.299 * RGB[i][0] + 0.587 * RGB[i][1] + 0.114 * RGB[i][2]) / largest);
    }
    return luma;
  }

  private static BufferedImage colours() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < PIXELS; i++) {
      image.setRGB(i % WIDTH, i / WIDTH, RGB[i][0] << 16 | RGB[i][1] << 8 | RGB[i][2]);
    }
    return image;
  }

  @Test
  void coloursOfEightBits() {
    assertArrayEquals(planes(255), read(colours(), true));
    assertArrayEquals(luma(255), read(colours(), false), 1e-6f);
  }

  @Test
  void coloursOfSixteenBits() {
    ColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(WIDTH, HEIGHT);
    for (int i = 0; i < PIXELS; i++) {
      raster.setPixel(i % WIDTH, i / WIDTH, RGB[i]);
    }
    BufferedImage image = new BufferedImage(model, raster, false, null);
    assertArrayEquals(planes(65535), read(image, true));
    assertArrayEquals(luma(65535), read(image, false), 1e-9f);
  }

  @Test
  void coloursOfAPalette() {
    byte[][] columns = new byte[3][PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      for (int c = 0; c < 3; c++) {
        columns[c][i] = (byte) RGB[i][c];
      }
    }
    IndexColorModel palette = new IndexColorModel(4, PIXELS, columns[0], columns[1], columns[2]);
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_BINARY, palette);
    for (int i = 0; i < PIXELS; i++) {
      image.getRaster().setSample(i % WIDTH, i / WIDTH, 0, i);
    }
    assertArrayEquals(planes(255), read(image, true));
    assertArrayEquals(luma(255), read(image, false), 1e-6f);
  }

  /** As stored, in each of three planes where colours are asked for. */
  @Test
  void grayOfEightAndSixteenBits() {
    for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
      float largest = type == BufferedImage.TYPE_BYTE_GRAY ? 255 : 65535;
      BufferedImage image = new BufferedImage(WIDTH, HEIGHT, type);
      float[] once = new float[PIXELS];
      float[] thrice = new float[3 * PIXELS];
      for (int i = 0; i < PIXELS; i++) {
        image.getRaster().setSample(i % WIDTH, i / WIDTH, 0, RGB[i][1]);
        once[i] = RGB[i][1] / largest;
        for (int c = 0; c < 3; c++) {
          thrice[c * PIXELS + i] = once[i];
        }
      }
      assertArrayEquals(once, read(image, false));
      assertArrayEquals(thrice, read(image, true));
    }
  }

  /** Transparency is ignored: the colours are those that are stored. */
  @Test
  void transparentColours() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
    for (int i = 0; i < PIXELS; i++) {
      image.setRGB(
          i % WIDTH, i / WIDTH, (40 * i + 1) << 24 | RGB[i][0] << 16 | RGB[i][1] << 8 | RGB[i][2]);
    }
    assertArrayEquals(planes(255), read(image, true));
    assertEquals(PIXELS, read(image, false).length);
  }
}
