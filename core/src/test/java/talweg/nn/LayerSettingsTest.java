package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static talweg.check.BadValues.atLeast;
import static talweg.check.BadValues.decay;
import static talweg.check.BadValues.fraction;
import static talweg.check.BadValues.notNegative;
import static talweg.check.BadValues.positive;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.check.BadValues;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Size2d;
import talweg.tensor.Tensor;

/** Sizes, settings and names of layers are checked where they are given. */
class LayerSettingsTest {
  private final Session session = Session.open("reference");

  @AfterEach
  void close() {
    session.close();
  }

  static Stream<BadValues> sizes() {
    return Stream.of(
        atLeast("Linear", 1, v -> new Linear((int) v, 2)),
        atLeast("Linear", 1, v -> new Linear(2, (int) v)),
        atLeast("Embedding", 1, v -> new Embedding((int) v, 2)),
        atLeast("Embedding", 1, v -> new Embedding(2, (int) v)),
        atLeast("BatchNorm", 1, v -> new BatchNorm((int) v)),
        atLeast("Conv2d", 1, v -> new Conv2d((int) v, 2, 1)),
        atLeast("Conv2d", 1, v -> new Conv2d(2, (int) v, 1)),
        atLeast("kernel", 1, v -> new Conv2d(1, 1, (int) v)),
        atLeast("stride", 1, v -> new Conv2d(1, 1, 1, (int) v, 0)),
        atLeast("padding", 0, v -> new Conv2d(1, 1, 1, 1, (int) v)),
        atLeast("kernel", 1, v -> new MaxPool2d((int) v)),
        atLeast("kernel", 1, v -> new AvgPool2d((int) v)),
        atLeast("stride", 1, v -> pool(2, (int) v, 0)),
        atLeast("padding", 0, v -> pool(2, 1, (int) v)));
  }

  private static Module pool(int kernel, int stride, int padding) {
    return new MaxPool2d(Size2d.of(kernel), Size2d.of(stride), Size2d.of(padding));
  }

  @ParameterizedTest
  @MethodSource("sizes")
  void sizesOutOfRangeAreRefused(BadValues values) {
    values.check(ShapeException.class);
  }

  static Stream<BadValues> settings() {
    return Stream.of(
        decay("Dropout: probability", Dropout::new),
        fraction("BatchNorm: momentum", v -> new BatchNorm(1, v)),
        notNegative("normal init: standard deviation", v -> Init.normal(0, v)));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void settingsOutOfRangeAreRefused(BadValues values) {
    values.check(IllegalArgumentException.class);
  }

  @Test
  void functionsCheckTheirSettings() {
    Tensor x = session.full(DType.F64, 0.5, 2, 2);
    Tensor classes = session.tensor(new int[] {0, 1}, 2);
    Tensor keep = session.full(DType.U8, 1, 2, 2);
    Tensor one = session.full(DType.F64, 1, 2);
    Stream.of(
            decay("dropout: probability", v -> Functional.dropout(x, v)),
            decay("dropout: probability", v -> Functional.dropout(x, keep, v)),
            notNegative("layer_norm: eps", v -> Functional.layerNorm(x, 1, one, one, v)),
            fraction(
                "batch_norm: momentum",
                v -> Functional.batchNormTrain(x, one, one, null, null, v, 0)),
            notNegative(
                "batch_norm: eps", v -> Functional.batchNormTrain(x, one, one, null, null, 0, v)),
            notNegative("batch_norm: eps", v -> Functional.batchNormEval(x, one, one, one, one, v)),
            fraction(
                "cross_entropy: label smoothing",
                v -> Losses.crossEntropy(x, classes, v, Reduction.MEAN)),
            positive("huber: delta", v -> Losses.huber(x, x, v, Reduction.MEAN)),
            notNegative("smooth_l1: beta", v -> Losses.smoothL1(x, x, v, Reduction.MEAN)))
        .forEach(values -> values.check(IllegalArgumentException.class));
  }

  @Test
  void shapesWithoutElementsAreRefused() {
    assertThrows(ShapeException.class, LayerNorm::new);
    assertThrows(ShapeException.class, () -> new LayerNorm(3, 0));
    assertThrows(ShapeException.class, () -> new Unflatten(1, 0, 2));
    assertThrows(IllegalArgumentException.class, () -> Init.uniform(1, 0));
    assertThrows(IllegalArgumentException.class, () -> Init.uniform(0, Double.NaN));
    assertThrows(ShapeException.class, () -> new Conv2d(Integer.MAX_VALUE, 1, 3));
    assertThrows(DTypeException.class, () -> new Linear(1, 1).init(session, DType.BF16, 1));
  }

  /** A module whose parts have the given names. */
  private static final class Parts extends Module {
    Parts part(String name) {
      parameter(name, Shape.of(1), Init.zeros());
      return this;
    }

    Parts with(String name, Module child) {
      child(name, child);
      return this;
    }

    Parts tied(String name, Parameter shared) {
      tie(name, shared);
      return this;
    }

    Parts kept(String name) {
      buffer(name, Shape.of(1), 0);
      return this;
    }

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  @Test
  void aNameIsGivenOnce() {
    Linear layer = new Linear(1, 1);
    Stream.<Runnable>of(
            () -> new Parts().with("a", layer).with("a", new Linear(2, 2)),
            () -> new Parts().with("a", layer).with("a", layer),
            () -> new Parts().with("a", layer).part("a"),
            () -> new Parts().part("a").with("a", layer),
            () -> new Parts().part("a").part("a"),
            () -> new Parts().part("a").kept("a"),
            () -> new Parts().part("a").tied("a", layer.weight()),
            () -> new Parts().tied("a", layer.weight()).part("a"))
        .forEach(declaration -> {
          IllegalArgumentException e =
              assertThrows(IllegalArgumentException.class, declaration::run);
          assertTrue(e.getMessage().contains("Parts: "), e.getMessage());
          assertTrue(e.getMessage().contains("\"a\" twice"), e.getMessage());
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "a.b", ".a", "a."})
  void aNameIsOnePartOfAPath(String name) {
    Linear layer = new Linear(1, 1);
    Stream.<Runnable>of(
            () -> new Parts().with(name, layer),
            () -> new Parts().part(name),
            () -> new Parts().kept(name),
            () -> new Parts().tied(name, layer.weight()))
        .forEach(declaration -> {
          IllegalArgumentException e =
              assertThrows(IllegalArgumentException.class, declaration::run);
          assertTrue(e.getMessage().contains("\"" + name + "\""), e.getMessage());
        });
  }

  @Test
  void oneModuleUnderTwoNamesSharesItsWeights() {
    Linear layer = new Linear(2, 2);
    Module model = new Sequential(layer, layer).init(session, 1);
    assertEquals(List.of("0.weight", "0.bias"), List.copyOf(model.named().keySet()));
    Tensor x = session.tensor(new float[] {1, -2}, 1, 2);
    float[] twice = layer.forward(layer.forward(x)).toFloats();
    assertEquals(twice[0], model.forward(x).toFloats()[0]);
    model.forward(x).sum().backward();
    assertSame(layer.weight(), model.named().get("0.weight"));
  }
}
