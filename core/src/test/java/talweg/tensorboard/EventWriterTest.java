package talweg.tensorboard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventWriterTest {
  private static final InstantSource NOON =
      InstantSource.fixed(Instant.ofEpochMilli(1_700_000_500));

  @TempDir Path folder;

  /** The check value of CRC-32C is e3069283 (RFC 3720, "123456789"); the mask is by hand. */
  @Test
  void theChecksumIsMasked() {
    byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
    int crc = 0xe3069283;
    int rotated = crc >>> 15 | crc << 17;
    assertEquals(rotated + 0xa282ead8, RecordFrame.maskedCrc(digits, 0, digits.length));
  }

  @Test
  void writesTheRecordsThatWereComputedByHand() throws IOException {
    Path file;
    try (EventWriter events = new EventWriter(folder, NOON)) {
      events.scalar("loss", 300, 0.5);
      file = events.file();
    }
    assertEquals("events.out.tfevents.0001700000.talweg", file.getFileName().toString());
    List<byte[]> records = records(file);
    assertEquals(2, records.size());
    // wall_time (1, fixed64) 1700000.5, step (2, varint) 0, file_version (3, string).
    assertArrayEquals(
        bytes("09 00 00 00 80 a0 f0 39 41 10 00 1a 0d", "brain.Event:2"), records.get(0));
    // step 300 = ac 02; summary (5) of one value (1) with tag (1) and simple_value (2, fixed32).
    assertArrayEquals(
        concat(
            bytes("09 00 00 00 80 a0 f0 39 41 10 ac 02 2a 0d 0a 0b 0a 04", "loss"),
            bytes("15 00 00 00 3f", "")),
        records.get(1));
  }

  @Test
  void twoWritersOfOneSecondDoNotShareAFile() {
    try (EventWriter a = new EventWriter(folder, NOON);
        EventWriter b = new EventWriter(folder, NOON)) {
      assertNotEquals(a.file(), b.file());
    }
  }

  @Test
  void eventsAreInTheFileOnceFlushed() throws IOException {
    try (EventWriter events = new EventWriter(folder)) {
      events.scalar("a", 1, 1);
      events.flush();
      assertEquals(2, records(events.file()).size());
    }
  }

  @Test
  void histogramsCountEveryFiniteValueInItsBucket() {
    long seed = 11;
    Random random = new Random(seed);
    double[] values = new double[1000];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextGaussian() * Math.pow(10, random.nextInt(-13, 3));
    }
    values[0] = 0;
    values[1] = Double.NaN;
    values[2] = Double.POSITIVE_INFINITY;
    Map<Integer, byte[]> fields = fields(new Histogram(values).proto().toBytes());
    assertEquals(998, number(fields.get(3)), "seed " + seed);
    double[] limits = doubles(fields.get(6));
    double[] counts = doubles(fields.get(7));
    assertEquals(limits.length, counts.length);
    double min = Double.POSITIVE_INFINITY;
    double max = Double.NEGATIVE_INFINITY;
    double sum = 0;
    double[] expected = new double[counts.length];
    for (double value : values) {
      if (!Double.isFinite(value)) {
        continue;
      }
      int bucket = 0;
      while (value >= limits[bucket]) {
        bucket++;
      }
      expected[bucket]++;
      min = Math.min(min, value);
      max = Math.max(max, value);
      sum += value;
    }
    assertArrayEquals(expected, counts, "seed " + seed);
    assertEquals(min, number(fields.get(1)));
    assertEquals(max, number(fields.get(2)));
    assertEquals(sum, number(fields.get(4)));
    assertEquals(0, counts[0], "an empty bucket tells where the first one begins");
    assertTrue(counts[counts.length - 1] > 0);
  }

  @Test
  void nothingAndConstantsHaveAHistogram() {
    assertEquals(0, number(fields(new Histogram(new double[0]).proto().toBytes()).get(3)));
    Map<Integer, byte[]> constant =
        fields(new Histogram(new double[] {2.5, 2.5}).proto().toBytes());
    assertEquals(2, number(constant.get(3)));
    assertEquals(2.5, number(constant.get(1)));
  }

  /**
   * Steps behind the checkpoint are trained, and written, again; a killed process leaves halves.
   */
  @Test
  void aRunThatGoesOnHasEachStepOnce() throws IOException {
    Path first;
    try (EventWriter events = new EventWriter(folder, NOON)) {
      for (long step : new long[] {100, 200, 300, 400}) {
        events.scalar("a", step, 1);
        events.scalar("b", step, 1);
      }
      first = events.file();
    }
    byte[] whole = Files.readAllBytes(first);
    Files.write(first, Arrays.copyOf(whole, whole.length - 3));
    Path damaged = folder.resolve("events.out.tfevents.0000000001.talweg");
    Files.write(damaged, new byte[] {1, 2, 3});
    Path others = Files.writeString(folder.resolve("events.out.tfevents.1.host"), "not ours");
    Path second;
    try (EventWriter events = new EventWriter(folder, NOON)) {
      events.goOnAfter(200);
      events.scalar("a", 300, 1);
      second = events.file();
    }
    assertEquals(5, records(first).size(), "the version, and two curves until step 200");
    assertArrayEquals(Arrays.copyOf(whole, (int) Files.size(first)), Files.readAllBytes(first));
    assertEquals(0, Files.size(damaged));
    assertEquals("not ours", Files.readString(others));
    // step 201 = c9 01; session_log (7) with status (1) START (1).
    assertArrayEquals(
        bytes("09 00 00 00 80 a0 f0 39 41 10 c9 01 3a 02 08 01", ""), records(second).get(1));
  }

  /** About as many as TensorBoard shows, evenly, and the last one. */
  @Test
  void longTrainingsAreThinnedOut() {
    assertEquals(3, taken(3, 3, 10));
    assertEquals(10, taken(10, 10, 10));
    assertEquals(9, taken(100, 101, 10), "every 11th, and the last would be the 101st");
    for (int epochs : new int[] {999, 1000, 1001, 20_000, 123_457}) {
      int taken = taken(epochs, epochs, 1000);
      assertTrue(taken >= 500 && taken <= 1001, epochs + ": " + taken);
      assertTrue(new Thinning(epochs, 1000).takes(epochs));
    }
    assertEquals(1000, taken(1000, 0, 1000));
    assertEquals(1500, taken(2000, 0, 1000), "of an unknown number, half as many in each doubling");
    assertEquals(2000, taken(4000, 0, 1000));
  }

  private static int taken(int done, int planned, int most) {
    Thinning thinning = new Thinning(planned, most);
    return (int) IntStream.rangeClosed(1, done).filter(thinning::takes).count();
  }

  /** Reads the framing and checks both checksums. */
  private static List<byte[]> records(Path file) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<byte[]> records = new ArrayList<>();
    while (in.hasRemaining()) {
      int start = in.position();
      byte[] data = new byte[(int) in.getLong()];
      assertEquals(RecordFrame.maskedCrc(in.array(), start, 8), in.getInt());
      in.get(data);
      assertEquals(RecordFrame.maskedCrc(data, 0, data.length), in.getInt());
      records.add(data);
    }
    return records;
  }

  /** Fields of a message with doubles (kind 1) and bytes (kind 2) and numbers below 16. */
  private static Map<Integer, byte[]> fields(byte[] message) {
    Map<Integer, byte[]> fields = new LinkedHashMap<>();
    ByteBuffer in = ByteBuffer.wrap(message);
    while (in.hasRemaining()) {
      int tag = in.get();
      int length = 8;
      if ((tag & 7) == 2) {
        length = 0;
        int shift = 0;
        byte part;
        do {
          part = in.get();
          length |= (part & 0x7f) << shift;
          shift += 7;
        } while (part < 0);
      }
      byte[] value = new byte[length];
      in.get(value);
      fields.put(tag >> 3, value);
    }
    return fields;
  }

  private static double number(byte[] bytes) {
    return doubles(bytes)[0];
  }

  private static double[] doubles(byte[] bytes) {
    double[] values = new double[bytes.length / 8];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().get(values);
    return values;
  }

  private static byte[] bytes(String hex, String text) {
    String[] parts = hex.split(" ");
    byte[] bytes = new byte[parts.length];
    for (int i = 0; i < parts.length; i++) {
      bytes[i] = (byte) Integer.parseInt(parts[i], 16);
    }
    return concat(bytes, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] concat(byte[] a, byte[] b) {
    return ByteBuffer.allocate(a.length + b.length).put(a).put(b).array();
  }
}
