package talweg.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.DataFormatException;

/**
 * Damaged files are refused by the declared exception, or are files of their own; either way they
 * cost no more memory than their size allows. {@code -Dtalweg.fuzz.inputs=1000000} tries more.
 */
class SafetensorsFuzzTest {
  private static final int INPUTS = Integer.getInteger("talweg.fuzz.inputs", 20_000);

  /** Bytes on the heap for any file, and for each of its bytes. */
  private static final long FIXED = 100_000;

  private static final long PER_BYTE = 150;

  @TempDir Path folder;

  @Test
  void damagedFilesAreRefusedWithinTheirBounds() throws Exception {
    long seed = Long.getLong("talweg.fuzz.seed", 20261128);
    System.out.println("talweg.fuzz.seed=" + seed);
    Mutations mutations = new Mutations(seed);
    List<byte[]> corpus = corpus();
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int read = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = mutations.mutate(corpus.get(i % corpus.size()));
      try {
        long before = threads.getCurrentThreadAllocatedBytes();
        read += requireBounded(input) ? 1 : 0;
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        if (allocated > FIXED + PER_BYTE * input.length) {
          // Perhaps for classes that were loaded on the way, which the same input loads only once.
          before = threads.getCurrentThreadAllocatedBytes();
          requireBounded(input);
          long again = threads.getCurrentThreadAllocatedBytes() - before;
          assertTrue(
              again <= FIXED + PER_BYTE * input.length,
              () -> "%d bytes for %d".formatted(again, input.length));
        }
      } catch (Throwable e) {
        throw new AssertionError(
            "seed %d, input %d: %s".formatted(seed, i, HexFormat.of().formatHex(input)), e);
      }
    }
    // Some change only values; all could not be, or the mutations would show nothing.
    assertTrue(read > INPUTS / 1000 && read < INPUTS / 2, read + " of " + INPUTS + " were read");
  }

  private static boolean requireBounded(byte[] input) throws IOException {
    Safetensors.Content content;
    try {
      content = Safetensors.read("fuzz", new MemoryChannel(input));
    } catch (DataFormatException e) {
      return false;
    }
    long header = java.nio.ByteBuffer.wrap(input).order(java.nio.ByteOrder.LITTLE_ENDIAN).getLong();
    long data = content.tensors().values().stream().mapToLong(t -> t.data().byteSize()).sum();
    // Halves become twice as wide, and values of types that are not read are left out.
    boolean asStored = data == input.length - 8 - header;
    assertTrue(asStored || !content.others().isEmpty() || data <= 2 * input.length);
    return true;
  }

  private List<byte[]> corpus() throws Exception {
    List<byte[]> corpus = new ArrayList<>();
    for (String name : List.of("types", "model", "expected")) {
      corpus.add(
          Files.readAllBytes(
              Path.of(SafetensorsFuzzTest.class.getResource(name + ".safetensors").toURI())));
    }
    Path own = folder.resolve("own.safetensors");
    Safetensors.write(
        own,
        Map.of("a", SafetensorsTest.bytes(3), "b", SafetensorsTest.bytes(1)),
        Map.of("k", "v"));
    corpus.add(Files.readAllBytes(own));
    corpus.add(
        "\u0002\u0000\u0000\u0000\u0000\u0000\u0000\u0000{}"
            .getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    return corpus;
  }
}
