package talweg.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void valuesAreQuotedAndCut() {
    assertEquals("\"a b\"", Printable.quote("a b"));
    assertEquals("\"\\u001b[2Jx\\u000a\\u202e\"", Printable.quote("\u001b[2Jx\n\u202e"));
    assertEquals('"' + "x".repeat(40) + "...\"", Printable.quote("x".repeat(5_000_000)));
    assertEquals('"' + "x".repeat(120) + "...\"", Printable.name("x".repeat(121)));
  }

  @Test
  void aPairOfSurrogatesIsNotCutInTwo() {
    assertEquals('"' + "x".repeat(39) + "...\"", Printable.quote("x".repeat(39) + "\ud83d\ude00"));
    assertEquals("\"\ud83d\ude00\"", Printable.quote("\ud83d\ude00"));
  }

  @Test
  void messagesKeepTheirLines() {
    String plain = "first: \u00fc\n\tsecond";
    assertSame(plain, Printable.message(plain));
    assertEquals("a\\u001b[31m\\u000d\n", Printable.message("a\u001b[31m\r\n"));
    String cut = Printable.message("y".repeat(5_000_000));
    assertTrue(cut.length() < 10_100 && cut.endsWith(" ..."), cut.length() + "");
  }

  /** Whatever a path or a name in it is. */
  @Test
  void everyErrorOfOursIsPrintable() {
    TalwegException e =
        new InputNotFoundException("\u001b]0;title\u0007/x: there is no such file", null);
    assertTrue(e.getMessage().chars().noneMatch(Character::isISOControl), e.getMessage());
    assertEquals(null, new TalwegException(null).getMessage());
  }
}
