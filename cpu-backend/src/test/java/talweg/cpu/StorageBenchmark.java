package talweg.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Where should the CPU backend's numbers live: in Java arrays, or in memory segments on or off the
 * heap? One thread runs AdamW's pass over four buffers with the Vector API in each. The lengths fit
 * into the second-level cache, into the third at best, and into none.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class StorageBenchmark {
  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  private static final ByteOrder ORDER = ByteOrder.nativeOrder();
  private static final int BUFFERS = 4;

  private static final float RATE = 1e-3f;
  private static final float KEPT = 1 - 1e-3f * 1e-2f;
  private static final float BETA1 = 0.9f;
  private static final float BETA2 = 0.999f;
  private static final float EPS = 1e-8f;

  @Param({"65536", "1048576", "16777216"})
  private int length;

  /** Java arrays. */
  @State(Scope.Thread)
  public static class Arrays {
    private float[] p;
    private float[] g;
    private float[] m;
    private float[] v;

    @Setup
    public void allocate(StorageBenchmark outer) {
      p = filled(outer.length);
      g = filled(outer.length);
      m = filled(outer.length);
      v = filled(outer.length);
    }
  }

  /** Memory segments. */
  @State(Scope.Thread)
  public static class Segments {
    /** Whose memory it is: of a Java array, or native memory by the kind of its arena. */
    public enum Kind {
      HEAP,
      AUTO,
      SHARED
    }

    @Param private Kind kind;
    private Arena arena;
    private final MemorySegment[] all = new MemorySegment[BUFFERS];

    @Setup
    @SuppressWarnings("MustBeClosedChecker") // closed by free()
    public void allocate(StorageBenchmark outer) {
      arena =
          switch (kind) {
            case HEAP, AUTO -> Arena.ofAuto();
            case SHARED -> Arena.ofShared();
          };
      for (int i = 0; i < BUFFERS; i++) {
        MemorySegment values = MemorySegment.ofArray(filled(outer.length));
        all[i] =
            kind == Kind.HEAP
                ? values
                : arena.allocate(values.byteSize(), SPECIES.vectorByteSize()).copyFrom(values);
      }
    }

    @TearDown
    public void free() {
      switch (kind) {
        case HEAP, AUTO -> {}
        case SHARED -> arena.close();
      }
    }
  }

  private static float[] filled(int length) {
    float[] array = new float[length];
    java.util.Arrays.fill(array, 0.5f);
    return array;
  }

  @Benchmark
  public void arrays(Arrays a) {
    float[] p = a.p;
    float[] g = a.g;
    float[] m = a.m;
    float[] v = a.v;
    for (int i = 0; i < length; i += SPECIES.length()) {
      FloatVector gi = FloatVector.fromArray(SPECIES, g, i);
      FloatVector mi = first(FloatVector.fromArray(SPECIES, m, i), gi);
      FloatVector vi = second(FloatVector.fromArray(SPECIES, v, i), gi);
      mi.intoArray(m, i);
      vi.intoArray(v, i);
      weight(FloatVector.fromArray(SPECIES, p, i), mi, vi).intoArray(p, i);
    }
  }

  @Benchmark
  public void segments(Segments s) {
    MemorySegment p = s.all[0];
    MemorySegment g = s.all[1];
    MemorySegment m = s.all[2];
    MemorySegment v = s.all[3];
    long end = (long) length * Float.BYTES;
    for (long i = 0; i < end; i += SPECIES.vectorByteSize()) {
      FloatVector gi = FloatVector.fromMemorySegment(SPECIES, g, i, ORDER);
      FloatVector mi = first(FloatVector.fromMemorySegment(SPECIES, m, i, ORDER), gi);
      FloatVector vi = second(FloatVector.fromMemorySegment(SPECIES, v, i, ORDER), gi);
      mi.intoMemorySegment(m, i, ORDER);
      vi.intoMemorySegment(v, i, ORDER);
      weight(FloatVector.fromMemorySegment(SPECIES, p, i, ORDER), mi, vi)
          .intoMemorySegment(p, i, ORDER);
    }
  }

  private static FloatVector first(FloatVector m, FloatVector g) {
    return m.mul(BETA1).add(g.mul(1 - BETA1));
  }

  private static FloatVector second(FloatVector v, FloatVector g) {
    return v.mul(BETA2).add(g.mul(g).mul(1 - BETA2));
  }

  private static FloatVector weight(FloatVector p, FloatVector m, FloatVector v) {
    return p.mul(KEPT).sub(m.mul(RATE).div(v.sqrt().add(EPS)));
  }
}
