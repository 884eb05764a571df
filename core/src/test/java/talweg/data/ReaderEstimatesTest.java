package talweg.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import talweg.error.DataFormatException;

/** What readers say they will need, by figures alone: no heap is asked. */
class ReaderEstimatesTest {
  private static final long MIB = 1 << 20;

  @Test
  void unpackedBytesAreBoundedByPackedOnes() {
    assertEquals(8 * MIB, ByteSource.mostUnpacked(0));
    assertEquals(8 * MIB + 200 * 40_000L, ByteSource.mostUnpacked(40_000));
    // No overflow for a file of terabytes.
    assertTrue(ByteSource.mostUnpacked(1L << 42) > 1L << 49);
  }

  @Test
  void elementsOfIdxFilesBecomeFloatsAndLabelsIntegersToo() {
    assertEquals(4, IdxFile.bytesPerElement(false, false));
    assertEquals(8, IdxFile.bytesPerElement(true, false));
    assertEquals(8, IdxFile.bytesPerElement(false, true));
    assertEquals(12, IdxFile.bytesPerElement(true, true));
  }

  /** An image of 16 million pixels: what is decoded, and 4 bytes for each value. */
  @Test
  void imagesNeedTheirPixelsAndTheirValues() {
    ImageEncoding gray = new ImageEncoding(false, 4096, 4096, true, List.of("a", "b"));
    ImageEncoding colour = new ImageEncoding(true, 4096, 4096, true, List.of("a", "b"));
    ImageHeader simple = new ImageHeader(true, 4096, 4096, false, 1);
    ImageHeader deep = new ImageHeader(true, 4096, 4096, true, 8);
    assertBetween(80, 81, simple.bytesNeeded(gray, 16_000));
    assertBetween(208, 210, simple.bytesNeeded(colour, 16_000));
    assertBetween(320, 321, deep.bytesNeeded(colour, 130_000));
    // One row or one column: the filter that shrinks it has weights for all of it.
    ImageEncoding small = new ImageEncoding(false, 28, 28, true, List.of("a", "b"));
    assertBetween(700, 800, new ImageHeader(true, 1 << 24, 1, false, 1).bytesNeeded(small, 16_000));
    assertBetween(
        4000, 4300, new ImageHeader(true, 1, 1 << 24, false, 1).bytesNeeded(small, 16_000));
  }

  private static void assertBetween(long least, long most, long bytes) {
    assertTrue(bytes >= least * MIB && bytes <= most * MIB, bytes / (double) MIB + " MiB");
  }

  @Test
  void tablesNeedTheirDifferentValues() {
    ScanMemory memory = new ScanMemory("t.csv", 2);
    assertDoesNotThrow(() -> memory.require(100, 100_000, 256 * MIB));
    String message =
        assertThrows(DataFormatException.class, () -> memory.require(250_000, 1, 256 * MIB))
            .getMessage();
    assertTrue(
        message.startsWith("t.csv: 250000 columns with 1 different value need 245 MiB"), message);
    assertThrows(DataFormatException.class, () -> memory.require(2, 1_000_000, 256 * MIB));
  }
}
