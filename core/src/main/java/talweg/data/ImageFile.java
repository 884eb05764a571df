package talweg.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import talweg.error.DataFormatException;

/** Reads one image file. Decoding is the JDK's; no display is needed. */
final class ImageFile {
  private static final int HEAD_BYTES = 1 << 16;
  private static final int MAX_FILE_BYTES = 64 << 20;
  private static final String DAMAGED = "the file was cut or altered: replace or remove it";

  private ImageFile() {}

  /** Size and kind of an image, without decoding it. */
  static ImageHeader header(Path file) {
    byte[] head = bytes(file, HEAD_BYTES);
    Optional<ImageHeader> header = ImageHeader.of(file, head);
    return header.isPresent() || head.length < HEAD_BYTES
        ? header.orElseGet(() -> ImageHeader.ofWhole(file, head))
        : ImageHeader.ofWhole(file, whole(file));
  }

  /** The features of an image; transparency is ignored. */
  static float[] read(Path file, ImageEncoding encoding) {
    byte[] bytes = whole(file);
    ImageHeader header = ImageHeader.ofWhole(file, bytes);
    boolean fits = header.width() == encoding.width() && header.height() == encoding.height();
    if (!fits && !encoding.resize()) {
      throw Malformed.at(
          file.toString(),
          "header",
          "%d x %d pixels as the others".formatted(encoding.width(), encoding.height()),
          header.size(),
          "scale the images to one size, or let them be resampled (ImageOptions.size)");
    }
    header.requirePlausible(file, bytes.length);
    BufferedImage image = decode(file, bytes, header);
    float[] pixels = pixels(image, encoding.colour());
    int channels = encoding.colour() ? 3 : 1;
    return fits
        ? pixels
        : Resampling.resize(
            pixels, channels, header.height(), header.width(), encoding.height(), encoding.width());
  }

  private static BufferedImage decode(Path file, byte[] bytes, ImageHeader header) {
    byte[] essential =
        header.png() ? PngChunks.essential(file, bytes) : JpegSegments.essential(file, bytes);
    ImageReader reader = reader(header.png() ? "png" : "jpeg");
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(essential))) {
      reader.addIIOReadWarningListener((_, warning) -> {
        throw new DataFormatException(warning);
      });
      reader.setInput(in, true, true);
      if (reader.getWidth(0) != header.width() || reader.getHeight(0) != header.height()) {
        throw new DataFormatException("its size is said twice, and differently");
      }
      return reader.read(0);
    } catch (IOException | RuntimeException e) {
      // The decoders report damage by any exception.
      throw new DataFormatException(
          "%s: expected a sound %s image, got a decoder's complaint: %s; %s"
              .formatted(
                  file,
                  header.png() ? "PNG" : "JPEG",
                  Malformed.quote(String.valueOf(e.getMessage())),
                  DAMAGED),
          e);
    } finally {
      reader.dispose();
    }
  }

  /** The JDK's own decoder, whatever others are on the class path. */
  private static ImageReader reader(String format) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getModule() == ImageIO.class.getModule()) {
        return reader;
      }
    }
    throw new IllegalStateException(
        "images: this Java runtime has no decoder for %s; use one with all of java.desktop"
            .formatted(format));
  }

  /** Planes of values from 0 to 1: gray, or red, green and blue. */
  private static float[] pixels(BufferedImage image, boolean colour) {
    int n = image.getWidth() * image.getHeight();
    float[] rgb = new float[3 * n];
    int bands =
        image.getColorModel() instanceof IndexColorModel
            ? looked(image, rgb)
            : sampled(image.getRaster(), rgb);
    if (colour) {
      if (bands == 1) {
        System.arraycopy(rgb, 0, rgb, n, n);
        System.arraycopy(rgb, 0, rgb, 2 * n, n);
      }
      return rgb;
    }
    if (bands == 3) {
      // Luma of ITU-R BT.601.
      for (int i = 0; i < n; i++) {
        rgb[i] = 0.299f * rgb[i] + 0.587f * rgb[n + i] + 0.114f * rgb[2 * n + i];
      }
    }
    return Arrays.copyOf(rgb, n);
  }

  /** Colours from a palette, which also stands for gray of less than 8 bits. */
  private static int looked(BufferedImage image, float[] rgb) {
    int width = image.getWidth();
    int n = width * image.getHeight();
    int[] row = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int x = 0; x < width; x++) {
        int at = y * width + x;
        rgb[at] = (row[x] >> 16 & 0xff) / 255f;
        rgb[n + at] = (row[x] >> 8 & 0xff) / 255f;
        rgb[2 * n + at] = (row[x] & 0xff) / 255f;
      }
    }
    return 3;
  }

  /** The values as they are stored: the JDK's conversion to RGB would change gray ones. */
  private static int sampled(Raster raster, float[] rgb) {
    int bands = raster.getNumBands() < 3 ? 1 : 3;
    int width = raster.getWidth();
    int n = width * raster.getHeight();
    float most = (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    int[] row = new int[width];
    for (int band = 0; band < bands; band++) {
      for (int y = 0; y < raster.getHeight(); y++) {
        raster.getSamples(0, y, width, 1, band, row);
        for (int x = 0; x < width; x++) {
          rgb[band * n + y * width + x] = row[x] / most;
        }
      }
    }
    return bands;
  }

  private static byte[] whole(Path file) {
    byte[] bytes = bytes(file, MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) {
      throw Malformed.at(
          file.toString(),
          "byte " + MAX_FILE_BYTES,
          "at most %d MiB".formatted(MAX_FILE_BYTES >> 20),
          "more",
          "scale the image down, or remove the file");
    }
    return bytes;
  }

  private static byte[] bytes(Path file, int most) {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(most);
    } catch (IOException e) {
      throw new UncheckedIOException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }
}
