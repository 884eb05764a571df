package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class DataFlagsTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private int runs;

  private Cli train(String flags) {
    String rest = " --json --epochs 8 --batch 8 --hidden 16 --lr 0.02 --backend cpu --out ";
    return Cli.run((Object[]) ("train " + flags + rest + out(++runs)).split(" +"));
  }

  /** Where run number so-and-so of the test writes to. */
  private Path out(int run) {
    return folder.resolve("out" + run);
  }

  private JsonNode done(String flags) {
    Cli run = train(flags);
    assertEquals(0, run.exitCode(), run.err());
    return JSON.readTree(run.outLines().getLast());
  }

  /** Two classes of 30 images of 6 x 5 pixels: dark at the left, or at the right. */
  private Path images() throws IOException {
    return images(folder.resolve("images"));
  }

  private static Path images(Path to) throws IOException {
    for (int i = 0; i < 60; i++) {
      BufferedImage image = new BufferedImage(6, 5, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < 30; p++) {
        boolean left = p % 6 < 3;
        int shade = (left == (i % 2 == 0) ? 40 : 200) + (7 * i + 13 * p) % 40;
        image.getRaster().setSample(p % 6, p / 6, 0, shade);
      }
      Path kind = Files.createDirectories(to.resolve("kind" + i % 2));
      ImageIO.write(image, "png", kind.resolve(i + ".png").toFile());
    }
    return to;
  }

  /** A model's data, and other data, may have a test part of their own. */
  @Test
  void foldersOfImagesWithATestPartAreEvaluatedAndPredictedByParts() throws IOException {
    Path both = folder.resolve("both");
    images(both.resolve("train"));
    images(both.resolve("test"));
    done("--split 75/25/0 --data images:" + both);
    done("--split 70/15/15 --data images:" + images());
    Path answers = folder.resolve("answers.csv");
    for (String[] parts :
        new String[][] {
          {"1", "", "60"},
          {"1", "--part validation", "15"},
          {"1", "--part all", "120"},
          {"2", "--part test --data images:" + both, "60"},
          {"2", "--part all --data images:" + both, "120"}
        }) {
      Path model = out(Integer.parseInt(parts[0])).resolve("model.safetensors");
      Cli scores =
          Cli.line("evaluate --json --backend cpu --model %s %s".formatted(model, parts[1]));
      assertEquals(0, scores.exitCode(), scores.err());
      assertEquals(parts[2], JSON.readTree(scores.out()).get("examples").toString(), parts[1]);
      Cli predicted =
          Cli.line(
              "predict --backend cpu --model %s --out %s %s".formatted(model, answers, parts[1]));
      assertEquals(0, predicted.exitCode(), predicted.err());
      assertEquals(Integer.parseInt(parts[2]), Files.readAllLines(answers).size() - 1, parts[1]);
    }
    Files.writeString(both.resolve("test/kind0/x.webp"), "no image");
    Cli named =
        Cli.line(
            "predict --backend cpu --model %s --data images:%s"
                .formatted(out(1).resolve("model.safetensors"), both));
    assertEquals(121, named.outLines().size(), named.err());
    assertTrue(named.out().contains(Path.of("train", "kind1", "7.png") + ","), named.out());
    assertTrue(named.err().contains("no answer for 1 file not named .png"), named.err());
  }

  @Test
  void validationFoldersBringTheirPart() throws IOException {
    Path both = folder.resolve("both");
    images(both.resolve("train"));
    images(both.resolve("Val"));
    JsonNode done = done("--data images:" + both);
    assertEquals(60, done.get("train_examples").asInt());
    assertEquals(60, done.get("validation_examples").asInt());
    assertEquals(0, done.get("test_examples").asInt());
    for (String part : new String[] {"train", "validation"}) {
      Cli scores =
          Cli.line(
              "evaluate --json --backend cpu --part %s --model %s"
                  .formatted(part, out(1).resolve("model.safetensors")));
      assertEquals(60, JSON.readTree(scores.out()).get("examples").asInt(), scores.err());
    }
    JsonNode tested = done("--split 75/0/25 --data images:" + both);
    assertEquals(45, tested.get("train_examples").asInt());
    assertEquals(60, tested.get("validation_examples").asInt());
    assertEquals(15, tested.get("test_examples").asInt());
    for (String flags :
        new String[] {"--split 70/20/10", "--validation-data images:" + both.resolve("Val")}) {
      Cli run = train(flags + " --data images:" + both);
      assertEquals(2, run.exitCode(), run.err());
      assertTrue(run.err().contains("validation part"), run.err());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "--stream", "--image-size 8x4 --channels colour", "--model cnn"})
  void trainsOnFoldersOfImages(String flags) throws IOException {
    JsonNode done = done("--data images:%s %s".formatted(images(), flags));
    assertEquals(43, done.get("train_examples").asInt());
    assertEquals(5, done.get("validation_examples").asInt());
    assertEquals(12, done.get("test_examples").asInt());
    assertEquals(1, done.get("test_accuracy").asDouble(), done.toString());
  }

  @Test
  void aDamagedImageIs65WhetherStreamedOrNot() throws IOException {
    Path broken = images().resolve("kind1/7.png");
    byte[] content = Files.readAllBytes(broken);
    content[content.length - 20] ^= 1;
    Files.write(broken, content);
    for (String flags : new String[] {"", " --stream"}) {
      Cli run = train("--data images:" + folder.resolve("images") + flags);
      assertEquals(65, run.exitCode(), run.err());
      assertTrue(run.err().contains(broken.toString()), run.err());
      assertEquals(1, run.err().lines().filter(l -> l.contains("talweg train")).count());
    }
    assertEquals(66, train("--data images:" + folder.resolve("none")).exitCode());
  }

  private Path table() throws IOException {
    String text =
        IntStream.range(0, 200)
            .mapToObj(i ->
                "%s\t%d\t%s\n"
                    .formatted(i == 7 ? "?" : i % 10 < 5 ? 1 : 2, i % 7, i % 10 < 5 ? "a" : "b"))
            .collect(Collectors.joining());
    return Files.writeString(folder.resolve("t.tsv"), "sort\tx\tkind\n" + text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--missing mean",
        "--missing mode --categorical sort",
        "--missing drop --categorical sort,x --unknown zeros --header present --task classify",
        "--missing mean --stream",
      })
  void trainsOnTables(String flags) throws IOException {
    JsonNode done =
        done("--data csv:%s --delimiter tab --target kind %s".formatted(table(), flags));
    int rows = flags.contains("drop") ? 199 : 200;
    assertEquals(40, done.get("test_examples").asInt());
    assertEquals(16, done.get("validation_examples").asInt());
    assertEquals(rows - 56, done.get("train_examples").asInt());
    assertEquals(1, done.get("test_accuracy").asDouble(), 0.03, done.toString());
  }

  @Test
  void aMissingValueIs65AndSaysWhere() throws IOException {
    Cli run = train("--data csv:%s --delimiter tab".formatted(table()));
    assertEquals(65, run.exitCode(), run.err());
    assertTrue(run.err().contains("line 9, column 1 (\"sort\")"), run.err());
  }

  @Test
  void streamsIdxFilesWithTheSameBitsEachTime() throws IOException {
    Path idx = Files.createDirectories(folder.resolve("idx"));
    try (DataOutputStream images =
            new DataOutputStream(Files.newOutputStream(idx.resolve("train-images-idx3-ubyte")));
        DataOutputStream labels =
            new DataOutputStream(Files.newOutputStream(idx.resolve("train-labels-idx1-ubyte")))) {
      for (int value : new int[] {0x803, 600, 4, 4}) {
        images.writeInt(value);
      }
      labels.writeInt(0x801);
      labels.writeInt(600);
      for (int i = 0; i < 600; i++) {
        labels.writeByte(i % 2);
        for (int p = 0; p < 16; p++) {
          images.writeByte((p / 8 == i % 2 ? 200 : 10) + (i * p) % 40);
        }
      }
    }
    JsonNode done = done("--stream --data idx:" + idx);
    assertEquals(486, done.get("train_examples").asInt());
    assertEquals(54, done.get("validation_examples").asInt());
    assertEquals(60, done.get("test_examples").asInt());
    assertEquals(1, done.get("test_accuracy").asDouble());
    done("--stream --data idx:" + idx);
    assertArrayEquals(
        Files.readAllBytes(out(1).resolve("model.safetensors")),
        Files.readAllBytes(out(2).resolve("model.safetensors")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--stream | digits are in memory",
        "--image-size 2x2 | need --data images:DIR",
        "--missing mean | need --data csv:FILE",
        "--target y --data idx:x | need --data csv:FILE",
        "--data images:x --image-size 0x3 | HEIGHTxWIDTH",
        "--data images:x --image-size 9999x9999 | 16777216",
        "--data images:x --channels pink | auto, gray, colour",
        "--data csv:x --delimiter ab | --delimiter",
        "--data csv:x --missing maybe | refuse, mean, mode, drop",
        "--data zip:x | images:DIR",
      })
  void wrongFlagsAreNamed(String flags, String expected) {
    Cli run = train(flags);
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected), run.err());
  }

  @Test
  void fetchKnowsItsDataSets() {
    Cli run = Cli.run("fetch", "cifar");
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("mnist, fashion-mnist"), run.err());
    assertTrue(Cli.run("fetch", "--help").out().contains("mnist, fashion-mnist"));
    String help = Cli.run("train", "--help").out().replaceAll("\\s+", "");
    for (String form :
        new String[] {"idx:DIR", "csv:FILE", "images:DIR", "--missing", "--stream"}) {
      assertTrue(help.contains(form), help);
    }
  }
}
