package talweg.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

/**
 * Reads folders of images, PNG or JPEG: one folder for each class, called as the class.
 *
 * <p>Classes are numbered, and images ordered, by name. Names that begin with a dot are left out,
 * and so are files beside the classes' folders; within them, anything but images is an error, and
 * so is an image that cannot be decoded. Pixels become values from 0 to 1; 16-bit images keep their
 * precision, and transparency is ignored.
 */
public final class ImageFolder {
  private static final String TRAIN = "train";
  private static final String TEST = "test";

  private ImageFolder() {}

  /**
   * Loads images in three parts. A folder with the folders {@code train} and {@code test} of the
   * same classes has a test part of its own, and its {@code train} is split into training and
   * validation part; any other is split as {@link Dataset#split(SplitRule, long)} does.
   *
   * @return examples of shape {@code [height, width]}, or {@code [3, height, width]} in colour
   * @throws InputNotFoundException if there is no such folder, or no class in it
   * @throws DataFormatException if something else is among the images, an image cannot be decoded,
   *     or they differ in size and no size was chosen
   * @throws IllegalArgumentException if the rule has a fraction for the test part, and the folder
   *     has a test part of its own
   */
  public static ImageSplit split(Path folder, ImageOptions options, SplitRule rule, long seed) {
    return split(folder, options, rule, all -> all.split(rule, seed), seed);
  }

  /**
   * The same in two parts, for training and testing: the folders {@code train} and {@code test}, or
   * as {@link Dataset#split(double, long)} splits.
   */
  public static ImageSplit split(
      Path folder, ImageOptions options, double trainFraction, long seed) {
    return split(
        folder,
        options,
        SplitRule.withoutValidation(),
        all -> all.split(trainFraction, seed),
        seed);
  }

  /** Whether a folder has a test part of its own: the folder {@code test} beside {@code train}. */
  public static boolean hasTestPart(Path folder) {
    return Files.isDirectory(folder.resolve(TRAIN)) && Files.isDirectory(folder.resolve(TEST));
  }

  private static ImageSplit split(
      Path folder,
      ImageOptions options,
      SplitRule rule,
      Function<Dataset, Split> ofOnePart,
      long seed) {
    requireFolder(folder);
    if (!hasTestPart(folder)) {
      Index index = Index.of(folder, null);
      ImageEncoding encoding = encoding(index, options);
      return new ImageSplit(
          ofOnePart.apply(dataset(folder, index, encoding, options.stream())), encoding);
    }
    rule.requireUsualTest(folder.toString());
    Index index = Index.of(folder.resolve(TRAIN), null);
    ImageEncoding encoding = encoding(index, options);
    Index test = Index.of(folder.resolve(TEST), index.classNames);
    Dataset train = dataset(folder, index, encoding, options.stream());
    return new ImageSplit(
        train.splitTraining(rule, seed).withTest(dataset(folder, test, encoding, options.stream())),
        encoding);
  }

  /** Loads images of known classes, in one folder for each; classes may be missing. */
  static Dataset load(Path folder, ImageEncoding encoding, boolean stream) {
    requireFolder(folder);
    return dataset(folder, Index.of(folder, encoding.classNames()), encoding, stream);
  }

  /** Loads images whose classes are not known, in a folder or in the folders in it. */
  static Inputs inputs(Path folder, ImageEncoding encoding) {
    requireFolder(folder);
    List<Path> files = new ArrayList<>(entries(folder, ImageFolder::isImage));
    for (Path inner : entries(folder, Files::isDirectory)) {
      files.addAll(entries(inner, ImageFolder::isImage));
    }
    if (files.isEmpty()) {
      throw new InputNotFoundException(
          folder + ": no images; expected .png, .jpg or .jpeg files in it or in its folders");
    }
    Features rows = held(folder, new ImageRows(files, encoding));
    List<String> names = files.stream().map(f -> folder.relativize(f).toString()).toList();
    return new Inputs(names, encoding.shape(), ((Features.Held) rows).values());
  }

  private static ImageEncoding encoding(Index index, ImageOptions options) {
    boolean resize = options.height() > 0;
    Path first = index.files.getFirst();
    ImageHeader model = ImageFile.header(first);
    boolean colour = options.channels() == ImageOptions.Channels.COLOUR;
    for (Path file : index.files) {
      ImageHeader header = ImageFile.header(file);
      colour |= options.channels() == ImageOptions.Channels.AUTO && header.colour();
      if (!resize && !header.size().equals(model.size())) {
        throw Malformed.at(
            file.toString(),
            "header",
            "%s pixels as %s has".formatted(model.size(), first),
            header.size(),
            "scale the images to one size, or let them be resampled (ImageOptions.size)");
      }
    }
    return new ImageEncoding(
        colour,
        resize ? options.height() : model.height(),
        resize ? options.width() : model.width(),
        resize,
        index.classNames);
  }

  private static Dataset dataset(Path folder, Index index, ImageEncoding encoding, boolean stream) {
    ImageRows rows = new ImageRows(index.files, encoding);
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    return Dataset.classification(
            name,
            stream ? rows : held(folder, rows),
            encoding.shape(),
            index.labels.stream().mapToInt(Integer::intValue).toArray(),
            encoding.classNames().size())
        .withClassNames(encoding.classNames());
  }

  private static Features held(Path folder, ImageRows rows) {
    int width = rows.width();
    float[] values = new float[HostMemory.floats(folder.toString(), rows.rows(), width)];
    for (int row = 0; row < rows.rows(); row++) {
      rows.copy(row, values, row * width);
    }
    return new Features.Held(values, width);
  }

  /** Images that are decoded whenever they are asked for. */
  private record ImageRows(List<Path> files, ImageEncoding encoding) implements Features {
    @Override
    public int rows() {
      return files.size();
    }

    @Override
    public int width() {
      return encoding.size();
    }

    @Override
    public void copy(int row, float[] into, int at) {
      System.arraycopy(ImageFile.read(files.get(row), encoding), 0, into, at, width());
    }
  }

  /** Which images there are, and of which classes. */
  private record Index(List<String> classNames, List<Path> files, List<Integer> labels) {
    /**
     * Lists a folder.
     *
     * @param known the classes there may be, or null for those that there are
     */
    static Index of(Path folder, List<String> known) {
      List<Path> folders = entries(folder, Files::isDirectory);
      List<String> names =
          known != null ? known : folders.stream().map(f -> f.getFileName().toString()).toList();
      if (folders.size() < (known == null ? 2 : 1)) {
        throw new InputNotFoundException(
            "%s: expected %s, each with its images, found %s"
                .formatted(
                    folder,
                    known == null ? "a folder for each of at least 2 classes" : "classes' folders",
                    folders.isEmpty() ? "none" : "only " + names));
      }
      List<Path> files = new ArrayList<>();
      List<Integer> labels = new ArrayList<>();
      for (Path inner : folders) {
        int label = names.indexOf(inner.getFileName().toString());
        if (label < 0) {
          throw new DataFormatException(
              "%s: expected a folder for one of the classes %s; move it elsewhere"
                  .formatted(inner, CsvTarget.some(names)));
        }
        List<Path> images = entries(inner, _ -> true);
        requireImages(inner, images);
        files.addAll(images);
        images.forEach(_ -> labels.add(label));
      }
      return new Index(names, files, labels);
    }

    private static void requireImages(Path folder, List<Path> entries) {
      if (entries.isEmpty()) {
        throw new DataFormatException(
            folder + ": expected images of this class, got none; add some, or remove the folder");
      }
      for (Path entry : entries) {
        if (!isImage(entry)) {
          throw new DataFormatException(
              "%s: expected a .png, .jpg or .jpeg file, got %s; move it elsewhere"
                  .formatted(entry, Files.isDirectory(entry) ? "a folder" : "another file"));
        }
      }
    }
  }

  private static boolean isImage(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(path) && Stream.of(".png", ".jpg", ".jpeg").anyMatch(name::endsWith);
  }

  /** What is in a folder, by name, but for hidden files. */
  private static List<Path> entries(Path folder, Predicate<Path> which) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !path.getFileName().toString().startsWith("."))
          .filter(which)
          .sorted(Comparator.comparing(path -> path.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be listed: " + e, e);
    }
  }

  private static void requireFolder(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new InputNotFoundException(
          "%s: %s; expected a folder with a folder for each class"
              .formatted(folder, Files.exists(folder) ? "not a folder" : "no such folder"));
    }
  }
}
