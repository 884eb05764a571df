package talweg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import talweg.error.BackendUnavailableException;
import talweg.error.ClosedScopeException;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.op.RandomKind;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

class ClosedSessionTest {
  @Test
  void everythingSaysThatTheSessionIsClosed() {
    Session session = Session.open("reference");
    Module model = new Linear(2, 1).init(session, 1);
    Optimizer optimizer = Optimizers.sgd(0.1).bind(model);
    Tensor x = session.zeros(DType.F32, 1, 2);
    Scope scope = session.scope("step");
    Tensor inner = session.zeros(DType.F32, 2).requireGrad();
    Tensor loss = inner.sum();
    session.close();

    Map<String, Runnable> uses = new LinkedHashMap<>();
    uses.put("read", x::toFloats);
    uses.put("read of an inner scope", inner::toDoubles);
    uses.put("item", loss::item);
    uses.put("add", () -> x.add(1));
    uses.put("reshape", () -> x.reshape(2));
    uses.put("backward", loss::backward);
    uses.put("assign", () -> x.assign(x));
    uses.put("assign values", () -> x.assign(new double[] {1, 2}));
    uses.put("keep", () -> scope.keep(inner));
    uses.put("forward", () -> model.forward(x));
    uses.put("init", () -> new Linear(2, 1).init(session, 1));
    uses.put("step", optimizer::step);
    uses.put("bind", () -> Optimizers.sgd(0.1).bind(model));
    uses.put("tensor", () -> session.tensor(new float[] {1}, 1));
    uses.put("zeros", () -> session.zeros(DType.F32, 2));
    uses.put("empty", () -> session.emptyIn(session.root(), DType.F32, Shape.SCALAR));
    uses.put("one", () -> session.one(DType.F32));
    uses.put("random", () -> session.random(RandomKind.UNIFORM, DType.F32, 2));
    uses.put("seed", () -> session.seed(1));
    uses.put("scope", session::scope);
    uses.put("noGrad", session::noGrad);
    uses.put("capture", () -> session.capture(() -> {}));
    uses.put("synchronize", session::synchronize);
    uses.put("trimMemory", session::trimMemory);
    uses.forEach((name, use) -> {
      ClosedScopeException e = assertThrows(ClosedScopeException.class, use::run, name);
      assertTrue(e.getMessage().contains("the session is closed"), name + ": " + e.getMessage());
      assertFalse(e.getMessage().contains("keep("), name + ": " + e.getMessage());
    });
  }

  @Test
  void closingTwiceIsHarmless() {
    Session session = Session.open("reference");
    Scope scope = session.scope();
    session.close();
    session.close();
    scope.close();
    assertEquals(0, session.bytesHeld());
  }

  @Test
  void aClosedScopeStillAdvisesToKeep() {
    try (Session session = Session.open("reference")) {
      Tensor[] made = new Tensor[1];
      try (Scope _ = session.scope("inner")) {
        made[0] = session.zeros(DType.F32, 2);
      }
      ClosedScopeException e = assertThrows(ClosedScopeException.class, made[0]::toFloats);
      assertTrue(e.getMessage().contains("scope \"inner\" was closed"), e.getMessage());
      assertTrue(e.getMessage().contains("keep("), e.getMessage());
    }
  }

  /** Its memory went to the parameter's new tensor, and no scope was closed. */
  @Test
  void anOldTensorOfAParameterSaysWhereTheNewOneIs() {
    try (Session session = Session.open("reference")) {
      Module model = new Linear(2, 1).init(session, 1);
      Tensor before = model.named().get("weight").value();
      model.to(DType.F64);
      ClosedScopeException e = assertThrows(ClosedScopeException.class, before::toFloats);
      assertTrue(e.getMessage().contains("parameter.value()"), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "REFERENCE", "Reference:0"})
  void devicesAreNamedInUpperOrLowerCase(String device) {
    try (Session session = Session.open(device)) {
      assertEquals("reference", session.backend().name());
    }
  }

  @Test
  void anUnknownDeviceIsShownAsItWasGiven() {
    BackendUnavailableException e =
        assertThrows(BackendUnavailableException.class, () -> Session.open("GPU"));
    assertTrue(e.getMessage().contains("\"GPU\" is not known"), e.getMessage());
  }
}
