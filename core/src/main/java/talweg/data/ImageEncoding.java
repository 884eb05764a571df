package talweg.data;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import talweg.error.DataFormatException;
import talweg.json.JsonFields;
import tools.jackson.databind.json.JsonMapper;

/**
 * How image files become examples: pixels from 0 to 1, {@code [height, width]} in gray or {@code
 * [3, height, width]} in colour, and a class for each folder. Made by {@link ImageFolder}.
 *
 * @param colour red, green and blue, rather than gray
 * @param height of the examples, in pixels
 * @param width of the examples, in pixels
 * @param resize whether images of another size are resampled, rather than refused
 * @param classNames the classes' names, which are the folders'
 * @param upright whether images are turned as their EXIF orientation says; models of the first
 *     version do not know it
 */
public record ImageEncoding(
    boolean colour, int height, int width, boolean resize, List<String> classNames, boolean upright)
    implements Preprocessing {
  static final String KIND = "images";

  /**
   * Copies the list.
   *
   * @throws DataFormatException if a size is not positive or too large, or there are not at least
   *     two different classes
   */
  public ImageEncoding {
    classNames = List.copyOf(classNames);
    boolean sensible =
        height > 0
            && width > 0
            && (long) height * width <= ImageHeader.MAX_PIXELS
            && classNames.size() >= 2
            && new HashSet<>(classNames).size() == classNames.size();
    if (!sensible) {
      throw new DataFormatException(
          String.format(
              Locale.ROOT,
              "images: expected 1 to %d pixels and at least 2 different classes, got %d x %d and"
                  + " %s",
              ImageHeader.MAX_PIXELS,
              height,
              width,
              CsvTarget.some(classNames)));
    }
  }

  /**
   * With images turned upright.
   *
   * @throws DataFormatException as the other constructor
   */
  public ImageEncoding(
      boolean colour, int height, int width, boolean resize, List<String> classNames) {
    this(colour, height, width, resize, classNames, true);
  }

  /** Shape of an example. */
  int[] shape() {
    return colour ? new int[] {3, height, width} : new int[] {height, width};
  }

  /** Number of values of an example. */
  int size() {
    return (colour ? 3 : 1) * height * width;
  }

  @Override
  public Dataset load(Path folder) {
    return ImageFolder.load(folder, this, false);
  }

  @Override
  public Dataset stream(Path folder, Path scratch) {
    return ImageFolder.load(folder, this, true);
  }

  @Override
  public Inputs inputs(Path folder) {
    return ImageFolder.inputs(folder, this);
  }

  @Override
  public String toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("kind", KIND);
    json.put("colour", colour);
    json.put("height", height);
    json.put("width", width);
    json.put("resize", resize);
    json.put("classes", classNames);
    if (upright) {
      json.put("upright", true);
    }
    return new JsonMapper().writeValueAsString(json);
  }

  /** Reads the fields that {@link #toJson} wrote. */
  static ImageEncoding of(JsonFields json) {
    ImageEncoding encoding =
        new ImageEncoding(
            json.flag("colour"),
            json.integer("height", 1, ImageHeader.MAX_PIXELS),
            json.integer("width", 1, ImageHeader.MAX_PIXELS),
            json.flag("resize"),
            json.texts("classes"),
            json.has("upright") && json.flag("upright"));
    json.end();
    return encoding;
  }
}
