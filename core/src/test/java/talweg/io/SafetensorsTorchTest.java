package talweg.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import talweg.error.DataFormatException;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/** Files that docs/torch_safetensors.py wrote with the packages torch and safetensors. */
class SafetensorsTorchTest {
  @TempDir Path folder;

  @Test
  void aStateDictOfPyTorchLoads() {
    try (Session session = Session.open("reference")) {
      Module model = network().init(session, 0);
      model.load("model.safetensors", resource("model").tensors());
      assertTrue(resource("model").metadata().equals(Map.of("format", "pt")));
      assertEquals(3, model.state().get("1.num_batches_tracked").item());
      Map<String, HostTensor> expected = resource("expected").tensors();
      Tensor x = session.zeros(DType.F32, 5, 3);
      expected.get("x").into(x);
      Tensor y = session.zeros(DType.F32, 5, 2);
      expected.get("y").into(y);
      model.eval();
      assertArrayEquals(y.toFloats(), model.forward(x).toFloats(), 1e-6f);
    }
  }

  @Test
  void whatWasLoadedIsWrittenAndReadAgainBitForBit() {
    Safetensors.Content read = resource("types");
    Path copy = folder.resolve("copy.safetensors");
    Safetensors.write(copy, read.tensors(), read.metadata());
    Safetensors.Content again = Safetensors.read(copy);
    assertEquals(List.copyOf(read.tensors().keySet()), List.copyOf(again.tensors().keySet()));
    read.tensors()
        .forEach((name, tensor) -> {
          HostTensor other = again.tensors().get(name);
          assertEquals(tensor.toString(), other.toString());
          assertEquals(-1, tensor.data().mismatch(other.data()), name);
        });
    assertEquals(Map.of("note", "quotes \" and \u00e9\u4e2d"), again.metadata());
  }

  @Test
  void everyElementTypeIsRead() {
    Map<String, HostTensor> types = resource("types").tensors();
    try (Session session = Session.open("reference")) {
      Map<String, double[]> expected = new LinkedHashMap<>();
      expected.put("f32", new double[] {1.5, -2.25, Double.POSITIVE_INFINITY, Float.MIN_VALUE});
      expected.put("f64", new double[] {0.1, -1e300});
      expected.put("bf16", new double[] {1, -3.140625, 2});
      expected.put("i32", new double[] {Integer.MIN_VALUE, Integer.MAX_VALUE});
      expected.put("u8", new double[] {0, 127, 255});
      expected.put("empty", new double[0]);
      expected.forEach((name, values) -> {
        HostTensor host = types.get(name);
        Tensor tensor = session.empty(host.dtype(), host.shape());
        host.into(tensor);
        assertArrayEquals(values, tensor.toDoubles(), name);
        assertEquals(-1, host.data().mismatch(HostTensor.of(tensor).data()), name);
      });
      assertEquals(Shape.SCALAR, types.get("i64").shape());
      assertEquals(
          (1L << 53) + 1, types.get("i64").data().get(java.lang.foreign.ValueLayout.JAVA_LONG, 0));
    }
  }

  @Test
  void narrowerTypesAreWidenedAndWiderOnesRefused() {
    try (Session session = Session.open("reference")) {
      Module model = network().init(session, DType.F64, 0);
      model.load("model.safetensors", resource("model").tensors());
      HostTensor weight = resource("model").tensors().get("0.weight");
      assertEquals(
          weight.data().getAtIndex(java.lang.foreign.ValueLayout.JAVA_FLOAT, 0),
          model.state().get("0.weight").toDoubles()[0]);
      Module narrow = network().init(session, 0);
      Map<String, HostTensor> wide = NamedTensors.copy(model.state());
      String message =
          assertThrows(DataFormatException.class, () -> narrow.load("wide", wide)).getMessage();
      assertTrue(message.contains("expected \"0.weight\" F32[4, 3], got F64[4, 3]"), message);
    }
  }

  @Test
  void aModelThatDoesNotFitIsDescribedAndNothingIsLost() {
    try (Session session = Session.open("reference")) {
      Module model =
          new Sequential(new Linear(3, 5), new BatchNorm(5), new Linear(5, 2)).init(session, 0);
      float[] before = model.state().get("1.running_mean").toFloats();
      String message =
          assertThrows(
                  DataFormatException.class,
                  () -> model.load("a.safetensors", resource("model").tensors()))
              .getMessage();
      assertTrue(message.startsWith("a.safetensors: does not fit"), message);
      assertTrue(message.contains("missing \"2.weight\" F32[2, 5], \"2.bias\" F32[2]"), message);
      assertTrue(message.contains("unexpected \"3.bias\" F32[2]"), message);
      assertTrue(message.contains("expected \"0.weight\" F32[5, 3], got F32[4, 3]"), message);
      assertTrue(message.contains("and 1 more"), message);
      assertArrayEquals(before, model.state().get("1.running_mean").toFloats());
    }
  }

  private static Module network() {
    return new Sequential(
        new Linear(3, 4), new BatchNorm(4), new Activation(Activation.Kind.RELU), new Linear(4, 2));
  }

  private static Safetensors.Content resource(String name) {
    try {
      String file = name + ".safetensors";
      return Safetensors.read(Path.of(SafetensorsTorchTest.class.getResource(file).toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
