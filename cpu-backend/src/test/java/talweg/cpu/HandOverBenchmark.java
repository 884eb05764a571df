package talweg.cpu;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs to hand work to {@link Workers} and to wait for it: the least size of a task that
 * is worth sharing follows from it.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class HandOverBenchmark {
  private static final int THREADS = 2;

  private Workers workers;

  @Setup
  public void start() {
    workers = new Workers(THREADS);
  }

  @TearDown
  public void stop() {
    workers.close();
  }

  /** Nothing to do: the caller may well have finished before anybody else has begun. */
  @Benchmark
  public void emptyTask() {
    workers.run(THREADS, (_, _) -> {});
  }

  /** Every thread waits for all others: until help has arrived. */
  @Benchmark
  public void rendezvous() {
    AtomicInteger arrived = new AtomicInteger();
    workers.run(
        THREADS,
        (_, _) -> {
          arrived.incrementAndGet();
          while (arrived.get() < THREADS) {
            Thread.onSpinWait();
          }
        });
  }
}
