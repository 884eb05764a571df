package talweg.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import talweg.error.TalwegException;
import talweg.optim.Optimizer;
import talweg.optim.OptimizerOptions;
import talweg.optim.Optimizers;
import talweg.optim.ParameterGroup;
import talweg.session.Session;
import talweg.tensor.Tensor;

/** Names tell the parts of a model apart, however it was put together and placed. */
class PartNamesTest {
  private static final List<String> PATHS =
      List.of("1.0.weight", "1.0.bias", "2.0.weight", "2.0.bias");

  private final Session session = Session.open("reference");
  private final Module encoder = new Sequential(new Linear(4, 2));
  private final Module decoder = new Sequential(new Linear(2, 4));

  @AfterEach
  void close() {
    session.close();
  }

  private static List<String> names(Module model) {
    return model.trainable().stream().map(Parameter::name).toList();
  }

  @Test
  void partsThatArePlacedOneByOneHaveFullPaths() {
    Module model = new Sequential(new Flatten(), encoder, decoder);
    assertEquals(PATHS, names(model));
    encoder.init(session, 1);
    decoder.init(session, 2);
    assertEquals(PATHS, names(model));
  }

  @Test
  void partsThatWerePlacedBeforeHaveFullPaths() {
    encoder.init(session, 1);
    decoder.init(session, 2);
    assertEquals(PATHS, names(new Sequential(new Flatten(), encoder, decoder)));
  }

  @Test
  void statesHaveFullPaths() {
    Module model = new Sequential(new Flatten(), encoder, decoder);
    encoder.init(session, 1);
    decoder.init(session, 2);
    Set<String> expected = new LinkedHashSet<>();
    PATHS.forEach(path ->
        List.of("exp_avg", "exp_avg_sq", "step").forEach(s -> expected.add(path + "." + s)));
    Optimizer optimizer = Optimizers.adamW(1e-3).bind(model);
    expected.addAll(List.of("steps.attempted", "steps.applied", "steps.random"));
    assertEquals(expected, optimizer.state().keySet());
    optimizer.close();
    ParameterGroup group = new ParameterGroup(model.trainable(), Optimizers.adamW(1e-3));
    assertEquals(
        expected, Optimizer.bind(List.of(group), OptimizerOptions.DEFAULT).state().keySet());
  }

  /** A part of two models has one name only; its states are called as the model calls it. */
  @Test
  void statesAreNamedAsTheModelSeesThem() {
    Module model = new Sequential(new Flatten(), encoder, decoder).init(session, 1);
    new Sequential(new Flatten(), new Flatten(), encoder);
    assertEquals(List.of("2.0.weight", "2.0.bias"), names(encoder));
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    assertEquals(
        Set.of(
            "1.0.weight.step",
            "1.0.bias.step",
            "2.0.weight.step",
            "2.0.bias.step",
            "steps.attempted",
            "steps.applied",
            "steps.random"),
        optimizer.state().keySet());
  }

  @Test
  void statesThatCannotBeToldApartAreRefused() {
    encoder.init(session, 1);
    decoder.init(session, 2);
    List<ParameterGroup> groups =
        List.of(
            new ParameterGroup(encoder.trainable(), Optimizers.sgd(0.1)),
            new ParameterGroup(decoder.trainable(), Optimizers.sgd(0.1)));
    Optimizer both = Optimizer.bind(groups, OptimizerOptions.DEFAULT);
    String message = assertThrows(TalwegException.class, both::state).getMessage();
    assertTrue(message.contains("have the name \"0.weight\""), message);
    assertTrue(message.contains("children of one module"), message);
  }

  private static class Holder extends Module {
    Holder with(String name, Module inner) {
      child(name, inner);
      return this;
    }

    void tied(Parameter shared) {
      tie("tied", shared);
    }

    @Override
    protected Tensor compute(Tensor x) {
      return x;
    }
  }

  @Test
  void whatIsNoPartIsRefused() {
    Holder outer = new Holder();
    Holder inner = new Holder().with("leaf", new Linear(1, 1));
    outer.with("inner", inner);
    assertEquals(
        "Holder: child \"a\": expected a value, got null", refusal(() -> outer.with("a", null)));
    assertEquals(
        "Holder: parameter \"tied\": expected a value, got null", refusal(() -> outer.tied(null)));
    assertEquals(
        "Holder: child \"x\": expected a module that does not have this one inside, got the module"
            + " itself",
        refusal(() -> outer.with("x", outer)));
    assertEquals(
        "Holder: child \"x\": expected a module that does not have this one inside, got one of type"
            + " Holder",
        refusal(() -> inner.with("x", outer)));
    assertEquals(List.of("inner.leaf.weight", "inner.leaf.bias"), names(outer));
  }

  private static String refusal(Runnable wrong) {
    return assertThrows(IllegalArgumentException.class, wrong::run).getMessage();
  }
}
