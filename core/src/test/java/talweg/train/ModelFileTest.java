package talweg.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import talweg.data.SplitRule;
import talweg.error.DataFormatException;
import talweg.io.NamedTensors;
import talweg.io.Safetensors;
import talweg.nn.Activation;
import talweg.nn.LayerSpec;
import talweg.nn.Module;
import talweg.nn.NetworkSpec;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class ModelFileTest {
  private static final ModelCard CARD =
      new ModelCard(
          new NetworkSpec(
              List.of(
                  new LayerSpec.Unflatten(List.of(1, 6, 6)),
                  new LayerSpec.Conv2d(1, 2, 3, 1, 1),
                  new LayerSpec.Activation(Activation.Kind.GELU_TANH),
                  new LayerSpec.MaxPool2d(2),
                  new LayerSpec.Flatten(),
                  new LayerSpec.Dropout(0.25),
                  new LayerSpec.Linear(18, 3))),
          List.of(6, 6),
          "cross-entropy",
          List.of("cat", "dog", "\"<owl>\""),
          List.of(),
          "images:zoo",
          -5,
          new DataParts(SplitRule.stratified(0.7, 0.3, 0), "", "images:zoo2"),
          null);

  @TempDir Path folder;

  @Test
  void aModelComesBackAsItWasWritten() {
    Path file = folder.resolve("m.safetensors");
    float[] expected;
    try (Session session = Session.open("reference")) {
      Module model = CARD.network().build().init(session, 3).eval();
      expected = model.forward(input(session)).toFloats();
      ModelFile.write(file, NamedTensors.copy(model.state()), CARD, Map.of("talweg.version", "x"));
    }
    try (Session session = Session.open("reference")) {
      ModelFile read = ModelFile.read(file);
      assertEquals(CARD, read.card());
      assertArrayEquals(expected, read.open(session).forward(input(session)).toFloats());
    }
  }

  @Test
  void doublePrecisionIsKept() {
    Path file = folder.resolve("m.safetensors");
    try (Session session = Session.open("reference")) {
      Module model = CARD.network().build().init(session, DType.F64, 3);
      ModelFile.write(file, NamedTensors.copy(model.state()), CARD, Map.of());
      Module read = ModelFile.read(file).open(session);
      assertEquals(DType.F64, read.trainable().getFirst().value().dtype());
    }
  }

  @Test
  void aFileOfAnotherToolSaysThatTheDescriptionIsMissing() {
    Path file = folder.resolve("m.safetensors");
    try (Session session = Session.open("reference")) {
      Module model = CARD.network().build().init(session, 3);
      Safetensors.write(file, NamedTensors.copy(model.state()), Map.of("format", "pt"));
    }
    DataFormatException e = assertThrows(DataFormatException.class, () -> ModelFile.read(file));
    assertTrue(e.getMessage().contains("m.safetensors: expected metadata"), e.getMessage());
  }

  /** As the first version wrote it, which knew two parts: 80 % to train on, 20 % to test on. */
  @Test
  void aDescriptionWithoutASplitMeansTwoParts() {
    String json = CARD.toJson();
    int at = json.indexOf(",\"split\":{");
    String old = json.substring(0, at) + json.substring(json.indexOf('}', at) + 1);
    ModelCard card = ModelCard.read("m", Map.of(ModelCard.KEY, old));
    assertEquals(DataParts.of(SplitRule.withoutValidation()), card.parts());
    assertEquals(CARD.network(), card.network());
    for (SplitRule rule : List.of(SplitRule.standard(), SplitRule.fractions(0.7, 0.2, 0.1))) {
      ModelCard other =
          new ModelCard(
              CARD.network(),
              CARD.input(),
              CARD.objective(),
              CARD.classes(),
              CARD.targets(),
              CARD.data(),
              CARD.seed(),
              DataParts.of(rule),
              null);
      assertEquals(other, ModelCard.read("m", Map.of(ModelCard.KEY, other.toJson())));
    }
  }

  /** What a description may not say; each is found before anything of its size is allocated. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"version\":2 | \"version\":3 | newer Talweg",
        "\"version\":2 | \"version\":0 | version",
        "\"version\":2 | \"version\":2,\"version\":2 | not valid JSON",
        "\"version\":2 | \"version\":2,\"extra\":1 | \"extra\"",
        "\"linear\" | \"java.lang.Runtime\" | linear, activation",
        "\"linear\" | 7 | a text",
        "\"in\":18 | \"in\":0 | \"in\"",
        "\"in\":18 | \"in\":2147483647 | parameter \"6.weight\"",
        "\"out\":3 | \"out\":3000000000 | \"out\"",
        "\"in\":18 | \"in\":17 | expected shape [3, 17]",
        "\"p\":0.25 | \"p\":1 | \"p\"",
        "\"p\":0.25 | \"p\":\"NaN\" | \"p\"",
        "\"gelu-tanh\" | \"reloo\" | a known activation",
        "\"kernel\":3 | \"kernel\":99999 | \"kernel\"",
        "\"layer\":\"conv2d\",\"in\":1 | \"layer\":\"conv2d\",\"in\":2147483647 | cannot be",
        "\"padding\":1 | \"padding\":16384 | nothing but padding",
        "\"stride\":1 | \"stride\":16384 | layer 3",
        "\"kernel\":2 | \"kernel\":16384 | does not fit into images",
        "[1,6,6] | [1,6,7] | as many values as [1, 6, 7]",
        "[1,6,6] | [36] | height, width",
        "\"input\":[6,6] | \"input\":[99999,3,24,17] | cannot take examples of shape",
        "\"input\":[6,6] | \"input\":[2147483647,2147483647,2147483647] | cannot take examples",
        "\"cat\",\"dog\" | \"cat\" | names 2 classes",
        "\"cat\",\"dog\" | \"cat\",\"dog\",\"cow\" | names 4 classes",
        "\"input\":[6,6] | \"input\":[6,-6] | \"input\"",
        "\"input\":[6,6] | \"input\":6 | an array",
        "cross-entropy | mse | a loss that fits",
        "cross-entropy | softmax | a known loss",
        "\"cat\",\"dog\" | \"cat\",\"cat\" | different names",
        "\"seed\":-5 | \"seed\":1e99 | a whole number",
        "\"data\" | \"daten\" | a field \"data\"",
        "[0.7,0.3,0.0] | [0.7,0.2,0.0] | fractions that add up to 1",
        "[0.7,0.3,0.0] | [1.0] | two or three of them",
        "[0.7,0.3,0.0] | \"70/30\" | an array",
        "\"stratified\":true | \"stratified\":1 | true or false",
        "\"test_data\" | \"tests\" | a field \"test_data\"",
        "} | \0 | not valid JSON",
      })
  void aDescriptionIsNotTrusted(String from, String to, String expected) {
    String json = CARD.toJson();
    String altered =
        to.equals("\0")
            ? json.substring(0, json.length() - 1)
            : json.replace(from.strip(), to.strip());
    assertTrue(!altered.equals(json), json);
    try (Session session = Session.open("reference")) {
      Module model = CARD.network().build().init(session, 3);
      var tensors = NamedTensors.copy(model.state());
      long held = session.bytesHeld();
      DataFormatException e =
          assertThrows(
              DataFormatException.class,
              () ->
                  new ModelFile("m", ModelCard.read("m", Map.of(ModelCard.KEY, altered)), tensors)
                      .open(session));
      assertTrue(e.getMessage().contains(expected.strip()), e.getMessage());
      assertEquals(held, session.bytesHeld());
    }
  }

  /** As another tool wrote it: halves, and tensors of types that a network has not. */
  @Test
  void otherToolsMayHaveConvertedTheParameters() throws IOException {
    Path file = folder.resolve("m.safetensors");
    try (Session session = Session.open("reference")) {
      NetworkSpec network = new NetworkSpec(List.of(new LayerSpec.Linear(2, 1)));
      String card =
          new ModelCard(
                  network,
                  List.of(2),
                  "mse",
                  List.of(),
                  List.of("y"),
                  "csv:t",
                  1,
                  DataParts.of(SplitRule.standard()),
                  null)
              .toJson()
              .replace("\"", "\\\"");
      String header = "{\"__metadata__\":{\"talweg.model\":\"%s\"},%s}";
      String weight = "\"0.weight\":{\"dtype\":\"F16\",\"shape\":[1,2],\"data_offsets\":[0,4]}";
      String bias = ",\"0.bias\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[4,6]}";
      short[] halves = {Float.floatToFloat16(0.5f), Float.floatToFloat16(-2), 0x6400};
      write(file, header.formatted(card, weight + bias), halves);
      Module read = ModelFile.read(file).open(session);
      assertArrayEquals(new float[] {0.5f, -2}, read.named().get("0.weight").value().toFloats());
      assertArrayEquals(new float[] {1024}, read.named().get("0.bias").value().toFloats());

      String flag = ",\"flag\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[6,8]}";
      write(file, header.formatted(card, weight + bias + flag), Arrays.copyOf(halves, 4));
      DataFormatException e = assertThrows(DataFormatException.class, () -> ModelFile.read(file));
      assertTrue(e.getMessage().contains("\"flag\" BOOL[2] is not one of"), e.getMessage());

      String wrong = bias.replace("F16", "I16");
      write(file, header.formatted(card, weight + wrong), halves);
      e = assertThrows(DataFormatException.class, () -> ModelFile.read(file));
      assertTrue(e.getMessage().contains("\"0.bias\" I16[1] has an element type"), e.getMessage());
    }
  }

  private static void write(Path file, String header, short... data) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + 2 * data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    for (short value : data) {
      bytes.putShort(value);
    }
    Files.write(file, bytes.array());
  }

  /** One byte of the name under which the sum is found makes it no file without one. */
  @Test
  void aDamagedNameOfTheSumIsNotOverlooked() throws IOException {
    Path file = folder.resolve("m.safetensors");
    try (Session session = Session.open("reference")) {
      Module model = CARD.network().build().init(session, 3);
      ModelFile.write(file, NamedTensors.copy(model.state()), CARD, Map.of("talweg.version", "1"));
    }
    byte[] good = Files.readAllBytes(file);
    String name = "talweg.sha256";
    int at = new String(good, StandardCharsets.ISO_8859_1).indexOf(name);
    for (int i = 0; i < name.length(); i++) {
      byte[] bad = good.clone();
      bad[at + i] = 'D';
      Files.write(file, bad);
      DataFormatException e = assertThrows(DataFormatException.class, () -> ModelFile.read(file));
      assertTrue(e.getMessage().contains("expected talweg.sha256"), e.getMessage());
    }
  }

  private static Tensor input(Session session) {
    float[] x = new float[36];
    for (int i = 0; i < x.length; i++) {
      x[i] = (float) Math.sin(i);
    }
    return session.tensor(x, 1, 6, 6);
  }
}
