package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import talweg.data.Dataset;
import talweg.error.BackendException;
import talweg.error.OutOfMemoryException;
import talweg.nn.Activation;
import talweg.nn.BatchNorm;
import talweg.nn.Dropout;
import talweg.nn.Linear;
import talweg.nn.Module;
import talweg.nn.Sequential;
import talweg.optim.Optimizers;
import talweg.session.Session;
import talweg.spi.Backend;
import talweg.spi.Buffer;
import talweg.spi.DeviceSpec;
import talweg.train.Objective;
import talweg.train.Trainer;
import talweg.train.TrainerOptions;

/**
 * A device that refuses memory, at each request of a training in turn: the error arrives, nothing
 * is lost track of, and the session trains as if nothing had been.
 */
class RefusedAllocationTest {
  /** How a device refuses. */
  private enum Refusal {
    FULL(() -> new OutOfMemoryException("device full", "free some", null)),
    BROKEN(() -> new BackendException("device: the allocation failed")),
    HEAP(() -> new OutOfMemoryError("Java heap space"));

    private final Supplier<Throwable> error;

    Refusal(Supplier<Throwable> error) {
      this.error = error;
    }
  }

  /** The CPU backend with a door that can be shut. */
  private static final class Device {
    private final Backend cpu = new CpuProvider().open(new DeviceSpec(0, 2));
    private final Set<Buffer> live = Collections.newSetFromMap(new IdentityHashMap<>());
    private LongPredicate refused = _ -> false;
    private Refusal refusal = Refusal.FULL;
    private long requests;
    private int closed;

    Backend backend() {
      return (Backend)
          Proxy.newProxyInstance(
              Backend.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (_, method, args) -> {
                switch (method.getName()) {
                  case "allocate" -> {
                    if (refused.test(++requests)) {
                      throw refusal.error.get();
                    }
                  }
                  case "release" -> assertTrue(live.remove(args[0]), "released twice");
                  case "close" -> closed++;
                  default -> {}
                }
                try {
                  Object result = method.invoke(cpu, args);
                  if (result instanceof Buffer buffer) {
                    live.add(buffer);
                  }
                  return result;
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }

    long bytes() {
      return live.stream().mapToLong(b -> b.length() * b.dtype().bytes()).sum();
    }
  }

  private final Dataset data = blobs();
  private final float[] expected;
  private final long requests;

  RefusedAllocationTest() {
    Device device = new Device();
    try (Session session = new Session(device.backend())) {
      expected = train(session);
    }
    requests = device.requests;
  }

  @ParameterizedTest
  @EnumSource
  void eachRequestIsRefused(Refusal refusal) {
    for (long n = 1; n <= requests; n++) {
      long first = n;
      refuse(refusal, request -> request >= first, "all from " + n);
    }
  }

  /** Idle memory is given up for a request that is refused once. */
  @Test
  void aSingleRefusalMayBeGotOver() {
    for (long n = 1; n <= requests; n++) {
      long only = n;
      refuse(Refusal.FULL, request -> request == only, "only " + n);
    }
  }

  private void refuse(Refusal refusal, LongPredicate which, String what) {
    Device device = new Device();
    device.refusal = refusal;
    device.refused = which;
    List<Throwable> errors = new ArrayList<>();
    try (Session session = new Session(device.backend())) {
      try {
        assertArrayEquals(expected, train(session), what);
      } catch (BackendException e) {
        errors.add(e);
      }
      assertEquals(device.bytes(), session.bytesHeld(), what);
      assertSame(session.root(), session.innermost(), what);
      assertTrue(session.isRecording(), what);
      device.refused = _ -> false;
      assertArrayEquals(expected, train(session), what);
      assertEquals(device.bytes(), session.bytesHeld(), what);
    } catch (BackendException e) {
      // Not even the session's own state had room.
      errors.add(e);
    }
    assertTrue(!errors.isEmpty() || what.startsWith("only"), what);
    assertTrue(errors.size() <= 1, () -> what + ": " + errors);
    for (Throwable e : errors) {
      assertEquals(refusal != Refusal.BROKEN, e instanceof OutOfMemoryException, e::toString);
      String reason =
          switch (refusal) {
            case FULL -> "device full";
            case BROKEN -> "the allocation failed";
            case HEAP -> "Java heap space";
          };
      assertTrue(e.getMessage().contains(reason), e::toString);
    }
    assertEquals(Set.of(), device.live, what);
    assertEquals(1, device.closed, what);
  }

  @Test
  void theErrorSaysWhatToDo() {
    Device device = new Device();
    try (Session session = new Session(device.backend())) {
      device.refused = request -> request > 20;
      OutOfMemoryException e = assertThrows(OutOfMemoryException.class, () -> train(session));
      assertTrue(e.getMessage().contains("largest holders"), e.getMessage());
      assertTrue(e.getMessage().contains("batch"), e.getMessage());
    }
  }

  private float[] train(Session session) {
    Module model =
        new Sequential(
                new Linear(3, 16),
                new BatchNorm(16),
                new Activation(Activation.Kind.RELU),
                new Dropout(0.2),
                new Linear(16, 2))
            .init(session, 1);
    new Trainer(model, Objective.crossEntropy(), Optimizers.lamb(0.01), TrainerOptions.of(3, 8))
        .fit(data, data);
    return model.trainable().getFirst().value().toFloats();
  }

  /** 20 examples: batches of 8, 8 and 4. */
  private static Dataset blobs() {
    Random random = new Random(3);
    float[] x = new float[60];
    int[] classes = new int[20];
    for (int i = 0; i < 20; i++) {
      classes[i] = i % 2;
      for (int j = 0; j < 3; j++) {
        x[3 * i + j] = (float) random.nextGaussian() + classes[i];
      }
    }
    return Dataset.classification("blobs", x, new int[] {3}, classes, 2);
  }
}
