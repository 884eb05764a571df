package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleTest {
  private final ByteArrayOutputStream shown = new ByteArrayOutputStream();
  private final PrintStream stream = new PrintStream(shown, true, StandardCharsets.UTF_8);
  private int columns = 80;

  @Test
  void aProgressLineNeverWraps() {
    Console console = terminal(Map.of());
    String text = console.green("━".repeat(100)) + console.dim("─".repeat(100));
    for (int width : new int[] {80, 40, 120, 1}) {
      columns = width;
      shown.reset();
      console.progress(text);
      String printed = shown.toString(StandardCharsets.UTF_8);
      assertTrue(printed.startsWith("\r\u001b[K"), printed);
      String line = printed.substring("\r\u001b[K".length());
      assertEquals(width - 1, Console.columns(line), "the last column stays free");
      assertTrue(line.endsWith("\u001b[0m"), "colours end with the line");
      assertFalse(line.contains("\n"));
    }
  }

  @Test
  void aLineThatStaysReplacesTheOneThatDoesNot() {
    Console console = terminal(Map.of());
    console.progress("half");
    console.line("done");
    console.line("next");
    assertEquals(
        "\r\u001b[Khalf\r\u001b[Kdone" + System.lineSeparator() + "next" + System.lineSeparator(),
        shown.toString(StandardCharsets.UTF_8));
  }

  @Test
  void dumbTerminalsAndPipesGetPlainLines() {
    for (Console console :
        new Console[] {
          terminal(Map.of("TERM", "dumb")),
          new Console(stream, null, false, Map.of("TERM", "xterm"), () -> 80)
        }) {
      shown.reset();
      assertFalse(console.redraws());
      console.progress("half");
      console.line(console.bold("done"));
      assertEquals("done" + System.lineSeparator(), shown.toString(StandardCharsets.UTF_8));
    }
  }

  /** As https://no-color.org has it: an empty value is none. */
  @Test
  void noColourIsAskedForByAVariableThatIsNotEmpty() {
    assertEquals("x", terminal(Map.of("NO_COLOR", "1")).red("x"));
    assertEquals("\u001b[31mx\u001b[0m", terminal(Map.of("NO_COLOR", "")).red("x"));
    assertTrue(terminal(Map.of("NO_COLOR", "1")).redraws(), "colour is all that it is about");
  }

  @Test
  void wideSignsTakeTwoColumns() {
    assertEquals(6, Console.columns("猫と犬"));
    assertEquals("猫", Console.cut("猫と犬", 3));
    assertEquals(1, Console.columns("e\u0301"), "an accent takes none");
  }

  @Test
  void aPipeIsAsWideAsNeedBe() {
    assertEquals(Integer.MAX_VALUE, new Console(stream, null, false, Map.of(), () -> 80).width());
    assertEquals(80, terminal(Map.of()).width());
  }

  /** No terminal answers for this descriptor. */
  @Test
  void whereNoTerminalAnswersTheVariableDoes() {
    int nobody = 987_654;
    assertEquals(80, new TerminalWidth(nobody, null).getAsInt());
    assertEquals(50, new TerminalWidth(nobody, "50").getAsInt());
    assertEquals(80, new TerminalWidth(nobody, "wide").getAsInt());
  }

  private Console terminal(Map<String, String> environment) {
    return new Console(stream, null, true, environment, () -> columns);
  }

  @Test
  void namesDoNotSteerTheTerminalButColoursStay() {
    String red = "\u001b[31mwrong\u001b[0m\n\tnext";
    assertEquals(red, Console.plain(red));
    assertEquals(
        "\\u001b[2Jcat\\u0007 \\u001b]0;x $1", Console.plain("\u001b[2Jcat\u0007 \u001b]0;x $1"));
  }
}
