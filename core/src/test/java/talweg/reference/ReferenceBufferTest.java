package talweg.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.error.BackendException;
import talweg.tensor.DType;

class ReferenceBufferTest {
  private final ReferenceBackend backend = new ReferenceBackend();

  @ParameterizedTest
  @CsvSource({
    "F32, NaN",
    "F64, NaN",
    "BF16, NaN",
    "I32, -2147483648",
    "I64, -9223372036854775808",
    "U8, 128"
  })
  void freshAndReleasedMemoryIsPoisoned(DType dtype, double poison) {
    ReferenceBuffer buffer = (ReferenceBuffer) backend.allocate(dtype, 3);
    assertEquals(3, buffer.length());
    assertEquals(poison, buffer.get(2));
    buffer.set(2, 1);
    assertEquals(1, buffer.get(2));
  }

  @ParameterizedTest
  @EnumSource
  void useAfterReleaseIsNoticed(DType dtype) {
    ReferenceBuffer buffer = (ReferenceBuffer) backend.allocate(dtype, 3);
    backend.release(buffer);
    assertThrows(AssertionError.class, () -> buffer.get(0));
    assertThrows(AssertionError.class, () -> buffer.set(0, 1));
    assertThrows(AssertionError.class, buffer::segment);
    assertThrows(AssertionError.class, () -> backend.release(buffer));
  }

  @Test
  void tooLargeARequestSaysWhatIsPossible() {
    BackendException e =
        assertThrows(BackendException.class, () -> backend.allocate(DType.U8, 1L << 31));
    assertTrue(e.getMessage().contains("2,147,483,648"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "F32, 0.1, 0.10000000149011612",
    "F32, 1e300, Infinity",
    "F32, NaN, NaN",
    "F64, 0.1, 0.1",
    "I32, 2.9, 2",
    "I32, -2.9, -2",
    "I32, 1e10, 2147483647",
    "I32, -Infinity, -2147483648",
    "I32, NaN, 0",
    "I64, -2.9, -2",
    "I64, 1e19, 9223372036854775807",
    "I64, NaN, 0",
    "U8, 254.99, 254",
    "U8, 255.5, 255",
    "U8, 1e300, 255",
    "U8, -0.9, 0",
    "U8, -5, 0",
    "U8, -Infinity, 0",
    "U8, NaN, 0"
  })
  void storesRoundOrSaturate(DType dtype, double value, double expected) {
    assertEquals(expected, stored(dtype, value));
  }

  /** BF16 has 8 significant bits: between 1 and 2 its neighbours are 2^-7 apart. */
  @ParameterizedTest
  @CsvSource({
    "1, 1",
    "0x1.01p0, 1", // a tie goes to the even 1
    "0x1.03p0, 0x1.04p0", // a tie goes to the even 1 + 2^-6
    "0x1.010001p0, 0x1.02p0",
    "0x1.0100000000001p0, 0x1.02p0", // above the tie by less than F32 can tell
    "0x1.02fffffffffffp0, 0x1.02p0", // below the tie by less than F32 can tell
    "-0x1.0100000000001p0, -0x1.02p0",
    "-0.0, -0.0",
    "0x1.fep127, 0x1.fep127",
    "0x1.feffffffffffp127, 0x1.fep127",
    "0x1.ffp127, Infinity",
    "-1e300, -Infinity",
    "Infinity, Infinity",
    "0x1p-133, 0x1p-133",
    "0x1p-134, 0",
    "0x1.000001p-134, 0x1p-133",
    "1e-300, 0",
    "NaN, NaN"
  })
  void bfloat16RoundsToNearestEven(String value, String expected) {
    assertEquals(
        Double.parseDouble(expected), stored(DType.BF16, Double.parseDouble(value)), value);
  }

  @Test
  void everyBfloat16ButNaNSurvivesARoundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      float value = Bfloat16.toFloat((short) bits);
      short again = Bfloat16.round((double) value);
      assertTrue(
          Float.isNaN(value) ? again == Bfloat16.NAN : again == (short) bits, "bits " + bits);
    }
  }

  @Test
  void nanPayloadsDoNotTurnIntoInfinity() {
    double lowPayload = Float.intBitsToFloat(0x7F800001);
    assertEquals(Double.NaN, stored(DType.BF16, lowPayload));
    assertEquals(Double.NaN, stored(DType.BF16, Float.intBitsToFloat(0xFFFFFFFF)));
  }

  @ParameterizedTest
  @CsvSource({
    "9007199254740993, F64, 9007199254740992",
    "9007199254740993, I64, 9007199254740993",
    "9007199254740993, I32, 2147483647",
    "-9007199254740993, I32, -2147483648",
    "300, U8, 255",
    "-1, U8, 0",
    "9223372036854775807, I64, 9223372036854775807",
    // Ties of F32 and BF16 but for the last bit, which double would lose.
    "9007199791611905, F32, 9007200328482816",
    "9007199791611904, F32, 9007199254740992",
    "9042383626829825, BF16, 9077567998918656",
    "9042383626829824, BF16, 9007199254740992",
    "-9042383626829825, BF16, -9077567998918656",
    "-9223372036854775808, BF16, -9223372036854775808"
  })
  void integersConvertWithoutDetour(long value, DType to, long expected) {
    ReferenceBuffer from = new ReferenceBuffer(DType.I64, 1);
    ReferenceBuffer target = new ReferenceBuffer(to, 1);
    from.setLong(0, value);
    from.move(0, target, 0);
    if (to.isFloating()) {
      assertEquals((double) expected, target.get(0));
    } else {
      assertEquals(expected, target.getLong(0));
    }
  }

  private static double stored(DType dtype, double value) {
    ReferenceBuffer buffer = new ReferenceBuffer(dtype, 1);
    buffer.set(0, value);
    return buffer.get(0);
  }
}
