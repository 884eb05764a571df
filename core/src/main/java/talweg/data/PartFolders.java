package talweg.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import talweg.error.DataFormatException;

/**
 * The folders of a data set's parts beside each other: {@code train}, and {@code val} (or {@code
 * valid}, {@code validation}, {@code dev}), {@code test} or both, in upper or lower case.
 *
 * @param validation null without one
 * @param test null without one
 */
record PartFolders(Path train, Path validation, Path test) {
  static final String NAMES = "train, val (or valid, validation, dev) and test";

  /** The parts in a folder, if it has parts. */
  static Optional<PartFolders> of(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    List<Path> folders = ImageFolder.folders(folder);
    Path train = only(folders, Set.of("train"));
    Path validation = only(folders, Set.of("val", "valid", "validation", "dev"));
    Path test = only(folders, Set.of("test"));
    return train == null || validation == null && test == null
        ? Optional.empty()
        : Optional.of(new PartFolders(train, validation, test));
  }

  /** All that there are, the training part first. */
  List<Path> all() {
    List<Path> all = new ArrayList<>(List.of(train));
    if (validation != null) {
      all.add(validation);
    }
    if (test != null) {
      all.add(test);
    }
    return all;
  }

  private static Path only(List<Path> folders, Set<String> names) {
    Path found = null;
    for (Path folder : folders) {
      if (names.contains(folder.getFileName().toString().toLowerCase(Locale.ROOT))) {
        if (found != null) {
          throw new DataFormatException(
              "%s: expected one folder for this part, got %s, too; move one of them elsewhere"
                  .formatted(folder, found.getFileName()));
        }
        found = folder;
      }
    }
    return found;
  }
}
