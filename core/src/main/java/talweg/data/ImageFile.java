package talweg.data;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Optional;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import talweg.check.HeapLimit;
import talweg.check.RegularFile;
import talweg.error.DataFormatException;
import talweg.error.ReadFailedException;

/** Reads one image file. Decoding is the JDK's; no display is needed. */
final class ImageFile {
  private static final int HEAD_BYTES = 1 << 16;
  private static final int MAX_FILE_BYTES = 64 << 20;

  /** Pixels of a row that are looked at together: rows can be as long as images. */
  private static final int PORTION = 1 << 12;

  private static final String DAMAGED = "the file was cut or altered: replace or remove it";

  private ImageFile() {}

  /** Size and kind of an image as it is looked at, without decoding it. */
  static ImageHeader header(Path file) {
    byte[] head = bytes(file, HEAD_BYTES);
    Optional<ImageHeader> header = ImageHeader.of(file, head);
    boolean all = head.length < HEAD_BYTES;
    if (header.isEmpty() && !all) {
      byte[] whole = whole(file);
      return Orientation.turned(ImageHeader.ofWhole(file, whole), Orientation.of(whole));
    }
    return Orientation.turned(
        header.orElseGet(() -> ImageHeader.ofWhole(file, head)), Orientation.of(file, head, all));
  }

  /** The features of an image; transparency is ignored. */
  static float[] read(Path file, ImageEncoding encoding) {
    return read(file, encoding, 0);
  }

  /**
   * The same beside others.
   *
   * @param held bytes that the others take
   */
  static float[] read(Path file, ImageEncoding encoding, long held) {
    return HeapLimit.reading(file, () -> readWhole(file, encoding, held));
  }

  private static float[] readWhole(Path file, ImageEncoding encoding, long held) {
    byte[] bytes = whole(file);
    ImageHeader stored = ImageHeader.ofWhole(file, bytes);
    int orientation = encoding.upright() ? Orientation.of(bytes) : 1;
    ImageHeader header = Orientation.turned(stored, orientation);
    boolean fits = header.fits(encoding);
    if (!fits && !encoding.resize()) {
      throw Malformed.at(
          file.toString(),
          "header",
          String.format(
              Locale.ROOT, "%d x %d pixels as the others", encoding.width(), encoding.height()),
          header.size(),
          "scale the images to one size, or let them be resampled (ImageOptions.size)");
    }
    header.requirePlausible(file, bytes.length);
    HeapLimit.require(
        file.toString(),
        header.size() + " pixels" + (held > 0 ? " beside those of the other images" : ""),
        held + header.bytesNeeded(encoding, bytes.length),
        "scale the image down");
    BufferedImage image = decode(file, bytes, stored);
    int channels = encoding.colour() ? 3 : 1;
    float[] pixels =
        Orientation.turned(
            pixels(image, encoding.colour()),
            channels,
            stored.height(),
            stored.width(),
            orientation);
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
    int width = image.getWidth();
    int n = width * image.getHeight();
    float[] planes = new float[colour ? 3 * n : n];
    boolean palette = image.getColorModel() instanceof IndexColorModel;
    Raster raster = image.getRaster();
    int bands = palette || raster.getNumBands() >= 3 ? 3 : 1;
    float most = palette ? 255 : (1 << raster.getSampleModel().getSampleSize(0)) - 1;
    int[][] samples = new int[bands][Math.min(width, PORTION)];
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < width; x += PORTION) {
        int count = Math.min(PORTION, width - x);
        if (palette) {
          look(image, x, y, count, samples);
        } else {
          // The values as they are stored: the JDK's conversion to RGB would change gray ones.
          for (int band = 0; band < bands; band++) {
            raster.getSamples(x, y, count, 1, band, samples[band]);
          }
        }
        scale(samples, most, count, planes, y * width + x, colour ? n : 0);
      }
    }
    return planes;
  }

  /** Colours from a palette, which also stands for gray of less than 8 bits. */
  private static void look(BufferedImage image, int x, int y, int count, int[][] samples) {
    int[] row = samples[2];
    image.getRGB(x, y, count, 1, row, 0, count);
    for (int i = 0; i < count; i++) {
      samples[0][i] = row[i] >> 16 & 0xff;
      samples[1][i] = row[i] >> 8 & 0xff;
      row[i] &= 0xff;
    }
  }

  /**
   * Puts samples into the planes.
   *
   * @param samples gray, or red, green and blue
   * @param plane number of pixels of a plane where there are three, otherwise 0
   */
  private static void scale(
      int[][] samples, float most, int count, float[] planes, int at, int plane) {
    boolean gray = samples.length == 1;
    for (int i = 0; i < count; i++) {
      float r = samples[0][i] / most;
      float g = gray ? r : samples[1][i] / most;
      float b = gray ? r : samples[2][i] / most;
      if (plane > 0) {
        planes[at + i] = r;
        planes[plane + at + i] = g;
        planes[2 * plane + at + i] = b;
      } else {
        // Luma of ITU-R BT.601.
        planes[at + i] = gray ? r : 0.299f * r + 0.587f * g + 0.114f * b;
      }
    }
  }

  private static byte[] whole(Path file) {
    byte[] bytes = bytes(file, MAX_FILE_BYTES + 1);
    if (bytes.length > MAX_FILE_BYTES) {
      throw Malformed.at(
          file.toString(),
          "byte " + MAX_FILE_BYTES,
          String.format(Locale.ROOT, "at most %d MiB", MAX_FILE_BYTES >> 20),
          "more",
          "scale the image down, or remove the file");
    }
    return bytes;
  }

  private static byte[] bytes(Path file, int most) {
    RegularFile.require(file, "a PNG or JPEG image");
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(most);
    } catch (IOException e) {
      throw new ReadFailedException("%s: cannot be read: %s".formatted(file, e), e);
    }
  }
}
