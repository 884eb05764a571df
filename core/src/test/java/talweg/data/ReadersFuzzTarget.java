package talweg.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

/**
 * All readers of data files, for a coverage-guided fuzzer such as Jazzer (see CONTRIBUTING.md). It
 * needs nothing of the fuzzer but its calling convention.
 */
public final class ReadersFuzzTarget {
  private static final ImageEncoding ENCODING =
      new ImageEncoding(true, 4, 4, true, List.of("a", "b"));
  private static final CsvOptions OPTIONS =
      CsvOptions.defaults().missing(CsvOptions.Missing.MEAN).unknown(CsvOptions.Unknown.ZEROS);

  private ReadersFuzzTarget() {}

  /** Gives one input to each reader; any error that is not declared comes out. */
  public static void fuzzerTestOneInput(byte[] input) throws IOException {
    Path file = Files.createTempFile("talweg-fuzz", "");
    try {
      Files.write(file, input);
      attempt(() -> IdxFile.images(file));
      attempt(() -> IdxFile.labels(file));
      attempt(() -> {
        Features pixels = IdxFile.mapped(file).pixels();
        pixels.copy(pixels.rows() - 1, new float[pixels.width()], 0);
      });
      attempt(() -> Csv.split(file, OPTIONS, 0.5, 1));
      attempt(() -> ImageFile.read(file, ENCODING));
    } finally {
      Files.delete(file);
    }
  }

  private static void attempt(Runnable reader) {
    try {
      reader.run();
    } catch (DataFormatException | InputNotFoundException e) {
      // Declared.
    }
  }
}
