package talweg.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CellsTest {
  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "+2", "1.5", ".5", "5.", "1e3", "1E-3", "-1.25e+10", "007"})
  void acceptsDecimalNumbers(String cell) {
    assertTrue(Cells.isNumber(cell));
    Double.parseDouble(cell);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "-",
        "e5",
        "1e",
        "1e+",
        "1.2.3",
        "1,5",
        "1f",
        "1d",
        "0x1p3",
        "NaN",
        "Infinity",
        "1 2",
        "--1",
        "1_000",
        "\u0661",
        "one",
        "1e5.5",
        "-.e1"
      })
  void refusesWhatIsNoDecimalNumber(String cell) {
    assertFalse(Cells.isNumber(cell));
    assertFalse(Cells.isInteger(cell));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1.0,1", "+1,1", "1e1,10", "-0,0", "1.5,1.5", "a,a", "1e300,1e300"})
  void namesClassesAlike(String cell, String name) {
    assertEquals(name, Cells.className(cell));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?", "NA", "nan", "NaN", "NAN"})
  void knowsMissingValues(String cell) {
    assertTrue(Cells.isMissing(cell));
  }

  @ParameterizedTest
  @ValueSource(strings = {"na", "Na", "0", "null", "-", "none"})
  void leavesOtherTextAlone(String cell) {
    assertFalse(Cells.isMissing(cell));
  }
}
