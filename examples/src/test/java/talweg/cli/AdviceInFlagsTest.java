package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdviceInFlagsTest {
  /** A setting of the library in a text of it. */
  private static final Pattern NAMED =
      Pattern.compile("\"[^\"\n]*\\b([A-Z]\\w*Options\\.\\w+)[^\"\n]*\"");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ask for means (CsvOptions.Missing MEAN, MODE, DROP) | ask for means (--missing mean, mode"
            + " or drop)",
        "ask for means (CsvOptions.Missing.MEAN) | ask for means (--missing mean)",
        "as zeros (CsvOptions.Unknown.ZEROS) | as zeros (--unknown zeros)",
        "declare it categorical (CsvOptions.categorical) | declare it categorical (--categorical)",
        "raise the limit (CsvOptions.maxCategories(101)) | raise the limit (--max-categories 101)",
        "raise the limit (CsvOptions.maxBytes) | cut it into several files",
        "as it is (CsvOptions.somethingNew) | as it is",
        "about 12 (TrainerOptions.batch(12)); with OptimizerOptions.accumulate(4), a step | about"
            + " 12 (--batch 12); with --accumulate 4, a step",
        "let them be resampled (ImageOptions.size) | let them be resampled (--image-size)",
        "or use the backend cpu | or use --backend cpu",
        "a folder by -Dtalweg.cache=FOLDER | a folder by TALWEG_JAVA_OPTS=-Dtalweg.cache=FOLDER",
        "as by TALWEG_JAVA_OPTS=-Xmx8g | as by TALWEG_JAVA_OPTS=-Xmx8g",
      })
  void settingsAreNamedByTheirFlags(String library, String commandLine) {
    assertEquals(commandLine, Advice.flags(library));
  }

  @Test
  void errorsOfTheJvmAreNotShownAsSuch() {
    assertTrue(
        Advice.message(new ArithmeticException("integer overflow")).contains("fewer examples"));
    assertEquals(
        "images: was cut",
        Advice.message(new UncheckedIOException(new IOException("images: was cut"))));
  }

  /** What the library advises, the command line translates, also what is added to it. */
  @Test
  void noTextOfTheLibraryNamesASettingThatTheCommandLineCannotName() throws IOException {
    int found = 0;
    for (String module : List.of("core", "cpu-backend", "cuda-backend")) {
      try (Stream<Path> files = Files.walk(Path.of("..", module, "src", "main", "java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          for (MatchResult text : NAMED.matcher(Files.readString(file)).results().toList()) {
            found++;
            assertFalse(
                Advice.flags(text.group()).contains("Options."), file + ": " + text.group());
            assertFalse(text.group().contains(" --"), file + ": a flag in " + text.group());
          }
        }
      }
    }
    assertTrue(found > 5, "texts found: " + found);
  }
}
