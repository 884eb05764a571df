package talweg.train;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.io.AtomicFile;
import talweg.io.HostTensor;
import talweg.io.Safetensors;

/**
 * The checkpoints of one training, {@code step-000000540.safetensors} after 540 steps. Each is
 * written whole before older ones are deleted, and verified when it is read.
 */
public final class CheckpointFolder {
  private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
  private static final Pattern NAME = Pattern.compile("step-(\\d{1,18})\\.safetensors");

  private final Path folder;
  private final int keep;

  /** A file and the step of its name. */
  private record Numbered(long step, Path file) {}

  /**
   * A folder, which need not exist yet.
   *
   * @param keep newest checkpoints that are kept
   */
  public CheckpointFolder(Path folder, int keep) {
    if (keep < 1) {
      throw new IllegalArgumentException("checkpoints: expected to keep at least 1, got " + keep);
    }
    this.folder = folder;
    this.keep = keep;
  }

  public Path path() {
    return folder;
  }

  /** The files, newest first; none if there is no such folder. */
  public List<Path> files() {
    return numbered().stream().map(Numbered::file).toList();
  }

  /**
   * Reads the newest checkpoint that is not damaged; a warning in the log names those that are. May
   * be called while a training writes there: what it deletes meanwhile has a newer one in its
   * place.
   *
   * @throws InputNotFoundException if there is none
   * @throws CheckpointException if all are damaged, or a newer version wrote the newest that is not
   */
  public Checkpoint newest() {
    List<Path> files = files();
    while (true) {
      if (files.isEmpty()) {
        throw new InputNotFoundException(
            folder
                + ": there is no checkpoint here; name the folder of a run that saved one"
                + " (a FullBatchTrainer saves none)");
      }
      List<String> damaged = new ArrayList<>();
      Checkpoint found = firstReadable(files, damaged);
      if (found != null) {
        damaged.forEach(
            d -> LOG.warn("{}; going on from {} instead", d, found.file().getFileName()));
        return found;
      }
      List<Path> now = files();
      if (now.equals(files)) {
        throw new CheckpointException(
            String.format(
                Locale.ROOT,
                "%s: none of the %d checkpoints can be read: %s",
                folder,
                files.size(),
                String.join("; ", damaged)));
      }
      files = now;
    }
  }

  private static Checkpoint firstReadable(List<Path> files, List<String> damaged) {
    for (Path file : files) {
      try {
        return Checkpoint.read(file);
      } catch (NewerCheckpointException e) {
        throw e;
      } catch (InputNotFoundException e) {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
          damaged.add(e.getMessage());
        }
      } catch (DataFormatException | CheckpointException e) {
        damaged.add(e.getMessage());
      }
    }
    return null;
  }

  /**
   * Writes a checkpoint and deletes what is not to be kept: older ones than the last few, and later
   * ones, which are damaged if this training began at an earlier one.
   *
   * @throws CheckpointException if it cannot be written; the others are untouched
   */
  Path save(long step, Map<String, HostTensor> tensors, Map<String, String> metadata) {
    Path file = folder.resolve(String.format(Locale.ROOT, "step-%09d.safetensors", step));
    Safetensors.write(file, tensors, metadata);
    int kept = 0;
    for (Numbered one : numbered()) {
      if (one.step > step || ++kept > keep) {
        delete(one.file);
      }
    }
    return file;
  }

  /** Deletes what a killed process left half written. */
  void clean() {
    try {
      AtomicFile.clean(folder, name -> NAME.matcher(name).matches());
    } catch (IOException e) {
      LOG.warn("{}: cannot be tidied up: {}", folder, e.toString());
    }
  }

  private List<Numbered> numbered() {
    List<Numbered> found = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return found;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          found.add(new Numbered(Long.parseLong(name.group(1)), file));
        }
      }
    } catch (IOException | java.nio.file.DirectoryIteratorException e) {
      throw new CheckpointException("%s: cannot be listed: %s".formatted(folder, e), e);
    }
    found.sort(Comparator.comparingLong(Numbered::step).reversed());
    return found;
  }

  /** What cannot be deleted does no harm. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("{}: cannot be deleted: {}", file, e.toString());
    }
  }
}
