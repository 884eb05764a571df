package talweg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import talweg.error.OutOfMemoryException;
import talweg.nn.Linear;
import talweg.nn.Losses;
import talweg.nn.Module;
import talweg.op.RandomKind;
import talweg.spi.Backend;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** A loop without a scope ends in a sentence that counts its tensors and names the place. */
class UnscopedTensorsTest {
  private static final long LIMIT = 1 << 20;

  @Test
  void aLoopWithoutAScopeIsNamed() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      Module model = new Linear(4, 3).init(session, 1);
      OutOfMemoryException e =
          assertThrows(OutOfMemoryException.class, () -> train(session, model));
      String message = e.getMessage();
      assertTrue(message.matches("(?s).*; [0-9,]{5,} tensors were made outside.*"), message);
      assertTrue(message.contains(" called from UnscopedTensorsTest.java:"), message);
      assertTrue(message.contains("open a scope for each step: try (Scope step ="), message);
    }
  }

  private static void train(Session session, Module model) {
    while (true) {
      Tensor x = session.zeros(DType.F32, 8, 4);
      Losses.crossEntropy(model.forward(x), session.tensor(new int[8], 8)).backward();
    }
  }

  /** The place that makes most tensors is shown, whatever the others in the loop are. */
  @Test
  void thePlaceThatMakesMostIsShown() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      Tensor x = session.zeros(DType.F32, 8);
      OutOfMemoryException e =
          assertThrows(
              OutOfMemoryException.class,
              () -> {
                while (true) {
                  x.exp();
                  for (int i = 0; i < 31; i++) {
                    session.zeros(DType.F32, 8);
                  }
                }
              });
      assertTrue(e.getMessage().contains("most often by Session.zeros called"), e.getMessage());
    }
  }

  /** Scoped steps are none, however many they are; nor are tensors with names. */
  @Test
  void soundProgramsAreNotSuspected() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      for (int i = 0; i < 2 * UnscopedTensors.USUAL; i++) {
        session.zeros(DType.F32, 8).named("parameter " + i);
        try (Scope _ = session.scope("step")) {
          session.zeros(DType.F32, 8);
        }
      }
      OutOfMemoryException e =
          assertThrows(OutOfMemoryException.class, () -> session.zeros(DType.F64, (int) LIMIT / 8));
      assertFalse(e.getMessage().contains("outside"), e.getMessage());
      assertTrue(e.getMessage().contains("smaller batches"), e.getMessage());
    }
  }

  @Test
  void tensorsThatWereKeptOutOfTheirScopeCountToo() {
    try (Session session = new Session(Backends.open("reference"), LIMIT)) {
      OutOfMemoryException e =
          assertThrows(
              OutOfMemoryException.class,
              () -> {
                while (true) {
                  session.scoped(() -> session.zeros(DType.F32, 100));
                }
              });
      assertTrue(e.getMessage().contains("tensors were made outside"), e.getMessage());
    }
  }

  /** What the JVM throws has the same text, be it thrown by an allocation or in an operation. */
  @Test
  void theJvmsOwnErrorSaysTheSame() {
    for (String method : new String[] {"allocate", "unary"}) {
      boolean[] full = {false};
      try (Session session = new Session(failing(name -> full[0] && name.equals(method)))) {
        Tensor x = session.zeros(DType.F32, 1000);
        for (int i = 0; i < 2 * UnscopedTensors.USUAL; i++) {
          x.add(1);
        }
        full[0] = true;
        OutOfMemoryException e = assertThrows(OutOfMemoryException.class, x::exp);
        assertTrue(e.getMessage().contains("Java heap space"), e.getMessage());
        assertTrue(e.getMessage().contains("tensors were made outside"), e.getMessage());
        assertTrue(e.getMessage().contains("largest holders: affine in scope"), e.getMessage());
        assertInstanceOf(OutOfMemoryError.class, e.getCause());
        full[0] = false;
        assertEquals(1, x.exp().toFloats()[0]);
      }
    }
  }

  /** Also where no operation is computed, and where there is no room for the whole message. */
  @Test
  void everyLoopWithoutAScopeEndsInThatText() {
    Map<String, UnaryOperator<Tensor>> loops =
        Map.of(
            "fill", x -> x.session().zeros(DType.F32, 3),
            "upload", x -> x.session().tensor(new float[] {1}, 1),
            "random", x -> x.session().random(RandomKind.UNIFORM, DType.F32, 3),
            "allocate and name", x -> x.session().tensor(new float[] {1}, 1));
    loops.forEach((methods, loop) -> {
      boolean[] full = {false};
      Set<String> fail = Set.of(methods.split(" and "));
      try (Session session = new Session(failing(name -> full[0] && fail.contains(name)))) {
        Tensor x = session.zeros(DType.F32, 1000);
        for (int i = 0; i < 2 * UnscopedTensors.USUAL; i++) {
          x.add(1);
        }
        full[0] = true;
        String message =
            assertThrows(OutOfMemoryException.class, () -> applied(loop, x), methods).getMessage();
        assertTrue(message.contains("Java heap"), message);
        assertTrue(message.matches("(?s).*; 1,02[0-9] tensors were made outside.*"), message);
        assertTrue(message.contains(" called from UnscopedTensorsTest.java:"), message);
        assertTrue(message.contains("open a scope for each step"), message);
        // Memory goes back to the device at once: to note it as idle would take some, too.
        long held = session.bytesHeld();
        x.free();
        assertTrue(session.bytesHeld() <= held - 4000, methods);
        full[0] = false;
        session.trimMemory();
        held = session.bytesHeld();
        session.zeros(DType.F32, 1000).free();
        assertTrue(session.bytesHeld() > held, "and is pooled again");
      }
    });
  }

  /** The JVM's own error would end the whole test run. */
  private static Tensor applied(UnaryOperator<Tensor> loop, Tensor x) {
    try {
      return loop.apply(x);
    } catch (OutOfMemoryError e) {
      throw new AssertionError("not caught", e);
    }
  }

  /** The reference backend, on which some methods find no memory. */
  private static Backend failing(Predicate<String> fails) {
    Backend reference = Backends.open("reference");
    return (Backend)
        Proxy.newProxyInstance(
            Backend.class.getClassLoader(),
            new Class<?>[] {Backend.class},
            (_, method, args) -> {
              if (fails.test(method.getName())) {
                throw new OutOfMemoryError("Java heap space");
              }
              try {
                return method.invoke(reference, args);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void aSessionHasALimitByDefault() {
    try (Session session = Session.open("reference")) {
      long device = session.backend().memoryBytes();
      long limit = session.memory().limit();
      assertEquals(MemoryUse.defaultLimit(session.backend()), limit);
      assertTrue(limit < device && limit > device / 2, limit + " of " + device);
    }
  }
}
