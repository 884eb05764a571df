package talweg.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

class StreamingTest {
  @TempDir Path folder;

  private Path idx(int images, int rows, int columns) {
    TestFiles.write(
        folder.resolve("train-images-idx3-ubyte"), TestFiles.images(images, rows, columns));
    TestFiles.write(folder.resolve("train-labels-idx1-ubyte"), TestFiles.labels(images));
    return folder;
  }

  @Test
  void mappedImagesAreTheSame() {
    Split held = Idx.load(idx(200, 3, 5));
    Split streamed = Idx.stream(folder);
    assertTrue(streamed.train().isStreamed() && streamed.test().isStreamed());
    assertFalse(held.train().isStreamed());
    assertArrayEquals(held.train().features(), streamed.train().features());
    assertArrayEquals(held.test().features(), streamed.test().features());
    assertArrayEquals(held.test().labels(), streamed.test().labels());
    assertArrayEquals(held.test().features(3), streamed.test().features(3));
    Standardizer fitted = Standardizer.fit(held.train());
    assertEquals(fitted, Standardizer.fit(streamed.train()));
    Dataset scaled = fitted.apply(streamed.test());
    assertTrue(scaled.isStreamed());
    assertArrayEquals(fitted.apply(held.test()).features(), scaled.features());
    assertThrows(IndexOutOfBoundsException.class, () -> scaled.features(20));
    assertThrows(IndexOutOfBoundsException.class, () -> scaled.subset(new int[] {-1}));
  }

  @Test
  void splitsTheSameExamplesInFileOrder() {
    Dataset held = Idx.load(idx(200, 1, 4)).train();
    Dataset streamed = Idx.stream(folder).train();
    int[] expected = held.split(0.7, 9).test().labels();
    Arrays.sort(expected);
    Split split = streamed.split(0.7, 9);
    assertArrayEquals(expected, split.test().labels());
    // A part of a part.
    Dataset part = split.train().subset(new int[] {5, 2});
    assertArrayEquals(split.train().features(5), part.features(0));
    assertArrayEquals(split.train().features(2), part.features(1));
  }

  @Test
  void refusesPackedAndDamagedFiles() {
    idx(10, 2, 2);
    Path images = folder.resolve("train-images-idx3-ubyte");
    byte[] content = TestFiles.images(10, 2, 2);
    refuses(images, TestFiles.gzip(content), "gzip", "unpack");
    refuses(images, Arrays.copyOf(content, 30), "56 bytes in all", "got 30");
    refuses(images, TestFiles.join(content, new byte[1]), "got 57");
    refuses(images, TestFiles.idx(0, TestFiles.IMAGES, -1, -1, -1), "bytes in all");
  }

  private void refuses(Path file, byte[] content, String... parts) {
    TestFiles.write(file, content);
    String message = assertThrows(DataFormatException.class, () -> Idx.stream(folder)).getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    for (String part : parts) {
      assertTrue(message.contains(part), part + " in: " + message);
    }
  }

  @Test
  void saysThatAFileWasCutWhileInUse() throws IOException {
    Dataset data = Idx.stream(idx(100, 10, 10)).train();
    Path images = folder.resolve("train-images-idx3-ubyte");
    try (RandomAccessFile file = new RandomAccessFile(images.toFile(), "rw")) {
      file.setLength(5000);
    }
    String message = assertThrows(UncheckedIOException.class, () -> data.features(80)).getMessage();
    assertTrue(message.contains(images + ": was cut") && message.contains("got 5000"), message);
  }

  /** The time is what tells; a test must not wait for it to pass. */
  private static void touch(Path file) throws IOException {
    Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
  }

  @Test
  void aFileThatWasOverwrittenInItsSizeIsKnown() throws IOException {
    Path images = idx(20, 2, 2).resolve("train-images-idx3-ubyte");
    Dataset streamed = Idx.stream(folder).train();
    Dataset held = Idx.load(folder).train();
    Dataset part = Standardizer.fit(streamed).apply(streamed.split(0.5, 1).train());
    assertEquals(Optional.empty(), part.changed());
    touch(images);
    assertEquals(Optional.of(images), streamed.changed());
    assertEquals(Optional.of(images), part.changed());
    assertEquals(Optional.empty(), held.changed());
  }

  @Test
  void imagesThatChangeAreKnown() throws IOException {
    for (String name : List.of("a/1.png", "a/2.png", "b/1.png", "b/2.png")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      ImageIO.write(new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
    }
    ImageOptions options = ImageOptions.defaults().stream(true);
    Dataset streamed = ImageFolder.split(folder, options, 0.5, 1).split().train();
    assertEquals(Optional.empty(), streamed.changed());
    Path image = folder.resolve("b/2.png");
    touch(image);
    assertEquals(Optional.of(image), streamed.changed());
    Files.delete(image);
    assertEquals(Optional.of(image), streamed.changed());
  }

  @Test
  void aFileThatIsGoneStaysReadable() throws IOException {
    Dataset data = Idx.stream(idx(10, 2, 2)).train();
    float[] before = data.features(4);
    try {
      Files.delete(folder.resolve("train-images-idx3-ubyte"));
    } catch (IOException e) {
      return; // A system that does not delete files that are mapped.
    }
    assertArrayEquals(before, data.features(4));
  }

  @Test
  void streamedTablesAreTheSame() throws IOException {
    String text =
        "c,x,y\n"
            + IntStream.range(0, 3000)
                .mapToObj(i -> "k%d,%d,%d.5\n".formatted(i % 3, i * 7 % 100, i))
                .collect(Collectors.joining());
    Path file = TestFiles.write(folder.resolve("t.csv"), text);
    Path scratch = Files.createDirectory(folder.resolve("scratch"));
    CsvSplit held = Csv.split(file, CsvOptions.defaults(), 0.8, 3);
    CsvSplit streamed = Csv.stream(file, CsvOptions.defaults(), 0.8, 3, scratch);
    assertTrue(streamed.split().train().isStreamed());
    assertEquals(held.encoding().featureNames(), streamed.encoding().featureNames());
    int[] order = Partition.random("t", 3000, 0.8, 3).test();
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    float[] mean = {0, 0, 0, 0};
    for (int i = 0; i < order.length; i++) {
      // The sums are added up in another order.
      float[] row = streamed.split().test().features(Arrays.binarySearch(sorted, order[i]));
      assertArrayEquals(held.split().test().features(i), row, 1e-4f);
      mean[3] += row[3];
    }
    assertTrue(Math.abs(mean[3] / order.length) < 0.5);
    try (Stream<Path> left = Files.list(scratch)) {
      assertEquals(
          List.of(), System.getProperty("os.name").contains("Windows") ? List.of() : left.toList());
    }
    assertThrows(
        InputNotFoundException.class,
        () -> Csv.stream(file, CsvOptions.defaults(), 0.8, 3, folder.resolve("none")));
  }

  /** A file of 200 MB, 800 MB as floats, in a JVM of 32 MB. */
  @Test
  void memoryStaysBounded() throws IOException, InterruptedException {
    int images = 256_000;
    try (RandomAccessFile file =
        new RandomAccessFile(folder.resolve("train-images-idx3-ubyte").toFile(), "rw")) {
      file.write(TestFiles.idx(0, TestFiles.IMAGES, images, 28, 28));
      file.setLength(16 + images * 784L); // zeros, and no room on most disks
    }
    TestFiles.write(folder.resolve("train-labels-idx1-ubyte"), TestFiles.labels(images));
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Pass.class.getName(),
                folder.toString())
            .redirectErrorStream(true)
            .start();
    try {
      String output = new String(child.getInputStream().readAllBytes());
      assertTrue(child.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, child.exitValue(), output);
      assertTrue(output.contains("256000 examples"), output);
    } finally {
      child.destroyForcibly();
    }
  }

  /** What the small JVM does: one pass over all that there is. */
  static final class Pass {
    public static void main(String[] args) {
      Split split = Idx.stream(Path.of(args[0]));
      long examples = 0;
      for (Dataset data : List.of(split.train(), split.test())) {
        try (BatchPass pass = Batches.of(data, 64).shuffled(1, 1).open(0)) {
          while (pass.hasNext()) {
            examples += pass.next().size();
          }
        }
      }
      System.out.println(examples + " examples");
    }
  }
}
