package talweg.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.error.ShapeException;
import talweg.nn.LayerNorm;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Parameter;
import talweg.nn.Sequential;
import talweg.reference.ReferenceBackend;
import talweg.session.Session;
import talweg.tensor.DType;

class ParameterGroupTest {
  private final Session session = new Session(new ReferenceBackend());
  private final Module model =
      new Sequential(new Linear(3, 4), new LayerNorm(4), new Linear(4, 2))
          .init(session, DType.F64, 1);

  @AfterEach
  void close() {
    session.close();
  }

  /** With gradients of zero only the decay moves weights. */
  @Test
  void onlyMatricesDecay() {
    List<ParameterGroup> groups =
        ParameterGroup.decayMatricesOnly(
            model, Optimizers.adamW(0.9, 0.999, 1e-8, 0.5, false).rate(0.1));
    assertEquals(List.of("0.weight", "2.weight"), names(groups.get(0)));
    assertEquals(List.of("0.bias", "1.weight", "1.bias", "2.bias"), names(groups.get(1)));
    Optimizer optimizer = Optimizer.bind(groups, OptimizerOptions.DEFAULT);
    double[] matrix = values("2.weight");
    double[] scale = values("1.weight");
    model.trainable().forEach(p -> p.value().mul(0).sum().backward());
    optimizer.step();
    assertArrayEquals(
        Arrays.stream(matrix).map(w -> w * 0.95).toArray(), values("2.weight"), 1e-15);
    assertArrayEquals(scale, values("1.weight"));
  }

  @Test
  void anEmptyGroupIsLeftOut() {
    OptimizerSpec sgd = Optimizers.sgd(0.1);
    assertEquals(1, ParameterGroup.split(model, _ -> true, sgd, sgd).size());
    assertEquals(1, ParameterGroup.split(model, _ -> false, sgd, sgd).size());
  }

  @Test
  void withoutDecayIsTheSameOptimizerOtherwise() {
    assertEquals(
        Optimizers.adamW(0.8, 0.9, 1e-7, 0, true).rate(0.2),
        Optimizers.adamW(0.8, 0.9, 1e-7, 0.3, true).rate(0.2).withoutDecay());
  }

  @Test
  void muonTakesMatricesOnly() {
    OptimizerSpec muon = Optimizers.muon(0.02);
    String message = assertThrows(ShapeException.class, () -> muon.bind(model)).getMessage();
    assertTrue(message.contains("\"0.bias\"") && message.contains("matrices"), message);
    List<ParameterGroup> groups = ParameterGroup.matrices(model, muon, Optimizers.adamW(0.01));
    assertEquals(List.of("muon", "adamw"), groups.stream().map(g -> g.optimizer().name()).toList());
    Optimizer.bind(groups, OptimizerOptions.DEFAULT);
  }

  @Test
  void oneStateServesOneLink() {
    List<GradientTransform> twice =
        List.of(
            new GradientTransform.Momentum(0.9, 0, false),
            new GradientTransform.Momentum(0.5, 0, false));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new OptimizerSpec("double", twice, new Schedule.Constant(1)))
            .getMessage();
    assertTrue(message.contains("momentum_buffer"), message);
  }

  private double[] values(String name) {
    return model.named().get(name).value().toDoubles();
  }

  private static List<String> names(ParameterGroup group) {
    return group.parameters().stream().map(Parameter::name).toList();
  }
}
