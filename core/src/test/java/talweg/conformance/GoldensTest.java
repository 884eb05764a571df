package talweg.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.conformance.CaseResult.Status;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;

class GoldensTest {
  private static final String EXP =
      """
      {"format": 1, "area": "autodiff", "case": "%s", "tags": ["core"], "op": "%s", "attrs": {},
       "tolerance": {"float32": 1e-6, "float64": 1e-12},
       "inputs": [{"name": "x", "shape": [2], "dtype": "float32", "requires_grad": true, "data": [0, %s]}],
       "upstream": {"shape": [2], "dtype": "float32", "data": [1, 2]},
       "expected": {"output": {"shape": [2], "float64": [1, "Infinity"]},
                    "grads": {"x": {"shape": [2], "float64": [1, "Infinity"]}}}}
      """;

  @TempDir private Path directory;

  @BeforeEach
  void someCases() throws IOException {
    write("set/autodiff/b_exp.json", EXP.formatted("b_exp", "exp", "\"Infinity\""));
    write("set/autodiff/a_exp.json", EXP.formatted("a_exp", "exp", "1"));
    write("set/MANIFEST.json", "not read");
    write("set/autodiff/notes.txt", "not read");
  }

  @ParameterizedTest
  @CsvSource({
    "'*/*', 2",
    "'autodiff/*', 2",
    "'autodiff/b*', 1",
    "'a*', 2",
    "'a_exp', 1",
    "'*/{a,b}_exp', 2",
    "'*/[ab]_ex?', 2"
  })
  void globsTakeCases(String glob, int count) {
    assertEquals(count, Goldens.load(directory, glob).size());
  }

  @Test
  void casesAreSorted() {
    List<String> ids =
        Goldens.load(directory.resolve("set"), Goldens.ALL).stream().map(GoldenCase::id).toList();
    assertEquals(List.of("autodiff/a_exp", "autodiff/b_exp"), ids);
  }

  @Test
  void nothingToRunIsAnError() throws IOException {
    assertMessage("nowhere: no such directory", InputNotFoundException.class, "nowhere");
    Files.createDirectory(directory.resolve("empty"));
    assertMessage("no golden vectors (*.json) found", InputNotFoundException.class, "empty");
    InputNotFoundException e =
        assertThrows(InputNotFoundException.class, () -> Goldens.load(directory, "optimizers/*"));
    assertTrue(e.getMessage().contains("none of the 2 cases matches \"optimizers/*\""));
    assertThrows(IllegalArgumentException.class, () -> Goldens.load(directory, "a[/*"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"format\": 1,~ x | not valid JSON at line 2",
        "[1, 2] | expected a JSON object",
        "3 | expected a JSON object",
        "{} | field \"format\" is missing",
        "{\"format\": 2} | format 2 is not known",
        "{\"format\": \"1\"} | expected an integer, found \"1\"",
        "{\"format\": 1, \"area\": 3} | area: expected a string, found 3",
        "{\"format\": 1, \"area\": \"a\", \"case\": \"c\", \"tags\": 1} | tags: expected an array"
      })
  void badFilesAreNamed(String text, String message) throws IOException {
    write("bad/autodiff/bad.json", text.replace('~', '\n'));
    DataFormatException e = assertMessage(message, DataFormatException.class, "bad");
    assertTrue(
        e.getMessage().startsWith(directory.resolve("bad/autodiff/bad.json").toString()),
        e.getMessage());
  }

  @Test
  void aCaseThatCannotRunIsSkippedAndOneThatBreaksFails() throws IOException {
    write("more/x.json", EXP.formatted("unknown", "fft", "1"));
    write("more/y.json", EXP.formatted("field", "pow", "1"));
    write("more/z.json", EXP.formatted("number", "exp", "\"one\""));
    write("more/w.json", EXP.formatted("wrong", "exp", "1").replace("autodiff", "teapots"));
    CaseResult unknown = run("unknown");
    assertEquals(Status.SKIPPED, unknown.status());
    assertEquals("unknown op \"fft\" is not offered yet", unknown.detail());
    assertEquals(Status.SKIPPED, run("wrong").status());
    CaseResult field = run("field");
    assertEquals(Status.FAILED, field.status());
    assertTrue(field.detail().contains("attrs: field \"exponent\" is missing"), field.detail());
    CaseResult number = run("number");
    assertEquals(Status.FAILED, number.status());
    assertTrue(number.detail().contains("data[1]: expected a number"), number.detail());
  }

  @Test
  void nonFiniteNumbersAreStrings() {
    CaseResult infinite = run("b_exp");
    assertEquals(Status.PASSED, infinite.status(), infinite::toString);
    CaseResult wrong = run("a_exp");
    assertEquals(Status.FAILED, wrong.status());
    assertEquals(Double.POSITIVE_INFINITY, wrong.worst());
    assertTrue(wrong.detail().startsWith("output: "), wrong.detail());
  }

  @Test
  void aPrecisionThatACaseDoesNotHaveIsSkipped() throws IOException {
    write(
        "schedules/s.json",
        """
        {"format": 1, "area": "schedules", "case": "s", "tags": [], "tolerance": {"float64": 1e-12},
         "scheduler": "CosineAnnealingLR", "args": {"T_max": 1}, "base_lrs": [2], "lr": [[2, 0, 2]]}
        """);
    GoldenCase golden = Goldens.load(directory, "s").getFirst();
    try (Session session = new Session(new ReferenceBackend())) {
      assertEquals(Status.PASSED, Conformance.run(golden, session).status());
      assertEquals(Status.SKIPPED, Conformance.run(golden, session, DType.F32).status());
    }
  }

  private CaseResult run(String name) {
    try (Session session = new Session(new ReferenceBackend())) {
      return Conformance.run(Goldens.load(directory, name).getFirst(), session);
    }
  }

  private <E extends Exception> E assertMessage(String message, Class<E> type, String folder) {
    E e = assertThrows(type, () -> Goldens.load(directory.resolve(folder), Goldens.ALL));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    return e;
  }

  private void write(String file, String text) throws IOException {
    Path path = directory.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }
}
