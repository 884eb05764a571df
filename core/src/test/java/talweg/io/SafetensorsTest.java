package talweg.io;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.CheckpointException;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;
import talweg.tensor.DType;
import talweg.tensor.Shape;

class SafetensorsTest {
  @TempDir Path folder;

  /** Each is an attack or a mistake that another reader has let through, and what is said of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}"
            + " | Duplicate",
        "{'a':{'dtype':'U8','dtype':'U8','shape':[4],'data_offsets':[0,4]}} | Duplicate",
        "{'__metadata__':{'k':'1','k':'2'},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} |"
            + " Duplicate",
        "{'__metadata__':{'k':1},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} |"
            + " \"__metadata__\": \"k\": expected a text, got a number",
        "{'__metadata__':[],'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}} |"
            + " \"__metadata__\": expected an object, got an array",
        "{'a':{'dtype':'U8','shape':[2],'data_offsets':[0,2]},'b':{'dtype':'U8','shape':[3],'data_offsets':[1,4]}}"
            + " | gap or overlap",
        "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},'b':{'dtype':'U8','shape':[2],'data_offsets':[2,4]}}"
            + " | gap or overlap",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[1,4]}} | gap or overlap",
        "{'a':{'dtype':'U8','shape':[3],'data_offsets':[0,3]}} | something behind",
        "{'a':{'dtype':'U8','shape':[5],'data_offsets':[0,5]}} | cut off",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[4,0]}} | needs 4 bytes",
        "{'a':{'dtype':'F32','shape':[2],'data_offsets':[0,4]}} | needs 8 bytes",
        "{'a':{'dtype':'U8','shape':[-4],'data_offsets':[0,4]}} | expected shape from 0",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[-4,0]}} | expected data_offsets from 0",
        "{'a':{'dtype':'U8','shape':[4.0],'data_offsets':[0,4]}} | whole numbers",
        "{'a':{'dtype':'U8','shape':['4'],'data_offsets':[0,4]}} | whole numbers",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,18446744073709551620]}} | out of range",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4,4]}} | at most 2",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[4]}} | two data_offsets",
        "{'a':{'dtype':'F64','shape':[2147483647,2147483647],'data_offsets':[0,4]}} | too many"
            + " bytes",
        "{'a':{'dtype':'U8','shape':[2147483647,2147483647,2147483647],'data_offsets':[0,4]}} | too"
            + " many elements",
        "{'a':{'dtype':'U8','shape':[4294967300],'data_offsets':[0,4]}} | too large",
        "{'a':{'dtype':'F17','shape':[2],'data_offsets':[0,4]}} | element type",
        "{'a':{'dtype':'F16','shape':[3],'data_offsets':[0,4]}} | needs 6 bytes",
        "{'a':{'dtype':'C64','shape':[1],'data_offsets':[0,4]}} | needs 8 bytes",
        "{'a':{'dtype':'F4','shape':[7],'data_offsets':[0,4]}} | whole byte",
        "{'\\u001b[2J':{'dtype':'U8','shape':[5],'data_offsets':[0,4]}} | \"\\u001b[2J\"",
        "{'__metadata__':{'talDeg.sha256':'x'},'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}"
            + " | expected talweg.sha256 in its metadata",
        "{'a':{'dtype':'u8','shape':[4],'data_offsets':[0,4]}} | element type",
        "{'a':{'shape':[4],'data_offsets':[0,4]}} | needs dtype",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4],'class':'x'}} | unknown property",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}{} | behind the JSON object",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]}}x | not valid JSON",
        "{'a':{'dtype':'U8','shape':[4],'data_offsets':[0,4]} | not valid JSON",
        "{'a':{'dtype':'U8','shape':[04],'data_offsets':[0,4]}} | not valid JSON",
        "[] | not a safetensors file",
        "{'a':3} | expected an object",
        "{'a':null} | expected an object, got null",
        "{} | something behind",
      })
  void headersThatTheFormatDoesNotAllow(String header, String expected) {
    assertRefused(file(header.strip().replace('\'', '"').getBytes(UTF_8), 4), expected);
  }

  @Test
  void theShapeOfAnAttackMayBeLongOrDeep() {
    String dims = "1,".repeat(100) + "4";
    assertRefused(
        file(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[%s],\"data_offsets\":[0,4]}}"
                .formatted(dims)
                .getBytes(UTF_8),
            4),
        "at most 64");
    assertRefused(file(("{\"a\":" + "[".repeat(100_000)).getBytes(UTF_8), 4), "expected an object");
    String deep = "{\"__metadata__\":{\"k\":" + "[".repeat(100_000);
    assertRefused(file(deep.getBytes(UTF_8), 4), "expected a text");
  }

  @Test
  void textThatIsNotUtf8IsRefused() {
    byte[] header =
        "{\"a\u00e9\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}"
            .getBytes(ISO_8859_1);
    assertRefused(file(header, 4), "UTF-8");
  }

  @Test
  void headerLengthsAreBoundedByTheFile() {
    for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001, 5}) {
      byte[] bytes = new byte[12];
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
      assertRefused(bytes, "expected a header of at most 4 bytes");
    }
    // A file of 200 MB that claims a header of 150.
    byte[] bytes = new byte[12];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(150_000_000);
    DataFormatException e =
        assertThrows(
            DataFormatException.class,
            () -> Safetensors.read("f", new MemoryChannel(bytes, 200_000_000)));
    assertTrue(e.getMessage().contains("at most 100000000"), e.getMessage());
    assertRefused(new byte[3], "got 3 bytes");
    assertRefused(new byte[0], "got 0 bytes");
  }

  @Test
  void otherFilesAreRecognised() {
    assertRefused("version https://git-lfs.github.com/spec/v1\n".getBytes(UTF_8), "git lfs pull");
    assertRefused("PK\u0003\u0004-----------".getBytes(ISO_8859_1), "torch.save");
  }

  @Test
  void aFileThatShrinksWhileItIsReadIsAnInputError() {
    byte[] whole =
        file("{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]}}".getBytes(UTF_8), 4);
    byte[] part = Arrays.copyOf(whole, whole.length - 1);
    assertThrows(
        EOFException.class, () -> Safetensors.read("f", new MemoryChannel(part, whole.length)));
  }

  @Test
  void everyChangedBitIsFound() throws IOException {
    Path file = folder.resolve("a.safetensors");
    Safetensors.write(file, Map.of("a", bytes(5), "b", bytes(2)), Map.of("k", "v"));
    byte[] good = Files.readAllBytes(file);
    for (int i = 0; i < good.length; i++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] bad = good.clone();
        bad[i] ^= (byte) (1 << bit);
        // A bit of the name under which the sum is found makes it a file without one.
        assertTrue(!isRead(bad), "byte " + i + ", bit " + bit);
      }
      byte[] cut = Arrays.copyOf(good, i);
      assertThrows(DataFormatException.class, () -> Safetensors.read("f", new MemoryChannel(cut)));
    }
    assertTrue(isRead(good));
    byte[] longer = Arrays.copyOf(good, good.length + 1);
    assertRefused(longer, "something behind");
  }

  /** Whether a file passes as one whose sum was verified. */
  private static boolean isRead(byte[] bytes) throws IOException {
    try {
      return Safetensors.read("f", new MemoryChannel(bytes)).sealed();
    } catch (DataFormatException e) {
      return false;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"__metadata__", "lone \ud800 surrogate"})
  void theWriterRefusesNamesThatCannotBeReadAgain(String name) {
    Path file = folder.resolve("b.safetensors");
    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(file, Map.of(name, bytes(1)), Map.of()));
    assertFalse(Files.exists(file));
  }

  @Test
  void theWriterRefusesHeadersThatTheReaderWould() {
    Path file = folder.resolve("c.safetensors");
    String long1 = "x".repeat(Safetensors.MAX_HEADER);
    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(file, Map.of(), Map.of("k", long1)));
    int[] dims = new int[65];
    Arrays.fill(dims, 1);
    HostTensor many =
        new HostTensor(DType.U8, Shape.of(dims), MemorySegment.ofArray(new byte[] {1}));
    assertThrows(
        IllegalArgumentException.class, () -> Safetensors.write(file, Map.of("a", many), Map.of()));
    // Text that looks like the sum would make its place ambiguous.
    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(file, Map.of(), Map.of("talweg.sha256", "0")));
    assertFalse(Files.exists(file));
  }

  @Test
  void namesMayBeStrange() {
    Path file = folder.resolve("d.safetensors");
    String name = "\"talweg.sha256\":\" \\ / \n \u0000 \ud83d\ude00";
    Safetensors.write(file, Map.of(name, bytes(1), "", bytes(2)), Map.of(name, name));
    Safetensors.Content read = Safetensors.read(file);
    assertEquals(1, read.tensors().get(name).data().byteSize());
    assertEquals(2, read.tensors().get("").data().byteSize());
    assertEquals(Map.of(name, name), read.metadata());
  }

  @Test
  void missingFilesAndFolders() {
    assertThrows(InputNotFoundException.class, () -> Safetensors.read(folder.resolve("none")));
    assertThrows(InputNotFoundException.class, () -> Safetensors.read(folder));
    assertThrows(
        CheckpointException.class,
        () -> {
          Path blocked = Files.createFile(folder.resolve("file"));
          Safetensors.write(blocked.resolve("inside"), Map.of(), Map.of());
        });
  }

  @Test
  void bytesOfElementsAreReversedOnBigEndianMachines() {
    byte[] data = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    Chunks.reverse(data, 4, 8);
    assertArrayEquals(new byte[] {4, 3, 2, 1, 8, 7, 6, 5, 9}, data);
    Chunks.reverse(data, 1, 9);
    assertArrayEquals(new byte[] {4, 3, 2, 1, 8, 7, 6, 5, 9}, data);
  }

  /** Every value of a half is one of a float; signs of zeros and payloads of NaNs included. */
  @Test
  void halvesAreWidenedExactly() throws IOException {
    byte[] header =
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[256,256],\"data_offsets\":[0,131072]}}"
            .getBytes(UTF_8);
    ByteBuffer file = ByteBuffer.wrap(file(header, 1 << 17)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 1 << 16; i++) {
      file.putShort(8 + header.length + 2 * i, (short) i);
    }
    HostTensor halves = Safetensors.read("f", new MemoryChannel(file.array())).tensors().get("h");
    assertEquals("F32[256, 256]", halves.toString());
    for (int i = 0; i < 1 << 16; i++) {
      float value = halves.data().getAtIndex(ValueLayout.JAVA_FLOAT, i);
      assertEquals(Float.float16ToFloat((short) i), value, "half " + i);
      if (!Float.isNaN(value)) {
        assertEquals((short) i, Float.floatToFloat16(value), "half " + i);
      }
    }
  }

  @Test
  void tensorsOfOtherTypesAreLeftOutAndNamed() throws IOException {
    String header =
        "{\"flag\":{\"dtype\":\"BOOL\",\"shape\":[],\"data_offsets\":[4,5]},"
            + "\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},"
            + "\"c\":{\"dtype\":\"F4\",\"shape\":[2,3],\"data_offsets\":[5,8]}}";
    byte[] file = file(header.getBytes(UTF_8), 8);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putFloat(8 + header.length(), 1.5f);
    Safetensors.Content content = Safetensors.read("f", new MemoryChannel(file));
    assertEquals(Map.of("flag", "BOOL[]", "c", "F4[2, 3]"), content.others());
    assertEquals(Set.of("w"), content.tensors().keySet());
    assertEquals(1.5f, content.tensors().get("w").data().getAtIndex(ValueLayout.JAVA_FLOAT, 0));
  }

  @Test
  void headersThatTheHeapCannotHoldAreRefused() {
    long heap = 256 << 20;
    Safetensors.requireMemory("f", 20_000_000, heap);
    DataFormatException e =
        assertThrows(
            DataFormatException.class, () -> Safetensors.requireMemory("f", 74_000_000, heap));
    assertTrue(e.getMessage().startsWith("f: its header's 74000000 bytes need"), e.getMessage());
  }

  /** A name of 5 million characters does not become a message of 5 million. */
  @Test
  void longNamesAreCut() {
    String name = "n".repeat(5_000_000);
    byte[] bytes =
        file(
            "{\"%s\":{\"dtype\":\"U8\",\"shape\":[5],\"data_offsets\":[0,4]}}"
                .formatted(name)
                .getBytes(UTF_8),
            4);
    DataFormatException e =
        assertThrows(
            DataFormatException.class, () -> Safetensors.read("f", new MemoryChannel(bytes)));
    assertTrue(e.getMessage().length() < 400, e.getMessage().length() + "");
  }

  static HostTensor bytes(int n) {
    byte[] data = new byte[n];
    Arrays.fill(data, (byte) 7);
    return new HostTensor(DType.U8, Shape.of(n), MemorySegment.ofArray(data));
  }

  private static void assertRefused(byte[] bytes, String expected) {
    DataFormatException e =
        assertThrows(
            DataFormatException.class, () -> Safetensors.read("f", new MemoryChannel(bytes)));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().startsWith("f: "), e.getMessage());
  }

  private static byte[] file(byte[] header, int data) {
    return ByteBuffer.allocate(8 + header.length + data)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(header.length)
        .put(header)
        .array();
  }
}
