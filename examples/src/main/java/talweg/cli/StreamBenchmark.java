package talweg.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import talweg.error.TalwegException;
import talweg.session.Session;

/**
 * AdamW's traffic without its arithmetic: four F32 arrays are read and three of them written in
 * place, with one multiply-add for each of these. The ceiling of an optimizer that updates in place
 * on a CPU; a copy pays for fetching the lines that it overwrites. Plain Java loops, the same
 * whatever the backend.
 */
record StreamBenchmark(int n, int threads) implements BenchmarkCase {
  private static final int BYTES = 7 * Float.BYTES;

  @Override
  public String describe() {
    return "stream %,d elements of 4 arrays, %d thread%s"
        .formatted(n, threads, threads == 1 ? "" : "s");
  }

  @Override
  public Result run(Session session, Stopwatch stopwatch) {
    List<Callable<Void>> parts = parts(array(), array(), array(), array());
    Stopwatch.Timing timing;
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      timing = stopwatch.time(() -> runAll(pool, parts), () -> {});
    }
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("case", "stream");
    fields.put("n", n);
    fields.put("dtype", "fp32");
    fields.put("ms", timing.median() * 1e3);
    fields.put("ms_min", timing.least() * 1e3);
    fields.put("ms_max", timing.most() * 1e3);
    double gigabytes = (double) BYTES * n / timing.median() / 1e9;
    fields.put("gb_per_s", gigabytes);
    return new Result(timing, fields, BenchmarkCase.rate(gigabytes, "GB/s"));
  }

  @Override
  public String worker(Session session) {
    return "java";
  }

  /** The CPU backend's, but with the threads that work here. */
  @Override
  public String device(Session session) {
    return THREADS
        .matcher(session.backend().device())
        .replaceFirst(threads + (threads == 1 ? " thread" : " threads"));
  }

  @Override
  public int threads(Session session) {
    return threads;
  }

  private float[] array() {
    try {
      float[] array = new float[n];
      Arrays.fill(array, 1e-3f);
      return array;
    } catch (OutOfMemoryError e) {
      throw new TalwegException(
          "benchmark stream: out of memory for 4 arrays of %,d elements; raise -Xmx or lower --n"
              .formatted(n),
          e);
    }
  }

  /** A part of the arrays for each thread. */
  private List<Callable<Void>> parts(float[] p, float[] g, float[] m, float[] v) {
    List<Callable<Void>> parts = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int from = (int) ((long) n * i / threads);
      int to = (int) ((long) n * (i + 1) / threads);
      parts.add(() -> {
        pass(p, g, m, v, from, to);
        return null;
      });
    }
    return parts;
  }

  /** The factors keep the values bounded and far from denormal numbers. */
  private static void pass(float[] p, float[] g, float[] m, float[] v, int from, int to) {
    for (int i = from; i < to; i++) {
      float gradient = g[i];
      m[i] = m[i] * 0.9f + gradient;
      v[i] = v[i] * 0.99f + gradient;
      p[i] = p[i] * 0.999f + gradient;
    }
  }

  private static void runAll(ExecutorService pool, List<Callable<Void>> parts) {
    try {
      for (Future<Void> part : pool.invokeAll(parts)) {
        part.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TalwegException("benchmark stream: interrupted", e);
    } catch (ExecutionException e) {
      throw new TalwegException("benchmark stream: " + e.getCause().getMessage(), e);
    }
  }
}
