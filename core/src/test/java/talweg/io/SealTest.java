package talweg.io;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.error.DataFormatException;

/** Files whose SHA-256 was computed by another program, and whose order is not the writer's. */
class SealTest {
  /** By Python's hashlib, over the file with 64 zeros in place of these digits. */
  private static final String DIGITS =
      "6ba0cbefa67ed831723c696711f870edbf3afc18b5348f72f35a4cf7950484a8";

  private static final String HEADER =
      "{\"__metadata__\":{\"author\":\"A\",\"talweg.sha256\":\""
          + DIGITS
          + "\"},\"w\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}";

  private static final byte[] DATA = {1, 2, 3, 4};

  @Test
  void theSumIsThatOfTheFileWithZerosInItsPlace() throws IOException {
    Safetensors.Content content = read(HEADER, DATA);
    assertTrue(content.sealed());
    assertEquals("A", content.metadata().get("author"));
  }

  /** Each leaves a file that is valid but for its sum: in front of the digits and behind them. */
  @ParameterizedTest
  @CsvSource({"author\":\"A, author\":\"B", "\"w\", \"v\"", "[4], [4 ]"})
  void aChangedHeaderIsRefused(String from, String to) {
    assertDamaged(HEADER.replace(from, to), DATA);
  }

  @Test
  void changedDataAreRefused() {
    assertDamaged(HEADER, new byte[] {1, 2, 3, 5});
  }

  @Test
  void tensorsMayBeNamedInAnotherOrderThanTheirData() throws IOException {
    Safetensors.Content content =
        read(
            "{\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[1,4]},"
                + "\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}",
            DATA);
    assertEquals(List.of("a", "b"), List.copyOf(content.tensors().keySet()));
    assertArrayEquals(
        new byte[] {1}, content.tensors().get("a").data().toArray(ValueLayout.JAVA_BYTE));
    assertArrayEquals(
        new byte[] {2, 3, 4}, content.tensors().get("b").data().toArray(ValueLayout.JAVA_BYTE));
  }

  private static void assertDamaged(String header, byte[] data) {
    DataFormatException error = assertThrows(DataFormatException.class, () -> read(header, data));
    assertTrue(error.getMessage().contains("has SHA-256"), error.getMessage());
  }

  private static Safetensors.Content read(String header, byte[] data) throws IOException {
    byte[] json = header.getBytes(UTF_8);
    byte[] file =
        ByteBuffer.allocate(Long.BYTES + json.length + data.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(json.length)
            .put(json)
            .put(data)
            .array();
    return Safetensors.read("f", new MemoryChannel(file));
  }
}
