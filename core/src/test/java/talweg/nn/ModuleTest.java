package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.error.DTypeException;
import talweg.error.ShapeException;
import talweg.error.TalwegException;
import talweg.session.Session;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

class ModuleTest {
  private final Session session = Session.open("reference").seed(3);

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void parametersAndBuffersBearPyTorchsNames() {
    Module model = new Sequential(new Linear(4, 3), new BatchNorm(3), new LayerNorm(3));
    assertEquals(
        List.of(
            "0.weight",
            "0.bias",
            "1.weight",
            "1.bias",
            "1.running_mean",
            "1.running_var",
            "1.num_batches_tracked",
            "2.weight",
            "2.bias"),
        List.copyOf(model.named().keySet()));
    assertTrue(model.named().get("1.running_var").isBuffer());
    assertEquals(4 * 3 + 3 + 3 + 3 + 3 + 3, model.parameterCount());
  }

  @Test
  void aFrozenParameterIsNotTrained() {
    Linear layer = new Linear(4, 3);
    layer.weight().freeze();
    assertEquals(List.of(layer.bias()), layer.trainable());
    layer.init(session, 1);
    assertFalse(layer.weight().value().requiresGrad());
    assertTrue(layer.bias().value().requiresGrad());
  }

  @Test
  void aShapeErrorNamesTheLayerAndALikelyFix() {
    Module model =
        new Sequential(new Linear(4, 3), new Sequential(new Linear(5, 2))).init(session, 1);
    ShapeException error =
        assertThrows(ShapeException.class, () -> model.forward(session.zeros(DType.F32, 7, 4)));
    assertTrue(error.getMessage().contains("in layer \"1.0\""), error.getMessage());
    assertTrue(error.getMessage().contains("did you mean Linear(3, 2)?"), error.getMessage());
  }

  @Test
  void useBeforePlacementSaysWhatToDo() {
    TalwegException error =
        assertThrows(
            TalwegException.class, () -> new Linear(2, 2).forward(session.zeros(DType.F32, 1, 2)));
    assertTrue(error.getMessage().contains("model.init(session"), error.getMessage());
  }

  @Test
  void movingAndCastingKeepTheValues() {
    Module model = new Sequential(new Linear(3, 2), new BatchNorm(2)).init(session, DType.F64, 5);
    model.forward(session.tensor(new double[] {1, 2, 3, 4, 5, 7}, 2, 3));
    double[] weight = values(model, "0.weight");
    double[] mean = values(model, "1.running_mean");
    try (Session other = Session.open("reference")) {
      model.to(other);
      assertEquals(other, model.named().get("0.weight").value().session());
      assertArrayEquals(weight, values(model, "0.weight"));
      assertArrayEquals(mean, values(model, "1.running_mean"));
      model.to(session);
    }
    model.to(DType.F32);
    assertEquals(DType.F32, model.named().get("0.weight").value().dtype());
    assertEquals(DType.I64, model.named().get("1.num_batches_tracked").value().dtype());
    assertEquals(1, values(model, "1.num_batches_tracked")[0]);
    double[] rounded = Arrays.stream(weight).map(v -> (float) v).toArray();
    assertArrayEquals(rounded, values(model, "0.weight"));
    assertArrayEquals(rounded, values(model.to(DType.F64), "0.weight"));
    assertTrue(model.named().get("0.weight").value().requiresGrad());
  }

  @Test
  void movingToWhereItIsChangesNothing() {
    Module model = new Linear(3, 2).init(session, 5);
    Tensor before = model.named().get("weight").value();
    assertSame(before, model.to(session).to(DType.F32).named().get("weight").value());
  }

  @Test
  void aModelIsNotMovedBeforeItHasValues() {
    TalwegException error = assertThrows(TalwegException.class, () -> new Linear(3, 2).to(session));
    assertTrue(error.getMessage().contains("model.init(session"), error.getMessage());
  }

  @Test
  void aModelIsNotCastToATypeWithoutArithmetic() {
    Module model = new Linear(3, 2).init(session, 5);
    assertThrows(DTypeException.class, () -> model.to(DType.BF16));
  }

  private static double[] values(Module model, String parameter) {
    return model.named().get(parameter).value().toDoubles();
  }

  @Test
  void dropoutDropsInTrainingAndPassesInEvaluation() {
    Module dropout = new Dropout(0.25);
    Tensor ones = session.full(DType.F64, 1, 10_000);
    double[] trained = dropout.forward(ones).toDoubles();
    long dropped = Arrays.stream(trained).filter(v -> v == 0).count();
    assertEquals(2500, dropped, 250);
    assertTrue(Arrays.stream(trained).allMatch(v -> v == 0 || Math.abs(v - 4.0 / 3) < 1e-12));
    assertFalse(Arrays.equals(trained, dropout.forward(ones).toDoubles()));
    assertArrayEquals(ones.toDoubles(), dropout.eval().forward(ones).toDoubles());
  }

  @Test
  void batchNormFollowsTheBatchInTrainingAndUsesThatInEvaluation() {
    Module norm = new BatchNorm(1, 1).init(session, DType.F64, 1);
    Tensor x = session.tensor(new double[] {1, 2, 3, 6}, 4, 1);
    norm.forward(x);
    assertEquals(3, norm.named().get("running_mean").value().toDoubles()[0], 1e-12);
    assertEquals(14.0 / 3, norm.named().get("running_var").value().toDoubles()[0], 1e-12);
    assertEquals(1, norm.named().get("num_batches_tracked").value().item());
    double[] y = norm.eval().forward(x).toDoubles();
    assertEquals(3 / Math.sqrt(14.0 / 3 + 1e-5), y[3], 1e-12);
  }

  @Test
  void anEmbeddingPicksRows() {
    Embedding table = new Embedding(5, 2);
    table.init(session, 1);
    float[] rows = table.named().get("weight").value().toFloats();
    Tensor picked = table.forward(session.tensor(new int[] {4, 0, 4}, 3, 1));
    assertEquals("[3, 1, 2]", picked.shape().toString());
    assertArrayEquals(
        new float[] {rows[8], rows[9], rows[0], rows[1], rows[8], rows[9]}, picked.toFloats());
  }
}
