package talweg.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import talweg.error.ClosedScopeException;
import talweg.error.TalwegException;
import talweg.nn.Functional;
import talweg.nn.Losses;
import talweg.session.Backends;
import talweg.session.Session;
import talweg.spi.Precision;
import talweg.tensor.DType;
import talweg.tensor.Tensor;

/** Several sessions in one JVM have nothing to do with one another. */
class SessionsTest {
  private static Session open(String backend, int threads) {
    return new Session(Backends.open(backend, threads, Precision.FP32));
  }

  private static Map<String, double[]> train(String backend, int threads) {
    try (Session session = open(backend, threads)) {
      return SmallTraining.run(session);
    }
  }

  private static void assertSameBits(
      String what, Map<String, double[]> expected, Map<String, double[]> actual) {
    assertEquals(expected.keySet(), actual.keySet());
    expected.forEach((name, values) -> assertArrayEquals(values, actual.get(name), what + name));
  }

  @Test
  void theNumberOfThreadsDoesNotShowInATraining() {
    Map<String, double[]> one = train("cpu", 1);
    assertTrue(one.containsKey("model.1.running_mean"), () -> one.keySet().toString());
    assertSameBits("2 threads: ", one, train("cpu", 2));
    assertSameBits("5 threads: ", one, train("cpu", 5));
  }

  /** Three threads, each with a session: what they compute is what each computes alone. */
  @Test
  void sessionsAtTheSameTimeComputeWhatEachComputesAlone() throws Exception {
    List<String> backends = List.of("cpu", "reference", "cpu");
    int[] threads = {1, 0, 3};
    List<Map<String, double[]>> alone =
        IntStream.range(0, 3).mapToObj(i -> train(backends.get(i), threads[i])).toList();
    assertFalse(
        alone.get(0).equals(alone.get(1)), "the backends differ in their bits, or compare nothing");

    CyclicBarrier together = new CyclicBarrier(3);
    try (ExecutorService executor = Executors.newFixedThreadPool(3)) {
      List<Future<Map<String, double[]>>> results = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        int own = i;
        Callable<Map<String, double[]>> training =
            () -> {
              try (Session session = open(backends.get(own), threads[own])) {
                together.await(60, TimeUnit.SECONDS);
                return SmallTraining.run(session);
              }
            };
        results.add(executor.submit(training));
      }
      for (int i = 0; i < 3; i++) {
        assertSameBits("session %d: ".formatted(i), alone.get(i), results.get(i).get());
      }
    }
  }

  @Test
  void aTensorOfAnotherSessionIsRefusedByEveryOperation() {
    try (Session mine = open("cpu", 1);
        Session theirs = open("cpu", 2);
        Session third = open("reference", 0)) {
      for (Session other : List.of(theirs, third)) {
        Tensor a = mine.full(DType.F32, 1, 2, 2).requireGrad();
        Tensor b = other.full(DType.F32, 1, 2, 2);
        Tensor row = other.full(DType.F32, 1, 2);
        Tensor own = mine.full(DType.F32, 1, 2);
        Tensor index = other.zeros(DType.I32, 2, 2);
        Tensor classes = other.zeros(DType.I32, 2);
        Tensor yes = other.zeros(DType.U8, 2, 2);
        refused("add", () -> a.add(b));
        refused("matmul", () -> a.matmul(b));
        refused("matmul", () -> b.matmul(a));
        refused("where", () -> yes.where(a, a));
        refused("gather", () -> a.gather(0, index));
        refused("concat", () -> Tensor.concat(0, a, b));
        refused("linear", () -> Functional.linear(a, b, row));
        refused("linear", () -> Functional.linear(a, a, row));
        refused("layer_norm", () -> Functional.layerNorm(a, 1, row, own, 1e-5));
        refused("batch_norm", () -> Functional.batchNormTrain(a, own, row, null, null, 0.1, 1e-5));
        refused("cross_entropy", () -> Losses.crossEntropy(a, classes));
        refused("backward", () -> a.mul(2).backward(b));
        refused("assign", () -> own.assign(row));
        // Nothing of it changed either session.
        assertEquals(4, a.sum().item());
        assertEquals(4, b.sum().item());
      }
    }
  }

  private static void refused(String operation, Runnable use) {
    TalwegException e = assertThrows(TalwegException.class, use::run, operation);
    assertTrue(e.getMessage().contains("different sessions"), e.getMessage());
    assertTrue(e.getMessage().contains(":"), e.getMessage());
  }

  @SuppressWarnings("try") // closed early, and closing again does nothing
  @Test
  void closingOneSessionLeavesTheOthersUsable() {
    try (Session first = open("cpu", 2);
        Session second = open("cpu", 3)) {
      Tensor x = first.full(DType.F32, 2, 300, 300);
      Tensor y = second.full(DType.F32, 3, 300, 300);
      assertEquals(2 * 90_000, x.exp().log().sum().item(), 1);
      double expected = y.matmul(y).sum().item();
      first.close();
      assertThrows(ClosedScopeException.class, () -> x.add(1));
      assertThrows(TalwegException.class, () -> y.add(x));
      assertEquals(expected, y.matmul(y).sum().item());
      try (Session third = open("cpu", 2)) {
        assertEquals(2, third.full(DType.F32, 1, 2).sum().item());
      }
    }
  }

  @Test
  void aSessionIsNotUsedByAnotherThread() throws Exception {
    try (Session session = open("cpu", 2);
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Tensor x = session.full(DType.F32, 1, 2);
      List<Callable<Object>> uses =
          List.of(() -> x.add(1), x::toFloats, () -> session.zeros(DType.F32, 2), session::scope);
      for (Callable<Object> use : uses) {
        Throwable cause =
            assertThrows(ExecutionException.class, () -> executor.submit(use).get()).getCause();
        assertTrue(cause.getMessage().contains("confined to one thread"), cause.getMessage());
      }
      assertEquals(2, x.sum().item());
    }
  }
}
