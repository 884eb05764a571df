package talweg.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import talweg.error.ClosedScopeException;
import talweg.error.TalwegException;
import talweg.nn.Linear;
import talweg.nn.Parameter;
import talweg.op.BinaryKind;
import talweg.op.Op;
import talweg.op.RandomKind;
import talweg.optim.Optimizer;
import talweg.optim.Optimizers;
import talweg.spi.View;
import talweg.tensor.DType;
import talweg.tensor.Shape;
import talweg.tensor.Tensor;

/**
 * Every public method of what belongs to a session, found by reflection, on a foreign thread and
 * after the session was closed: it says so. Facts that never change may be asked for anywhere.
 */
class MisuseTest {
  private static final Set<String> FACTS =
      Set.of(
          "Session.toString",
          "Scope.name",
          "Scope.toString",
          "Tensor.session",
          "Tensor.shape",
          "Tensor.dtype",
          "Tensor.rank",
          "Tensor.size",
          "Tensor.slot",
          "Tensor.storage",
          "Tensor.toString",
          "RandomStream.session",
          "Optimizer.session",
          "Optimizer.isFused",
          "Optimizer.explain",
          "Optimizer.stateNames");

  /** What has nothing to do where the session is closed. */
  private static final Set<String> HARMLESS =
      Set.of(
          "Session.close",
          "Session.bytesHeld",
          "Session.memory",
          "Scope.close",
          "Capture.close",
          "Optimizer.close",
          "RecordingGuard.close",
          "RandomGuard.close",
          "Tensor.free",
          "Tensor.detach",
          "Tensor.named",
          "Tensor.requireGrad");

  /** What is called, and what may be given to it. */
  private static final class Objects {
    private final Session session = Session.open("reference");
    private final Linear layer = new Linear(1, 1);
    private final List<Object> receivers = new ArrayList<>();
    private final Map<Class<?>, List<Object>> arguments = new HashMap<>();

    Objects() {
      layer.init(session, 1);
      Optimizer optimizer = Optimizers.sgd(0.1).bind(layer);
      Tensor x = session.tensor(new float[] {1}, 1);
      Tensor index = session.tensor(new int[] {0}, 1);
      Tensor matrix = session.tensor(new float[] {1}, 1, 1);
      Tensor mask = session.tensor(new byte[] {1}, 1);
      Tensor loss = session.tensor(new float[] {1}, 1).requireGrad().sum();
      Capture capture = session.capture(() -> x.add(1));
      RandomStream stream = RandomStream.on(session);
      Scope scope = session.scope("inner");
      receivers.addAll(
          List.of(
              session,
              x,
              index,
              mask,
              matrix,
              loss,
              capture,
              stream,
              optimizer,
              session.dispatcher(),
              session.tape(),
              session.noGrad(),
              session.drawFrom(stream),
              scope));
      offer(boolean.class, false);
      offer(int.class, 0, 1);
      offer(long.class, 1L);
      offer(double.class, 1.0);
      offer(int[].class, new int[] {1}, new int[] {0}, new int[] {1, 1});
      offer(long[].class, new long[] {1});
      offer(byte[].class, new byte[] {1});
      offer(float[].class, new float[] {1});
      offer(double[].class, new double[] {1});
      offer(String.class, "name");
      offer(Shape.class, Shape.of(1));
      offer(DType.class, DType.F32, DType.F64);
      offer(Tensor.class, x, index, mask, matrix);
      offer(Tensor[].class, (Object) new Tensor[] {x, x});
      offer(Op.class, new Op.Affine(1, 1));
      offer(BinaryKind.class, BinaryKind.ADD);
      offer(RandomKind.class, RandomKind.UNIFORM);
      offer(Scope.class, session.root());
      offer(Capture.class, capture);
      offer(RandomStream.class, stream);
      offer(View.class, x.view());
      offer(MemorySegment.class, MemorySegment.ofArray(new float[] {1}));
      offer(Supplier.class, (Supplier<Tensor>) () -> x);
      offer(Runnable.class, (Runnable) () -> {});
      offer(List.class, optimizer.schedules());
      offer(Parameter.class, layer.weight());
    }

    private void offer(Class<?> type, Object... values) {
      arguments.put(type, List.of(values));
    }

    /** All ways to give what a method takes. */
    List<List<Object>> argumentsOf(Method method) {
      List<List<Object>> ways = List.of(List.of());
      for (Class<?> type : method.getParameterTypes()) {
        List<Object> values = arguments.get(type);
        assertTrue(values != null, () -> method + ": offer some " + type);
        List<List<Object>> longer = new ArrayList<>();
        for (List<Object> way : ways) {
          for (Object value : values) {
            List<Object> next = new ArrayList<>(way);
            next.add(value);
            longer.add(next);
          }
        }
        ways = longer;
      }
      return ways;
    }

    /** Names of methods that did not say what is wrong, each with what they did. */
    List<String> silent(Set<String> excepted, Predicate<Throwable> expected) {
      List<String> silent = new ArrayList<>();
      for (Class<?> type : receivers.stream().map(Object::getClass).distinct().toList()) {
        for (Method method : type.getDeclaredMethods()) {
          String name = type.getSimpleName() + "." + method.getName();
          if (!Modifier.isPublic(method.getModifiers())
              || method.isSynthetic()
              || method.isBridge()
              || name.equals("Session.open")
              || name.equals("Optimizer.bind")
              || name.equals("RandomStream.on")
              || excepted.contains(name)) {
            continue;
          }
          String result = call(type, method, expected);
          if (result != null) {
            silent.add(method.toGenericString() + ": " + result);
          }
        }
      }
      return silent;
    }

    /** Null if the expected error came at least once, and the call never succeeded. */
    private String call(Class<?> type, Method method, Predicate<Throwable> expected) {
      String result = "was not called";
      boolean told = false;
      for (Object receiver : receivers) {
        if (receiver.getClass() != type) {
          continue;
        }
        for (List<Object> given : argumentsOf(method)) {
          try {
            method.invoke(receiver, given.toArray());
            return "returned normally for " + given;
          } catch (InvocationTargetException e) {
            told |= expected.test(e.getCause());
            result = e.getCause().toString();
          } catch (IllegalAccessException e) {
            throw new AssertionError(e);
          }
        }
      }
      return told ? null : result;
    }
  }

  @Test
  void everyMethodNoticesAForeignThread() throws InterruptedException {
    Objects objects = new Objects();
    List<String> silent = new ArrayList<>();
    Thread other =
        new Thread(() ->
            silent.addAll(
                objects.silent(
                    FACTS,
                    e ->
                        e instanceof TalwegException
                            && e.getMessage().contains("is confined to one thread"))));
    other.start();
    other.join();
    assertEquals("", String.join("\n", silent));
    // Nothing that was tried there has changed anything.
    assertEquals(1, ((Tensor) objects.receivers.get(1)).item());
    objects.session.close();
  }

  @Test
  void everyMethodNoticesThatTheSessionIsClosed() {
    Objects objects = new Objects();
    objects.session.close();
    Set<String> excepted = new HashSet<>(FACTS);
    excepted.addAll(HARMLESS);
    List<String> silent =
        objects.silent(
            excepted,
            e -> e instanceof ClosedScopeException && e.getMessage().contains("session is closed"));
    assertEquals("", String.join("\n", silent));
  }

  /** A method that is left out by name has to be there. */
  @Test
  void whatIsExceptedExists() {
    Set<String> all = new HashSet<>();
    for (Object receiver : new Objects().receivers) {
      for (Method method : receiver.getClass().getDeclaredMethods()) {
        all.add(receiver.getClass().getSimpleName() + "." + method.getName());
      }
    }
    assertTrue(all.containsAll(FACTS), all.toString());
    assertTrue(all.containsAll(HARMLESS), all.toString());
  }

  @Test
  void aScopeKeepsNoTensorOfAnotherSession() {
    try (Session one = Session.open("reference");
        Session two = Session.open("reference");
        Scope scope = one.scope("step")) {
      Tensor foreign = two.zeros(DType.F32, 2);
      TalwegException e = assertThrows(TalwegException.class, () -> scope.keep(foreign));
      assertTrue(e.getMessage().contains("different sessions"), e.getMessage());
      e =
          assertThrows(
              TalwegException.class, () -> two.emptyIn(one.root(), DType.F32, Shape.of(1)));
      assertTrue(e.getMessage().contains("belongs to another session"), e.getMessage());
    }
  }
}
