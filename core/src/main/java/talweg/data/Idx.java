package talweg.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import talweg.check.HeapLimit;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.error.ReadFailedException;

/**
 * Reads images and labels in the IDX format of MNIST and its relatives, gzip or plain (told apart
 * by content, not by name).
 *
 * <p>Pixels are bytes scaled to {@code value / 255}; labels are bytes. Files must be exactly what
 * their headers say, and nothing is allocated because of a header alone.
 */
public final class Idx {
  private static final String TRAIN = "train";
  private static final List<String> TESTS = List.of("t10k", "test");
  private static final String IMAGES = "images";
  private static final String LABELS = "labels";
  private static final double TRAIN_FRACTION = 0.9;
  private static final int LISTED = 8;

  private Idx() {}

  /**
   * Loads {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte}, {@code
   * t10k-images...} and {@code t10k-labels...} (or {@code test-images...}, {@code test-labels...})
   * from a folder, each also with {@code .gz} or as {@code train-images.idx3-ubyte}. Of several
   * spellings the first in this order is taken: dash, dash with .gz, dot, dot with .gz.
   *
   * <p>With both pairs, {@code train} and {@code test} are the two pairs. With one pair, the first
   * 90 % of it in file order are {@code train}, the last 10 % {@code test}. There is no validation
   * part; {@link #load(Path, SplitRule, long)} makes one.
   *
   * @return examples of shape {@code [rows, columns]}, named after the folder
   * @throws InputNotFoundException if there is no such folder, no pair in it, or half a pair
   * @throws DataFormatException if a file is not what its header says, or the files do not fit
   *     together
   */
  public static Split load(Path folder) {
    return load(folder, SplitRule.withoutValidation(), 0);
  }

  /**
   * Loads the same files in three parts. With both pairs, {@code test} is the {@code t10k} pair,
   * and the other one is split into training and validation part. One pair is split as {@link
   * Dataset#split(SplitRule, long)} does, but for the usual test part, which is its last 10 % in
   * file order.
   *
   * @throws InputNotFoundException as {@link #load(Path)}
   * @throws DataFormatException as {@link #load(Path)}, and if the training part would be empty
   * @throws IllegalArgumentException if the rule has a fraction for the test part, and the folder
   *     has both pairs
   */
  public static Split load(Path folder, SplitRule rule, long seed) {
    return HeapLimit.reading(folder, () -> load(folder, rule, seed, IdxFile::images));
  }

  /**
   * As {@link #load(Path)}, but the images stay in their files, which may be larger than memory and
   * must not be packed: they are mapped, and read as batches are made. Labels are held, 4 bytes
   * each.
   *
   * @return streamed data sets; see {@link Dataset#isStreamed()}
   * @throws InputNotFoundException as {@link #load(Path)}
   * @throws DataFormatException as {@link #load(Path)}, and if an image file is packed
   */
  public static Split stream(Path folder) {
    return stream(folder, SplitRule.withoutValidation(), 0);
  }

  /**
   * The same in three parts: the examples of {@link #load(Path, SplitRule, long)}, streamed.
   *
   * @throws InputNotFoundException as {@link #load(Path)}
   * @throws DataFormatException as {@link #load(Path, SplitRule, long)}, and if an image file is
   *     packed
   * @throws IllegalArgumentException as {@link #load(Path, SplitRule, long)}
   */
  public static Split stream(Path folder, SplitRule rule, long seed) {
    return load(folder, rule, seed, IdxFile::mapped);
  }

  /** Whether a folder has a test part of its own: a {@code t10k} or {@code test} pair beside it. */
  public static boolean hasTestPart(Path folder) {
    return Pair.find(folder, TRAIN).isPresent() && test(folder).isPresent();
  }

  private static Optional<Pair> test(Path folder) {
    List<Pair> pairs =
        TESTS.stream().flatMap(prefix -> Pair.find(folder, prefix).stream()).toList();
    if (pairs.size() > 1) {
      throw new DataFormatException(
          "%s: expected one pair of files for the test, got %s and %s; move one of them elsewhere"
              .formatted(
                  folder,
                  pairs.getFirst().images.getFileName(),
                  pairs.getLast().images.getFileName()));
    }
    return pairs.stream().findFirst();
  }

  private static Split load(
      Path folder, SplitRule rule, long seed, Function<Path, IdxFile.Images> reader) {
    if (!Files.isDirectory(folder)) {
      throw new InputNotFoundException(
          "%s: %s; expected a folder with %s"
              .formatted(
                  folder, Files.exists(folder) ? "not a folder" : "no such folder", names()));
    }
    Optional<Pair> train = Pair.find(folder, TRAIN);
    Optional<Pair> test = test(folder);
    String name = folder.toAbsolutePath().normalize().getFileName() + "";
    if (train.isPresent() && test.isPresent()) {
      rule.requireUsualTest(folder.toString());
      Split pairs = both(name, train.get(), test.get(), reader);
      return pairs.train().splitTraining(rule, seed).withTest(pairs.test());
    }
    Pair only =
        train
            .or(() -> test)
            .orElseThrow(() ->
                new InputNotFoundException(
                    "%s: no IDX files; expected %s, found %s"
                        .formatted(folder, names(), listing(folder))));
    Dataset all = only.read(reader).dataset(name, 0);
    if (rule.test().isPresent()) {
      return all.split(rule, seed);
    }
    return all.split(
        Partition.inOrder(name, all.size(), TRAIN_FRACTION)
            .validated(name, rule, all.strata(), seed));
  }

  /**
   * Loads one pair of files, whatever their names.
   *
   * @return examples of shape {@code [rows, columns]} in file order, named after the image file;
   *     the number of classes is the largest label plus one
   * @throws InputNotFoundException if a file does not exist
   * @throws DataFormatException if a file is not what its header says, or the two do not fit
   *     together
   */
  public static Dataset read(Path images, Path labels) {
    return new Pair(images, labels).read(IdxFile::images).dataset(images.getFileName() + "", 0);
  }

  private static Split both(
      String name, Pair trainFiles, Pair testFiles, Function<Path, IdxFile.Images> reader) {
    Examples train = trainFiles.read(reader);
    Examples test = testFiles.read(reader);
    if (train.images.rows() != test.images.rows()
        || train.images.columns() != test.images.columns()) {
      throw Malformed.at(
          testFiles.images.toString(),
          "byte 8",
          String.format(
              Locale.ROOT,
              "%d x %d pixels as in %s",
              train.images.rows(),
              train.images.columns(),
              trainFiles.images),
          test.images.rows() + " x " + test.images.columns(),
          "the files belong to different data sets");
    }
    int classes = Math.max(train.classes(), test.classes());
    return Split.of(train.dataset(name, classes), test.dataset(name, classes));
  }

  private static String names() {
    return "train-images-idx3-ubyte and train-labels-idx1-ubyte, and/or t10k-images-idx3-ubyte and"
        + " t10k-labels-idx1-ubyte (also test-..., with .gz, or with .idx3-ubyte and .idx1-ubyte)";
  }

  private static String listing(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      List<String> found =
          entries.limit(LISTED + 1).map(p -> p.getFileName() + "").sorted().toList();
      if (found.isEmpty()) {
        return "an empty folder";
      }
      boolean more = found.size() > LISTED;
      return String.join(", ", more ? found.subList(0, LISTED) : found) + (more ? ", ..." : "");
    } catch (IOException e) {
      throw new ReadFailedException(folder + ": cannot be listed: " + e, e);
    }
  }

  /** An image file and the label file that belongs to it. */
  private record Pair(Path images, Path labels) {
    static Optional<Pair> find(Path folder, String prefix) {
      Optional<Path> images = spelling(folder, prefix, IMAGES, "idx3-ubyte");
      Optional<Path> labels = spelling(folder, prefix, LABELS, "idx1-ubyte");
      if (images.isPresent() != labels.isPresent()) {
        throw new InputNotFoundException(
            "%s: %s has no partner; expected %s-%s-%s (or .gz) beside it"
                .formatted(
                    folder,
                    images.or(() -> labels).get().getFileName(),
                    prefix,
                    images.isPresent() ? LABELS : IMAGES,
                    images.isPresent() ? "idx1-ubyte" : "idx3-ubyte"));
      }
      return images.map(path -> new Pair(path, labels.get()));
    }

    private static Optional<Path> spelling(Path folder, String prefix, String what, String type) {
      String base = prefix + "-" + what;
      return Stream.of("-" + type, "-" + type + ".gz", "." + type, "." + type + ".gz")
          .map(suffix -> folder.resolve(base + suffix))
          .filter(Files::exists)
          .findFirst();
    }

    Examples read(Function<Path, IdxFile.Images> reader) {
      IdxFile.Images pixels = reader.apply(images);
      int[] classes = IdxFile.labels(labels);
      if (classes.length != pixels.count()) {
        throw Malformed.at(
            labels.toString(),
            "byte 4",
            String.format(
                Locale.ROOT, "%d labels, one for each image in %s", pixels.count(), images),
            Integer.toString(classes.length),
            "the two files do not belong together");
      }
      return new Examples(pixels, classes);
    }
  }

  private record Examples(IdxFile.Images images, int[] labels) {
    int classes() {
      // One class alone is no classification problem, but a small excerpt may hold just zeros.
      return Math.max(2, Arrays.stream(labels).max().orElse(0) + 1);
    }

    Dataset dataset(String name, int minClasses) {
      int[] shape = {images.rows(), images.columns()};
      int classes = Math.max(minClasses, classes());
      return Dataset.classification(name, images.pixels(), shape, labels, classes);
    }
  }
}
