package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

class IdxTest {
  @TempDir Path folder;
  private Path labels;

  @BeforeEach
  void writeLabels() {
    labels = TestFiles.write(folder.resolve("labels"), TestFiles.labels(6));
  }

  private Path images(byte[] content) {
    return TestFiles.write(folder.resolve("images"), content);
  }

  private void refuses(byte[] content, String... parts) {
    Path file = images(content);
    String message =
        assertThrows(DataFormatException.class, () -> Idx.read(file, labels)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsPixelsAndLabels(boolean gzip) {
    byte[] content = TestFiles.images(6, 2, 3);
    Dataset data = Idx.read(images(gzip ? TestFiles.gzip(content) : content), labels);
    assertEquals("images: 6 examples [2, 3], 6 classes", data.toString());
    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5}, data.labels());
    assertArrayEquals(
        new float[] {30 / 255f, 31 / 255f, 32 / 255f, 33 / 255f, 34 / 255f, 35 / 255f},
        data.features(5));
  }

  @Test
  void scalesBytesAsUnsigned() {
    TestFiles.write(labels, TestFiles.labels(256));
    Dataset data = Idx.read(images(TestFiles.gzip(TestFiles.images(256, 1, 1))), labels);
    assertEquals(1f, data.features(255)[0]);
    assertEquals(128 / 255f, data.features(128)[0]);
    assertEquals(255, data.labels()[255]);
    assertEquals(256, data.numClasses());
  }

  @Test
  void readsMoreThanOneChunkAndSeveralGzipMembers() {
    byte[] content = TestFiles.images(6, 150, 300);
    byte[] head = TestFiles.gzip(Arrays.copyOf(content, 100_000));
    byte[] tail = TestFiles.gzip(Arrays.copyOfRange(content, 100_000, content.length));
    Dataset plain = Idx.read(images(content), labels);
    Dataset packed = Idx.read(images(TestFiles.join(head, tail)), labels);
    assertArrayEquals(plain.features(), packed.features());
    assertEquals((269_999 % 256) / 255f, packed.features(5)[44_999]);
  }

  @Test
  void refusesEveryTruncation() {
    byte[] content = TestFiles.images(6, 1, 2);
    for (int length = 0; length < content.length; length++) {
      byte[] cut = Arrays.copyOf(content, length);
      String where =
          length < 16 ? "byte " + length + ": expected a header of 16" : "byte " + length;
      refuses(cut, where);
      refuses(TestFiles.gzip(cut), where);
    }
  }

  @Test
  void refusesEveryTruncationOfTheLabels() {
    Path file = images(TestFiles.images(6, 1, 1));
    byte[] content = TestFiles.labels(6);
    for (int length = 0; length < content.length; length++) {
      TestFiles.write(labels, Arrays.copyOf(content, length));
      String message =
          assertThrows(DataFormatException.class, () -> Idx.read(file, labels)).getMessage();
      assertTrue(message.startsWith(labels + ": byte " + length), message);
    }
  }

  @Test
  void refusesEveryTruncationOfTheGzipStream() {
    byte[] packed = TestFiles.gzip(TestFiles.images(6, 3, 3));
    for (int length = 2; length < packed.length; length++) {
      refuses(Arrays.copyOf(packed, length), "expected an intact gzip stream", "premature end");
    }
  }

  @Test
  void refusesDamageInTheGzipStream() {
    byte[] packed = TestFiles.gzip(TestFiles.images(6, 3, 3));
    packed[packed.length - 6] ^= 1;
    refuses(packed, "after 70 unpacked bytes", "damage (Corrupt GZIP trailer)");
  }

  @Test
  void refusesTrailingBytes() {
    byte[] content = TestFiles.images(6, 1, 2);
    byte[] longer = TestFiles.join(content, new byte[1]);
    refuses(longer, "byte 28: expected 28 bytes in all", "got 29");
    refuses(TestFiles.gzip(longer), "byte 28: expected the end of the file");
    byte[] packed = TestFiles.gzip(content);
    for (byte[] extra : new byte[][] {{0}, {7, 7, 7}, {0x1f, (byte) 0x8b}, new byte[100_000]}) {
      refuses(TestFiles.join(packed, extra), "packed byte " + packed.length, "more bytes follow");
    }
  }

  @Test
  void refusesOtherMagicNumbers() {
    byte[] content = TestFiles.images(6, 1, 2);
    content[3] = 4;
    refuses(content, "byte 0", "0x00000803", "0x00000804", "4 dimensions");
    refuses(TestFiles.labels(30), "0x00000801", "swapped");
    refuses(TestFiles.idx(0, 0x03080000, 0, 0, 0), "little-endian");
    refuses(TestFiles.idx(0, 0x00000d03, 0, 0, 0), "element type 0x0d");
    refuses(TestFiles.idx(0, 0x12345678, 0, 0, 0), "0x12345678", "not an IDX file");
    Path file = images(TestFiles.images(6, 1, 2));
    assertThrows(DataFormatException.class, () -> Idx.read(file, file));
  }

  @Test
  void saysWhatAFileThatIsNoDataIs() {
    refuses(bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n"), "git lfs pull");
    refuses(bytes("\n<!DOCTYPE html><html>"), "a web page", "download");
    refuses(bytes("<html>503"), "a web page");
    refuses(bytes("PK\3\4..............."), "a zip archive");
    byte[] content = TestFiles.images(6, 1, 2);
    refuses(TestFiles.gzip(TestFiles.gzip(content)), "gzip inside gzip");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  @Test
  void refusesExtentsOfZero() {
    refuses(TestFiles.idx(0, TestFiles.IMAGES, 0, 2, 2), "byte 4", "at least 1");
    refuses(TestFiles.idx(0, TestFiles.IMAGES, 2, 0, 2), "byte 8", "at least 1");
    refuses(TestFiles.idx(0, TestFiles.IMAGES, 2, 2, 0), "byte 12", "at least 1");
  }

  @Test
  void allocatesNothingForTheHeaderAlone() {
    int max = Integer.MAX_VALUE;
    refuses(TestFiles.idx(5, TestFiles.IMAGES, max, 28, 28), "byte 21", "1683627179264 bytes");
    refuses(TestFiles.idx(5, TestFiles.IMAGES, -1, -1, -1), "byte 21", "9223372036854775807");
    refuses(TestFiles.gzip(TestFiles.idx(5, TestFiles.IMAGES, max, 28, 28)), "more than one data");
    refuses(TestFiles.gzip(TestFiles.idx(5, TestFiles.IMAGES, -1, -1, -1)), "more than one data");
    refuses(TestFiles.gzip(TestFiles.idx(5, TestFiles.IMAGES, 1, 1 << 31, 2)), "more than one");
    // 128 MB of examples, which any heap may hold, and of which there is none.
    Allocation allocation = Allocation.start();
    int many = 32_000_000;
    refuses(TestFiles.gzip(TestFiles.idx(5, TestFiles.IMAGES, many, 1, 1)), "byte 21", "got 21");
    allocation.requireAtMost(16 << 20);
  }

  @Test
  void refusesLabelsThatDoNotCountTheImages() {
    Path file = images(TestFiles.images(5, 1, 2));
    String message =
        assertThrows(DataFormatException.class, () -> Idx.read(file, labels)).getMessage();
    assertTrue(message.startsWith(labels + ": byte 4: expected 5 labels"), message);
    assertTrue(message.contains("got 6") && message.contains(file.toString()), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"t10k", "test"})
  void aFolderWithBothPairsGivesBoth(String test) {
    pair("train", "-", "", 6);
    pair(test, "-", ".gz", 4);
    Split split = Idx.load(folder);
    assertEquals(folder.getFileName() + ": 6 examples [2, 2], 6 classes", split.train().toString());
    assertEquals(4, split.test().size());
    assertEquals(6, split.test().numClasses());
  }

  @Test
  void twoPairsForTheTestAreRefused() {
    pair("train", "-", "", 6);
    pair("t10k", "-", "", 4);
    pair("test", "-", "", 4);
    String message = assertThrows(DataFormatException.class, () -> Idx.load(folder)).getMessage();
    assertTrue(message.contains("one pair of files for the test"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"train-", "train.", "t10k-", "t10k.", "test-"})
  void aFolderWithOnePairIsSplitInFileOrder(String name) {
    pair(name.substring(0, name.length() - 1), name.substring(name.length() - 1), ".gz", 20);
    Split split = Idx.load(folder);
    assertEquals(18, split.train().size());
    assertArrayEquals(new int[] {18, 19}, split.test().labels());
    assertEquals(20, split.train().numClasses());
  }

  private void pair(String prefix, String separator, String ending, int count) {
    byte[] images = TestFiles.images(count, 2, 2);
    byte[] classes = TestFiles.labels(count);
    // Content decides about gzip, not the name: labels are always plain here.
    TestFiles.write(
        folder.resolve(prefix + "-images" + separator + "idx3-ubyte" + ending),
        ending.isEmpty() ? images : TestFiles.gzip(images));
    TestFiles.write(
        folder.resolve(prefix + "-labels" + separator + "idx1-ubyte" + ending), classes);
  }

  @Test
  void refusesPairsOfDifferentSize() {
    pair("train", "-", "", 6);
    pair("t10k", "-", "", 4);
    TestFiles.write(folder.resolve("t10k-images-idx3-ubyte"), TestFiles.images(4, 2, 3));
    String message = assertThrows(DataFormatException.class, () -> Idx.load(folder)).getMessage();
    assertTrue(message.contains("2 x 2 pixels") && message.contains("2 x 3"), message);
  }

  @Test
  void listsAFewFilesOfAFolderWithoutData() {
    for (int i = 0; i < 9; i++) {
      TestFiles.write(folder.resolve("other" + i), "x");
    }
    String full = assertThrows(InputNotFoundException.class, () -> Idx.load(folder)).getMessage();
    assertTrue(full.contains("other") && full.endsWith(", ..."), full);
    Path bare = folder.resolve("bare");
    assertTrue(bare.toFile().mkdir());
    String empty = assertThrows(InputNotFoundException.class, () -> Idx.load(bare)).getMessage();
    assertTrue(empty.endsWith("found an empty folder"), empty);
  }

  @Test
  void saysWhatIsMissingFromAFolder() {
    String empty = assertThrows(InputNotFoundException.class, () -> Idx.load(folder)).getMessage();
    assertTrue(empty.contains("train-images-idx3-ubyte"), empty);
    assertTrue(empty.contains("t10k-labels-idx1-ubyte"), empty);
    assertTrue(empty.contains("found labels"), empty);
    TestFiles.write(folder.resolve("t10k-images-idx3-ubyte.gz"), TestFiles.images(4, 2, 2));
    String half = assertThrows(InputNotFoundException.class, () -> Idx.load(folder)).getMessage();
    assertTrue(half.contains("t10k-images-idx3-ubyte.gz has no partner"), half);
    assertTrue(half.contains("t10k-labels-idx1-ubyte"), half);
    Path none = folder.resolve("none");
    String absent = assertThrows(InputNotFoundException.class, () -> Idx.load(none)).getMessage();
    assertTrue(absent.startsWith(none + ": no such folder"), absent);
    assertThrows(InputNotFoundException.class, () -> Idx.load(labels));
    TestFiles.write(folder.resolve("t10k-labels-idx1-ubyte"), TestFiles.labels(4));
    assertEquals(3, Idx.load(folder).train().size());
    assertThrows(InputNotFoundException.class, () -> Idx.read(none, labels));
    assertThrows(InputNotFoundException.class, () -> Idx.read(folder, labels));
  }
}
