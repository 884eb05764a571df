package talweg.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import talweg.check.HeapLimit;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.error.ReadFailedException;

/**
 * Reads folders of images, PNG or JPEG: one folder for each class, called as the class.
 *
 * <p>Classes are numbered, and images ordered, by name. Names that begin with a dot are left out,
 * and so are what systems leave behind, such as {@code Thumbs.db}, and files beside the classes'
 * folders; within them, anything but images is an error, and so is an image that cannot be decoded.
 * Images are turned as their EXIF orientation says. Pixels become values from 0 to 1; 16-bit images
 * keep their precision, and transparency is ignored.
 */
public final class ImageFolder {
  /** What file managers and archivers leave behind, in lower case. */
  private static final Set<String> OF_THE_SYSTEM =
      Set.of(
          "thumbs.db",
          "ehthumbs.db",
          "ehthumbs_vista.db",
          "desktop.ini",
          "icon\r",
          "__macosx",
          "@eadir",
          "#recycle",
          "$recycle.bin",
          "system volume information",
          "lost+found");

  private ImageFolder() {}

  /**
   * Loads images in three parts. A folder with the folder {@code train} beside {@code val} (or
   * {@code valid}, {@code validation}, {@code dev}), {@code test} or both, of the same classes, has
   * these parts: with {@code val}, all of {@code train} is for training, and there is no other test
   * part than {@code test} unless the rule has a fraction for it; without, {@code train} is split
   * into training and validation part. Any other folder is split as {@link Dataset#split(SplitRule,
   * long)} does.
   *
   * @return examples of shape {@code [height, width]}, or {@code [3, height, width]} in colour
   * @throws InputNotFoundException if there is no such folder, or no class in it
   * @throws DataFormatException if something else is among the images, an image cannot be decoded,
   *     or they differ in size and no size was chosen
   * @throws IllegalArgumentException if the rule has a fraction for the test part, and the folder
   *     has a test part of its own
   */
  public static ImageSplit split(Path folder, ImageOptions options, SplitRule rule, long seed) {
    return HeapLimit.reading(
        folder,
        () -> {
          ImageEncoding encoding = encoding(folder, options);
          return new ImageSplit(split(folder, encoding, options.stream(), rule, seed), encoding);
        });
  }

  /**
   * The same in two parts, for training and testing: the folders {@code train} and {@code test}, or
   * as {@link Dataset#split(double, long)} splits.
   */
  public static ImageSplit split(
      Path folder, ImageOptions options, double trainFraction, long seed) {
    ImageEncoding encoding = encoding(folder, options);
    Split split =
        PartFolders.of(folder).isPresent()
            ? split(folder, encoding, options.stream(), SplitRule.withoutValidation(), seed)
            : load(folder, encoding, options.stream()).split(trainFraction, seed);
    return new ImageSplit(split, encoding);
  }

  /**
   * The parts of a folder for a model whose training is over.
   *
   * @param encoding of the model
   * @throws InputNotFoundException as {@link #split(Path, ImageOptions, SplitRule, long)}
   * @throws DataFormatException as {@link #split(Path, ImageOptions, SplitRule, long)}
   * @throws IllegalArgumentException as {@link #split(Path, ImageOptions, SplitRule, long)}
   */
  public static Split split(Path folder, ImageEncoding encoding, SplitRule rule, long seed) {
    return split(folder, encoding, false, rule, seed);
  }

  /** Whether a folder has a test part of its own: the folder {@code test} beside {@code train}. */
  public static boolean hasTestPart(Path folder) {
    return PartFolders.of(folder).map(parts -> parts.test() != null).orElse(false);
  }

  /**
   * Whether a folder has a validation part of its own, such as {@code val} beside {@code train}.
   */
  public static boolean hasValidationPart(Path folder) {
    return PartFolders.of(folder).map(parts -> parts.validation() != null).orElse(false);
  }

  private static Split split(
      Path folder, ImageEncoding encoding, boolean stream, SplitRule rule, long seed) {
    requireFolder(folder);
    PartFolders parts = PartFolders.of(folder).orElse(null);
    if (parts == null) {
      return load(folder, encoding, stream).split(rule, seed);
    }
    if (parts.test() != null) {
      rule.requireUsualTest(folder.toString());
    }
    Dataset train = load(folder, List.of(parts.train()), encoding, stream);
    Split split = Split.of(train);
    if (parts.validation() == null) {
      split = train.splitTraining(rule, seed);
    } else if (rule.test().orElse(0) > 0) {
      double test = rule.test().getAsDouble();
      split =
          train.split(
              rule.stratified()
                  ? SplitRule.stratified(1 - test, 0, test)
                  : SplitRule.fractions(1 - test, 0, test),
              seed);
    }
    if (parts.validation() != null) {
      split = split.withValidation(load(folder, List.of(parts.validation()), encoding, stream));
    }
    return parts.test() == null
        ? split
        : split.withTest(load(folder, List.of(parts.test()), encoding, stream));
  }

  private static ImageEncoding encoding(Path folder, ImageOptions options) {
    requireFolder(folder);
    Path train = PartFolders.of(folder).map(PartFolders::train).orElse(folder);
    return encoding(Index.of(train, null), options);
  }

  /** Loads images of known classes, in one folder for each, or in folders of parts with these. */
  static Dataset load(Path folder, ImageEncoding encoding, boolean stream) {
    requireFolder(folder);
    List<Path> parts = PartFolders.of(folder).map(PartFolders::all).orElse(List.of(folder));
    return load(folder, parts, encoding, stream);
  }

  /** Classes may be missing. */
  private static Dataset load(
      Path folder, List<Path> parts, ImageEncoding encoding, boolean stream) {
    Index all = new Index(encoding.classNames(), new ArrayList<>(), new ArrayList<>());
    for (Path part : parts) {
      Index index = Index.of(part, encoding.classNames());
      all.files.addAll(index.files);
      all.labels.addAll(index.labels);
    }
    return dataset(folder, all, encoding, stream);
  }

  /** Loads images whose classes are not known, in a folder or in the folders in it. */
  static Inputs inputs(Path folder, ImageEncoding encoding) {
    requireFolder(folder);
    List<Path> files = files(folder, depth(folder), ImageFolder::isImage);
    if (files.isEmpty()) {
      throw new InputNotFoundException(
          folder + ": no images; expected .png, .jpg or .jpeg files in it or in its folders");
    }
    Features rows = held(folder, ImageRows.of(files, encoding, false));
    List<String> names = files.stream().map(f -> folder.relativize(f).toString()).toList();
    return new Inputs(names, encoding.shape(), ((Features.Held) rows).values());
  }

  /**
   * The files in a folder, or in the folders in it, that are no images, and for which {@link
   * ImageEncoding#inputs} has no example; but for what systems leave behind.
   */
  public static List<Path> otherFiles(Path folder) {
    return files(folder, depth(folder), file -> Files.isRegularFile(file) && !isImage(file));
  }

  private static int depth(Path folder) {
    return PartFolders.of(folder).isPresent() ? 2 : 1;
  }

  /** Some files in a folder, and then those in its folders, down to a depth. */
  private static List<Path> files(Path folder, int depth, Predicate<Path> which) {
    List<Path> files = new ArrayList<>(entries(folder, which));
    if (depth > 0) {
      for (Path inner : folders(folder)) {
        files.addAll(files(inner, depth - 1, which));
      }
    }
    return files;
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
    ImageRows rows = ImageRows.of(index.files, encoding, stream);
    String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
    return Dataset.classification(
            name,
            stream ? rows.watched() : held(folder, rows),
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

  /**
   * Images that are decoded whenever they are asked for.
   *
   * @param held bytes that they take together, if they are kept
   * @param stamps of the files if they are to be watched, or null
   */
  private record ImageRows(List<Path> files, ImageEncoding encoding, long held, long[] stamps)
      implements Features {
    static ImageRows of(List<Path> files, ImageEncoding encoding, boolean stream) {
      long all = (long) Float.BYTES * files.size() * encoding.size();
      return new ImageRows(files, encoding, stream ? 0 : all, null);
    }

    ImageRows watched() {
      long[] now = files.stream().mapToLong(FileStamp::of).toArray();
      return new ImageRows(files, encoding, held, now);
    }

    @Override
    public Path changed() {
      for (int i = 0; stamps != null && i < stamps.length; i++) {
        if (FileStamp.of(files.get(i)) != stamps[i]) {
          return files.get(i);
        }
      }
      return null;
    }

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
      System.arraycopy(ImageFile.read(files.get(row), encoding, held), 0, into, at, width());
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
      List<Path> folders = folders(folder);
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
      List<Path> others = entries.stream().filter(entry -> !isImage(entry)).toList();
      if (!others.isEmpty()) {
        Path first = others.getFirst();
        boolean inner = Files.isDirectory(first);
        throw new DataFormatException(
            "%s: expected a .png, .jpg or .jpeg file, got %s%s; %s"
                .formatted(
                    first,
                    inner ? "a folder" : "another file",
                    others.size() == 1 ? "" : ", the first of " + others.size(),
                    inner
                        ? "move it elsewhere, or call folders of parts " + PartFolders.NAMES
                        : "move such files elsewhere, or convert them"));
      }
    }
  }

  private static boolean isImage(Path path) {
    String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
    return Files.isRegularFile(path) && Stream.of(".png", ".jpg", ".jpeg").anyMatch(name::endsWith);
  }

  /** The folders in a folder, by name, but for hidden ones. */
  static List<Path> folders(Path folder) {
    return entries(folder, Files::isDirectory);
  }

  private static boolean isHidden(Path path) {
    String name = path.getFileName().toString();
    return name.startsWith(".") || OF_THE_SYSTEM.contains(name.toLowerCase(Locale.ROOT));
  }

  /** What is in a folder, by name, but for hidden files. */
  private static List<Path> entries(Path folder, Predicate<Path> which) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(path -> !isHidden(path))
          .filter(which)
          .sorted(Comparator.comparing(path -> path.getFileName().toString()))
          .toList();
    } catch (IOException e) {
      throw new ReadFailedException(folder + ": cannot be listed: " + e, e);
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
