package talweg.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

class TrainCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  @Test
  void learnsTheEmbeddedDigits() throws IOException {
    Cli run = Cli.run("train", "--json", "--epochs", 12, "--backend", "cpu", "--out", folder);
    assertEquals(0, run.exitCode(), run.err());
    List<JsonNode> lines = run.outLines().stream().map(JSON::readTree).toList();
    assertEquals(13, lines.size());
    assertTrue(
        lines.subList(0, 12).stream().allMatch(l -> l.get("event").asString().equals("epoch")));
    JsonNode done = lines.getLast();
    assertEquals("done", done.get("event").asString());
    assertEquals("cpu", done.get("backend").asString());
    assertEquals("digits", done.get("data").asString());
    assertEquals(1293, done.get("train_examples").asInt());
    assertEquals(144, done.get("validation_examples").asInt());
    assertEquals(360, done.get("test_examples").asInt());
    assertEquals(64 * 512 + 512 + 512 * 256 + 256 + 256 * 10 + 10, done.get("params").asInt());
    assertEquals(12 * 41, done.get("steps").asInt());
    assertTrue(done.get("test_accuracy").asDouble() >= 0.97, done.toString());
    assertTrue(done.get("train_loss").asDouble() < lines.getFirst().get("train_loss").asDouble());
    List<String> csv = Files.readAllLines(folder.resolve("metrics.csv"));
    assertEquals(13, csv.size());
    assertEquals(csv.getFirst().split(",").length, csv.getLast().split(",").length);
    assertTrue(
        csv.getFirst()
            .startsWith(
                "epoch,steps,train_loss,train_accuracy,val_loss,val_accuracy,learning_rate,gradient_norm,samples_per_s,seconds,"),
        csv.getFirst());
    for (int epoch = 0; epoch < 12; epoch++) {
      JsonNode event = lines.get(epoch);
      String[] line = csv.get(epoch + 1).split(",");
      assertEquals(event.get("val_loss").asDouble(), Double.parseDouble(line[4]));
      assertEquals(event.get("val_accuracy").asDouble(), Double.parseDouble(line[5]));
      assertFalse(event.has("test_loss") || event.has("test_accuracy"), event.toString());
    }
    assertEquals(lines.get(11).get("val_loss"), done.get("val_loss"));
    assertEquals(lines.get(11).get("val_accuracy"), done.get("val_accuracy"));
  }

  @Test
  void writesAModelWithPyTorchsNamesAndShapes() throws IOException {
    Cli run =
        Cli.run(
            "train",
            "--epochs",
            1,
            "--dropout",
            0,
            "--hidden",
            "16",
            "--backend",
            "cpu",
            "--out",
            folder);
    assertEquals(0, run.exitCode(), run.err());
    byte[] file = Files.readAllBytes(folder.resolve("model.safetensors"));
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonNode header = JSON.readTree(new String(file, 8, (int) length, StandardCharsets.UTF_8));
    assertEquals("F32", header.get("1.weight").get("dtype").asString());
    assertEquals("[16,64]", header.get("1.weight").get("shape").toString());
    assertEquals("[16]", header.get("1.bias").get("shape").toString());
    assertEquals("[10,16]", header.get("3.weight").get("shape").toString());
    assertEquals(
        file.length - 8 - length, header.get("3.bias").get("data_offsets").get(1).asLong());
  }

  @Test
  void trainsAConvolutionalNetwork() throws IOException {
    Cli run =
        Cli.run(
            "train",
            "--model",
            "cnn",
            "--json",
            "--epochs",
            2,
            "--backend",
            "cpu",
            "--out",
            folder);
    assertEquals(0, run.exitCode(), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    int convolutions = 16 * 9 + 16 + 32 * 16 * 9 + 32;
    // Two poolings leave 2x2 of 8x8 pixels.
    assertEquals(convolutions + 32 * 4 * 120 + 120 + 120 * 10 + 10, done.get("params").asInt());
    assertTrue(done.get("test_accuracy").asDouble() > 0.6, done.toString());
    byte[] file = Files.readAllBytes(folder.resolve("model.safetensors"));
    long length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
    JsonNode header = JSON.readTree(new String(file, 8, (int) length, StandardCharsets.UTF_8));
    assertEquals("[32,16,3,3]", header.get("4.weight").get("shape").toString());
  }

  @Test
  void aConvolutionalNetworkNeedsImages() throws IOException {
    Path table = Files.writeString(folder.resolve("t.csv"), "a,b,c\n1,2,x\n4,5,y\n6,7,x\n1,3,y\n");
    Cli run = Cli.run(command("--model cnn --data csv:" + table));
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains("needs images") && run.err().contains("[2]"), run.err());
  }

  @Test
  void theSameSeedGivesTheSameBits() throws IOException {
    byte[] first = model("a", "7");
    assertArrayEquals(first, model("b", "7"));
    assertFalse(Arrays.equals(first, model("c", "8")));
  }

  private byte[] model(String name, String seed) throws IOException {
    Path out = folder.resolve(name);
    Cli run =
        Cli.run(
            "train",
            "--epochs",
            2,
            "--hidden",
            "32,16",
            "--seed",
            seed,
            "--backend",
            "cpu",
            "--out",
            out);
    assertEquals(0, run.exitCode(), run.err());
    return Files.readAllBytes(out.resolve("model.safetensors"));
  }

  @Test
  void trainsOnTheReferenceBackend() {
    Cli run =
        Cli.run(
            "train",
            "--backend",
            "reference",
            "--epochs",
            1,
            "--hidden",
            16,
            "--out",
            folder,
            "--json");
    assertEquals(0, run.exitCode(), run.err());
    assertTrue(run.outLines().getLast().contains("\"backend\":\"reference\""), run.out());
  }

  /** Chance is 0.1: with its own rate each optimizer learns something in three passes. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "sgd",
        "adam",
        "adamw:amsgrad=1",
        "lamb",
        "lamb-nvidia:max-grad-norm=10",
        "rmsprop:centered=1,momentum=0.5",
        "adagrad:initial=0.1",
        "adadelta",
        "nadam:decoupled=1",
        "radam:beta2=0.99",
        "lion",
        "muon:like-adamw=1,adamw-lr=0.01"
      })
  void everyOptimizerLearns(String optimizer) {
    Cli run =
        Cli.run(
            command("--json --epochs 3 --hidden 32 --out " + folder + " --optimizer " + optimizer));
    assertEquals(0, run.exitCode(), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    assertTrue(done.get("test_accuracy").asDouble() > 0.5, done.toString());
  }

  @Test
  void fitsALineToATable() throws IOException {
    Path table = folder.resolve("line.csv");
    StringBuilder text = new StringBuilder("x1,x2,y\n");
    Random random = new Random(3);
    for (int i = 0; i < 200; i++) {
      double x1 = random.nextDouble();
      double x2 = random.nextDouble();
      text.append(x1)
          .append(',')
          .append(x2)
          .append(',')
          .append(100 + 30 * x1 - 20 * x2)
          .append('\n');
    }
    Files.writeString(table, text);
    Cli run =
        Cli.run(
            "train",
            "--json",
            "--data",
            "csv:" + table,
            "--target",
            "y",
            "--hidden",
            0,
            "--epochs",
            60,
            "--lr",
            0.02,
            "--precision",
            "fp64",
            "--backend",
            "cpu",
            "--out",
            folder.resolve("out"));
    assertEquals(0, run.exitCode(), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    assertTrue(done.get("test_loss").asDouble() < 1e-3, done.toString());
    assertFalse(done.has("test_accuracy"));
  }

  @Test
  void lbfgsTrainsOnAllExamplesAtOnce() throws IOException {
    byte[] first = fullBatch("a");
    assertArrayEquals(first, fullBatch("b"));
    List<String> csv = Files.readAllLines(folder.resolve("a").resolve("metrics.csv"));
    double before = Double.POSITIVE_INFINITY;
    for (String line : csv.subList(1, csv.size())) {
      double loss = Double.parseDouble(line.split(",")[2]);
      assertTrue(loss < before, csv::toString);
      before = loss;
    }
  }

  private byte[] fullBatch(String name) throws IOException {
    Path out = folder.resolve(name);
    String flags = "--optimizer lbfgs:history=5 --hidden 32 --epochs 25 --backend cpu --json";
    Cli run = Cli.run(command(flags + " --out " + out));
    assertEquals(0, run.exitCode(), run.err());
    JsonNode done = JSON.readTree(run.outLines().getLast());
    assertEquals(25, done.get("steps").asInt());
    assertTrue(done.get("test_accuracy").asDouble() > 0.9, done.toString());
    return Files.readAllBytes(out.resolve("model.safetensors"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--no-such-flag | no-such-flag",
        "--epochs 0 | --epochs",
        "--epochs many | --epochs",
        "--batch -3 | --batch",
        "--model rnn | --model",
        "--hidden 12,0 | --hidden",
        "--activation reloo | relu, leaky-relu",
        "--dropout 1 | --dropout",
        "--optimizer adamx | sgd, adam, adamw, lamb",
        "--optimizer adamw:beta3=1 | beta3",
        "--optimizer adamw:beta2 | key=number",
        "--optimizer adamw:beta2=x | beta2",
        "--optimizer adamx | radam, lion, muon",
        "--optimizer adamw:beta3=1 | beta2=0.999 (share of the old second moment",
        "--optimizer adam:beta1=1 | beta1: expected from 0 to 1",
        "--optimizer sgd:nesterov=2 | nesterov: expected 0 or 1",
        "--optimizer sgd:nesterov=1,momentum=0 | momentum > 0",
        "--optimizer muon:iterations=1.5 | whole number",
        "--optimizer lion:eps=1 | beta2=0.99 ",
        "--momentum 0.9 | sgd, rmsprop, muon",
        "--optimizer sgd --momentum 1 | --momentum: expected from 0",
        "--weight-decay -1 | --weight-decay: expected at least 0",
        "--optimizer lamb-nvidia --clip-norm 1 | max-grad-norm",
        "--lr -1 | --lr",
        "--schedule sinus | expected one of: constant, constant-factor",
        "--schedule cosine:top=1 | expected base, total, min",
        "--schedule step | every",
        "--warmup soon | --warmup",
        "--warmup 101% | --warmup",
        "--monitor speed | expected one of: loss, accuracy",
        "--clip-norm 1 --clip-value 1 | choose one",
        "--clip-norm 0 | --clip-norm",
        "--clip-agc 1 --clip-tensor-norm 1 | --clip-tensor-norm and --clip-agc: choose one",
        "--clip-agc -1 | --clip-agc",
        "--loss mse | target is a class",
        "--loss none | cross-entropy, mse",
        "--precision fp8 | expected one of: fp32, tf32, bf16, fp64",
        "--data cifar | idx:DIR",
        "--optimizer lbfgs --batch 32 | --batch",
        "--optimizer lbfgs --lr 0.1 | --lr",
        "--optimizer lbfgs --schedule cosine | --schedule",
        "--optimizer lbfgs --accumulate 2 | --accumulate",
        "--optimizer lbfgs --clip-norm 1 | --clip-norm",
        "--optimizer lbfgs --dropout 0.1 | --dropout",
        "--optimizer lbfgs:history=0 | history",
        "--optimizer lbfgs:history=2.5 | history",
        "--optimizer lbfgs:tolerance=-1 | tolerance",
        "--optimizer lbfgs:memory=10 | memory",
      })
  void wrongFlagsAreNamed(String flags, String expected) {
    Cli run = Cli.run(command(flags));
    assertEquals(2, run.exitCode(), run.err());
    assertTrue(run.err().contains(expected), run.err());
    assertEquals("", run.out());
    assertFalse(run.err().contains("\tat "), run.err());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--schedule step:every=1,factor=0.5 --clip-tensor-norm 1",
        "--schedule one-cycle --warmup 10% --clip-agc 0.1",
        "--schedule plateau:patience=0,factor=0.5,threshold=9,mode=max --monitor accuracy",
      })
  void schedulesAndClippingCanBeChosen(String flags) throws IOException {
    Cli run = Cli.run(command(flags + " --epochs 3 --hidden 8 --backend cpu --out " + folder));
    assertEquals(0, run.exitCode(), run.err());
    assertEquals(flags.contains("--clip"), run.out().contains("gradients are clipped"), run.out());
    if (!flags.contains("one-cycle")) {
      List<String> csv = Files.readAllLines(folder.resolve("metrics.csv"));
      int column = List.of(csv.getFirst().split(",")).indexOf("learning_rate");
      double second = Double.parseDouble(csv.get(2).split(",")[column]);
      double third = Double.parseDouble(csv.get(3).split(",")[column]);
      assertEquals(second / 2, third);
    }
  }

  @Test
  void missingInputIs66AndBadInputIs65() throws IOException {
    Cli missing = Cli.run(command("--data csv:" + folder.resolve("nothing.csv")));
    assertEquals(66, missing.exitCode(), missing.err());
    assertTrue(missing.err().contains("nothing.csv"), missing.err());
    Path ragged = Files.writeString(folder.resolve("ragged.csv"), "a,b,c\n1,2,3\n4,5\n6,7,8\n");
    Cli bad = Cli.run(command("--data csv:" + ragged));
    assertEquals(65, bad.exitCode(), bad.err());
    assertTrue(bad.err().contains("ragged.csv") && bad.err().contains("3"), bad.err());
  }

  @Test
  void anUnavailableBackendIs69AndNoFallback() {
    Cli cuda = Cli.run(command("--backend cuda"));
    assertEquals(69, cuda.exitCode(), cuda.err());
    Cli unknown = Cli.run(command("--backend tpu"));
    assertEquals(69, unknown.exitCode(), unknown.err());
    assertTrue(unknown.err().contains("cpu"), unknown.err());
  }

  @Test
  void aPrecisionThatTheBackendLacksIs69() {
    Cli run = Cli.run(command("--backend cpu --precision bf16 --out " + folder.resolve("none")));
    assertEquals(69, run.exitCode(), run.err());
    assertTrue(run.err().contains("precision bf16 is not available"), run.err());
  }

  @Test
  void divergenceIs1AndNamesParameterAndStep() {
    Cli run =
        Cli.run(
            command("--optimizer sgd --lr 1e30 --schedule constant --epochs 3 --out " + folder));
    assertEquals(1, run.exitCode(), run.err());
    assertTrue(run.err().contains("step ") && run.err().contains("weight"), run.err());
  }

  private static Object[] command(String flags) {
    return ("train " + flags).strip().split(" +");
  }
}
