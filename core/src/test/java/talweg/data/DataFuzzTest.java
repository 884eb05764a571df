package talweg.data;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.DataFormatException;
import talweg.error.InputNotFoundException;

/**
 * Damaged inputs of every reader: each is read or refused by a declared error, within a bound of
 * memory: some 5,000, the same each time. {@code -Dtalweg.fuzz.inputs=N} sets the number for each
 * reader, {@code -Dtalweg.fuzz.seed=N} tries others.
 */
@Timeout(3600)
class DataFuzzTest {
  private static final int INPUTS = Integer.getInteger("talweg.fuzz.inputs", 720);
  private static final long SEED = Long.getLong("talweg.fuzz.seed", 20261128);
  private static final long MIB = 1 << 20;

  @TempDir Path folder;

  /** What reads an input that was written to a file. */
  private interface Reader {
    void read() throws RuntimeException;
  }

  private void fuzz(String what, Mutator mutator, Path file, long mostBytes, Reader reader) {
    System.out.printf("DataFuzzTest.%s: seed %d, %d inputs%n", what, SEED, INPUTS);
    int read = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = mutator.next();
      TestFiles.write(file, input);
      Allocation allocation = Allocation.start();
      try {
        reader.read();
        read++;
      } catch (DataFormatException | InputNotFoundException e) {
        assertTrue(e.getMessage().chars().noneMatch(Character::isISOControl), e.getMessage());
      } catch (RuntimeException | Error e) {
        throw new AssertionError(describe(i, input), e);
      }
      if (allocation.bytes() > mostBytes) {
        throw new AssertionError(
            "allocated %d KiB: %s".formatted(allocation.bytes() >> 10, describe(i, input)));
      }
    }
    // Neither should all be refused at the first byte, which a short run may do by chance, nor
    // should
    // damage go unnoticed.
    assertTrue(read > 0 || INPUTS < 10_000, "none was read");
    assertTrue(read < INPUTS, "none was refused");
  }

  private static String describe(int i, byte[] input) {
    return "seed %d, input %d: %s".formatted(SEED, i, HexFormat.of().formatHex(input));
  }

  private static List<byte[]> bytes(String... texts) {
    return Stream.of(texts).map(t -> t.getBytes(StandardCharsets.ISO_8859_1)).toList();
  }

  private static List<byte[]> withPacked(List<byte[]> plain) {
    List<byte[]> all = new ArrayList<>(plain);
    plain.forEach(p -> all.add(TestFiles.gzip(p)));
    return all;
  }

  @Test
  void idx() {
    List<byte[]> seeds =
        withPacked(
            List.of(TestFiles.images(6, 4, 5), TestFiles.images(2, 30, 30), TestFiles.labels(6)));
    Path images = folder.resolve("images");
    Path labels = TestFiles.write(folder.resolve("labels"), TestFiles.labels(6));
    Mutator mutator = new Mutator(new Random(SEED), seeds, bytes("\0\0\10\3", "\37\213\10\0"));
    fuzz("idx images", mutator, images, MIB, () -> Idx.read(images, labels));
    TestFiles.write(images, TestFiles.images(6, 1, 1));
    fuzz("idx labels", mutator, labels, MIB, () -> Idx.read(images, labels));
  }

  @Test
  void streamedIdx() {
    Path images = folder.resolve("train-images-idx3-ubyte");
    TestFiles.write(folder.resolve("train-labels-idx1-ubyte"), TestFiles.labels(6));
    List<byte[]> seeds = List.of(TestFiles.images(6, 4, 5), TestFiles.images(6, 1, 1));
    Mutator mutator = new Mutator(new Random(SEED), seeds, bytes("\0\0\10\3"));
    fuzz(
        "streamed idx",
        mutator,
        images,
        MIB,
        () -> {
          Split split = Idx.stream(folder);
          split.train().features(split.train().size() - 1);
          split.test().features();
        });
  }

  @Test
  void csv() {
    List<byte[]> seeds =
        withPacked(
            bytes(
                "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n",
                "1,2,3.5\n4,5,6.5\n7,8,9.5\n1,1,1.25\n",
                "\"a,b\",\"c\"\"d\"\r\n\"1\",2\r\n3,4.5\r\n5,1e3\r\n",
                "6,2,no,yes\n1,2,0\n3,4,1\n1,2,0\n3,4,1\n1,2,0\n3,4,1\n",
                "\u00ef\u00bb\u00bfk,v\nred,1.5\nblue,?\nred,NA\nred,2\nblue,3\n"));
    List<byte[]> tokens =
        bytes(",", "\"", "\n", "\r\n", "nan", "1e400", "?", "\u00ff\u00fe", "\0", ",,,,", "-1");
    Mutator mutator = new Mutator(new Random(SEED), seeds, tokens);
    Path file = folder.resolve("t.csv");
    List<CsvOptions> options = new ArrayList<>();
    for (CsvOptions.Missing missing : CsvOptions.Missing.values()) {
      options.add(CsvOptions.defaults().missing(missing));
      options.add(
          CsvOptions.defaults().missing(missing).unknown(CsvOptions.Unknown.ZEROS).target("1"));
    }
    int[] turn = {0};
    fuzz(
        "csv",
        mutator,
        file,
        8 * MIB,
        () -> {
          CsvSplit csv = Csv.split(file, options.get(turn[0]++ % options.size()), 0.5, turn[0]);
          Preprocessing.fromJson(csv.encoding().toJson());
        });
  }

  @Test
  void furtherTables() {
    String table = "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n1,z,y\n1,z,x\n3,y,y\n2,y,x\n3,w,x\n";
    Path file = TestFiles.write(folder.resolve("t.csv"), table);
    TableEncoding encoding =
        Csv.split(file, CsvOptions.defaults().unknown(CsvOptions.Unknown.ZEROS), 0.8, 1).encoding();
    List<byte[]> seeds = withPacked(bytes(table, "c,b,a\nx,4,3\n", "b,a\n4,3\n"));
    Mutator mutator = new Mutator(new Random(SEED), seeds, bytes(",", "\"", "\n", "a", "b", "c"));
    fuzz(
        "further tables",
        mutator,
        file,
        4 * MIB,
        () -> {
          encoding.inputs(file);
          encoding.load(file);
        });
  }

  @Test
  void preprocessing() {
    String table = "a,b,c\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n1,z,y\n1,z,x\n3,y,y\n2,y,x\n3,w,x\n";
    Path file = TestFiles.write(folder.resolve("t.csv"), table);
    CsvOptions options = CsvOptions.defaults().unknown(CsvOptions.Unknown.ZEROS);
    List<byte[]> seeds =
        bytes(
            Csv.split(file, options, 0.8, 1).encoding().toJson(),
            Csv.split(file, options.target("1").task(Task.REGRESS), 0.8, 1).encoding().toJson(),
            new ImageEncoding(true, 4, 5, false, List.of("a", "b")).toJson());
    List<byte[]> tokens =
        bytes("{", "}", "[", "]", ",", "\"", "null", "1e999", "-0", "\"kind\":", "\\u0000", "[[[");
    Mutator mutator = new Mutator(new Random(SEED), seeds, tokens);
    byte[][] current = {null};
    Path unused = folder.resolve("unused");
    Mutator watched =
        new Mutator(new Random(SEED), seeds, tokens) {
          @Override
          byte[] next() {
            current[0] = mutator.next();
            return current[0];
          }
        };
    fuzz(
        "preprocessing",
        watched,
        unused,
        4 * MIB,
        () -> Preprocessing.fromJson(new String(current[0], StandardCharsets.ISO_8859_1)));
  }

  @Test
  void images() {
    List<byte[]> seeds = new ArrayList<>();
    for (String format : List.of("png", "jpg")) {
      seeds.add(TestImages.bytes(TestImages.gray(4, 4, 40), format));
      seeds.add(TestImages.bytes(TestImages.colours(7, 5), format));
    }
    List<byte[]> tokens =
        bytes("IDAT", "PLTE", "tRNS", "\377\330", "\377\331", "\377\332", "\377\300", "\377\302");
    Mutator mutator =
        new Mutator(new Random(SEED), seeds, tokens) {
          private final Random choice = new Random(SEED);

          @Override
          byte[] next() {
            byte[] input = super.next();
            return choice.nextBoolean() ? withChecksums(input) : input;
          }
        };
    TestImages.write(folder.resolve("a/1.png"), TestImages.gray(4, 4, 9));
    Path file = TestImages.write(folder.resolve("b/1.png"), TestImages.gray(4, 4, 9));
    ImageOptions options = ImageOptions.defaults().size(4, 4);
    fuzz("images", mutator, file, 400 * MIB, () -> ImageFolder.split(folder, options, 0.5, 1));
  }

  @Test
  void theTargetOfCoverageGuidedFuzzersRuns() throws IOException {
    List<byte[]> seeds =
        withPacked(
            List.of(
                TestFiles.images(6, 4, 5),
                TestFiles.labels(3),
                TestImages.bytes(TestImages.colours(7, 5), "png"),
                TestImages.bytes(TestImages.colours(7, 5), "jpg"),
                bytes("a,b\n1,2.5\n3,4.5\n").getFirst()));
    Mutator mutator = new Mutator(new Random(SEED), seeds, bytes(","));
    for (int i = 0; i < 100; i++) {
      ReadersFuzzTarget.fuzzerTestOneInput(mutator.next());
    }
  }

  /** A PNG whose chunks' checksums are right again, so that damage reaches the decoder. */
  private static byte[] withChecksums(byte[] png) {
    if (!PngChunks.isPng(png)) {
      return png;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(png, 0, 8);
    int at = 8;
    while (at + 12 <= png.length) {
      int length = PngChunks.int32(png, at);
      if (length < 0 || length > png.length - at - 12) {
        break;
      }
      String type = new String(png, at + 4, 4, StandardCharsets.ISO_8859_1);
      byte[] content = Arrays.copyOfRange(png, at + 8, at + 8 + length);
      out.writeBytes(TestImages.chunk(type, content));
      at += 12 + length;
    }
    out.write(png, at, png.length - at);
    return out.toByteArray();
  }
}
