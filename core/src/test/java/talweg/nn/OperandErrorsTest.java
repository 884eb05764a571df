package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import talweg.error.DTypeException;
import talweg.error.OperandException;
import talweg.error.ShapeException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** What layers and losses say to operands of a wrong type or shape. */
class OperandErrorsTest {
  private final Session session = Session.open("reference");

  @AfterEach
  void close() {
    session.close();
  }

  static Stream<Arguments> layers() {
    return Stream.of(
        layer("linear", () -> new Linear(4, 3), 2, 4),
        layer("linear", () -> new Linear(4, 3, false), 2, 4),
        layer("linear", () -> new Linear(4, 3), 2, 5, 4),
        layer("conv2d", () -> new Conv2d(1, 2, 2), 1, 1, 3, 3),
        layer("batch_norm", () -> new BatchNorm(4), 2, 4),
        layer("batch_norm", () -> new BatchNorm(4).eval(), 2, 4),
        layer("layer_norm", () -> new LayerNorm(4), 2, 4));
  }

  private static Arguments layer(String operation, Supplier<Module> make, int... input) {
    return Arguments.of(operation, make, input);
  }

  @ParameterizedTest
  @MethodSource("layers")
  void aLayerRefusesInputsOfAnotherType(String operation, Supplier<Module> make, int[] input) {
    for (DType own : new DType[] {DType.F32, DType.F64}) {
      Module inner = new Sequential(new Flatten(), make.get());
      Module model = new Sequential(make.get(), inner).init(session, own, 1);
      for (DType other : DType.values()) {
        Tensor x = session.zeros(other, input);
        if (other == own) {
          make.get().init(session, own, 1).forward(x);
          continue;
        }
        DTypeException e = assertThrows(DTypeException.class, () -> model.forward(x));
        String message = e.getMessage();
        assertTrue(message.startsWith(operation + ": expected x in " + own), message);
        assertTrue(message.contains("got tensor " + other), message);
        assertTrue(message.contains("cast it with x.to(DType." + own + ")"), message);
        assertTrue(message.endsWith("(in layer \"0\")"), message);
      }
    }
  }

  @Test
  void theLayersOfAFusedActivationAreNamed() {
    Module model =
        new Sequential(new Sequential(new Linear(4, 3), new Activation(Activation.Kind.RELU)))
            .init(session, 1);
    DTypeException e =
        assertThrows(DTypeException.class, () -> model.forward(session.zeros(DType.F64, 2, 4)));
    assertEquals(
        "linear: expected x in F32, as weight is, got tensor F64[2, 4]; cast it with"
            + " x.to(DType.F32) (in layer \"0.0\")",
        e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"I32", "I64"},
      mode = EnumSource.Mode.EXCLUDE)
  void anEmbeddingAsksForAnIndex(DType dtype) {
    Module model = new Sequential(new Embedding(5, 2)).init(session, 1);
    DTypeException e =
        assertThrows(DTypeException.class, () -> model.forward(session.zeros(dtype, 3)));
    assertTrue(e.getMessage().contains("index.to(DType.I32) (in layer \"0\")"), e.getMessage());
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F64"},
      mode = EnumSource.Mode.EXCLUDE)
  void dropoutAndPoolingAskForNumbers(DType dtype) {
    Tensor x = session.zeros(dtype, 1, 1, 2, 2);
    for (Module layer :
        new Module[] {new Dropout(0.5), new Dropout(0), new MaxPool2d(2), new AvgPool2d(2)}) {
      OperandException e =
          assertThrows(DTypeException.class, () -> new Sequential(layer).forward(x));
      assertTrue(e.getMessage().contains("x.to(DType.F32) (in layer \"0\")"), e.getMessage());
    }
  }

  @Test
  void lossesNameWhatToCast() {
    Tensor x = session.zeros(DType.F32, 2, 3);
    Tensor wide = session.zeros(DType.F64, 2, 3);
    Tensor whole = session.zeros(DType.I32, 2, 3);
    refused("mse: expected target in F32", "target.to(DType.F32)", () -> mse(x, wide));
    refused("mse: expected target in F64", "target.to(DType.F64)", () -> mse(wide, x));
    refused("mse: expected target in F32", "target.to(DType.F32)", () -> mse(x, whole));
    refused("mse: expected prediction in F32 or F64", "prediction.to", () -> mse(whole, whole));
    refused(
        "cross_entropy: expected target in I32 or I64",
        "target.to(DType.I32)",
        () -> Losses.crossEntropy(x, session.zeros(DType.F32, 2)));
    refused(
        "cross_entropy: expected target in F32",
        "target.to(DType.F32)",
        () -> Losses.crossEntropy(x, wide));
    refused(
        "cross_entropy: expected logits in F32 or F64",
        "logits.to(DType.F32)",
        () -> Losses.crossEntropy(whole, session.zeros(DType.I32, 2)));
    refused(
        "nll: expected target in I32 or I64",
        "target.to(DType.I32)",
        () -> Losses.nll(x, session.zeros(DType.F32, 2), Reduction.MEAN));
    refused(
        "bce_with_logits: expected positiveWeight in F32",
        "positiveWeight.to(DType.F32)",
        () -> Losses.bceWithLogits(x, x, wide, Reduction.MEAN));
  }

  private static Tensor mse(Tensor x, Tensor y) {
    return Losses.mse(x, y, Reduction.MEAN);
  }

  @Test
  void labelsOfAnotherShapeGetAdvice() {
    Tensor x = session.zeros(DType.F32, 2, 3);
    ShapeException column =
        assertThrows(
            ShapeException.class, () -> Losses.crossEntropy(x, session.zeros(DType.I32, 2, 1)));
    assertTrue(column.getMessage().contains("target.reshape(2)"), column.getMessage());
    ShapeException hot =
        assertThrows(
            ShapeException.class, () -> Losses.crossEntropy(x, session.zeros(DType.I32, 2, 3)));
    assertTrue(hot.getMessage().contains("argmax(1)"), hot.getMessage());
    ShapeException other =
        assertThrows(
            ShapeException.class, () -> Losses.crossEntropy(x, session.zeros(DType.F32, 4, 3)));
    assertTrue(other.getMessage().contains("class indices I32[2]"), other.getMessage());
    assertTrue(other.getMessage().contains("probabilities F32[2, 3]"), other.getMessage());
    ShapeException log = assertThrows(ShapeException.class, () -> Losses.nll(x, x, Reduction.MEAN));
    assertTrue(!log.getMessage().contains("probabilities F32"), log.getMessage());
    assertThrows(
        ShapeException.class,
        () -> Losses.crossEntropy(session.zeros(DType.F32, 2), session.zeros(DType.I32, 2)));
  }

  private static void refused(String begin, String advice, Runnable call) {
    DTypeException e = assertThrows(DTypeException.class, call::run);
    assertTrue(e.getMessage().startsWith(begin), e.getMessage());
    assertTrue(e.getMessage().contains(advice), e.getMessage());
  }

  @Test
  void imagesInFrontOfALinearLayerNeedFlatten() {
    Module model = new Sequential(new Linear(16, 2)).init(session, 1);
    for (int[] images : new int[][] {{3, 4, 4}, {3, 1, 4, 4}, {3, 4, 2, 2}}) {
      ShapeException e =
          assertThrows(ShapeException.class, () -> model.forward(session.zeros(DType.F32, images)));
      assertTrue(e.getMessage().contains("put new Flatten() in front"), e.getMessage());
      assertTrue(e.getMessage().contains("[3, 16]"), e.getMessage());
      Module flat = new Sequential(new Flatten(), new Linear(16, 2)).init(session, 1);
      flat.forward(session.zeros(DType.F32, images));
    }
    for (int[] others : new int[][] {{3, 5}, {3, 4, 5}, {3, 2, 8, 4}}) {
      ShapeException e =
          assertThrows(ShapeException.class, () -> model.forward(session.zeros(DType.F32, others)));
      String hint = "did you mean Linear(%d, 2)?".formatted(others[others.length - 1]);
      assertTrue(e.getMessage().contains(hint), e.getMessage());
    }
  }

  @Test
  void grayImagesInFrontOfAConvolutionNeedAnAxisForTheChannel() {
    Module model = new Sequential(new Conv2d(1, 2, 3)).init(session, 1);
    Tensor gray = session.zeros(DType.F32, 5, 4, 6);
    ShapeException e = assertThrows(ShapeException.class, () -> model.forward(gray));
    assertTrue(e.getMessage().contains("put new Unflatten(1, 4, 6) in front"), e.getMessage());
    new Sequential(new Unflatten(1, 4, 6), new Conv2d(1, 2, 3)).init(session, 1).forward(gray);
    Tensor flat = session.zeros(DType.F32, 5, 24);
    ShapeException f = assertThrows(ShapeException.class, () -> model.forward(flat));
    assertTrue(f.getMessage().contains("new Unflatten(channels, height, width)"), f.getMessage());
  }
}
