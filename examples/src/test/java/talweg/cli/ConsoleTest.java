package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ConsoleTest {
  @Test
  void namesDoNotSteerTheTerminalButColoursStay() {
    String red = "\u001b[31mwrong\u001b[0m\n\tnext";
    assertEquals(red, Console.plain(red));
    assertEquals(
        "\\u001b[2Jcat\\u0007 \\u001b]0;x $1", Console.plain("\u001b[2Jcat\u0007 \u001b]0;x $1"));
  }
}
