package talweg.data;

import java.util.Locale;

/**
 * How {@link ImageFolder} reads images. Start from {@link #defaults()} and change what differs.
 *
 * @param channels gray or colour
 * @param height to resample to, or 0 for the images' own, which must then be one
 * @param width to resample to, or 0
 * @param stream whether images are decoded whenever a batch is made, rather than once for all
 */
public record ImageOptions(Channels channels, int height, int width, boolean stream) {
  /** Gray or colour. */
  public enum Channels {
    /** Colour if any image has colours, otherwise gray. */
    AUTO,
    /** Gray: colours become their luma. */
    GRAY,
    /** Red, green and blue. */
    COLOUR
  }

  /**
   * Checks the size.
   *
   * @throws IllegalArgumentException if only one of height and width is positive, or they are too
   *     large
   */
  public ImageOptions {
    boolean none = height == 0 && width == 0;
    boolean sensible = height > 0 && width > 0 && (long) height * width <= ImageHeader.MAX_PIXELS;
    if (!none && !sensible) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "image options: expected a height and a width of at most %d pixels in all, got %d and"
                  + " %d",
              ImageHeader.MAX_PIXELS,
              height,
              width));
    }
  }

  /** Channels and size as the images have them, decoded once. */
  public static ImageOptions defaults() {
    return new ImageOptions(Channels.AUTO, 0, 0, false);
  }

  /** The same with other channels. */
  public ImageOptions channels(Channels value) {
    return new ImageOptions(value, height, width, stream);
  }

  /** The same, resampling to a size. */
  public ImageOptions size(int newHeight, int newWidth) {
    return new ImageOptions(channels, newHeight, newWidth, stream);
  }

  /** The same, decoding images whenever a batch is made. */
  public ImageOptions stream(boolean value) {
    return new ImageOptions(channels, height, width, value);
  }
}
