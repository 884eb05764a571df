package talweg.cuda.sim;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Runs single kernels on the interpreter, without a driver. */
final class Probe {
  private static final long MEMORY = 16 << 20;
  private static final long INSTRUCTIONS = 50_000_000;

  private final DeviceMemory memory = new DeviceMemory(MEMORY);
  private final LoadedModule module;
  Schedule schedule = Schedule.LOCKSTEP;

  private Probe(String ptx) {
    module = new LoadedModule(PtxParser.parse(ptx), memory);
  }

  /** The kernels of probes.cu. */
  static Probe load() {
    try (InputStream in = Probe.class.getResourceAsStream("probes.ptx")) {
      return new Probe(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A kernel "k" with this body and one parameter, "p", in register %rd1. */
  static Probe of(String body) {
    return new Probe(
        """
        .version 7.0
        .target sm_75
        .address_size 64
        .visible .entry k(.param .u64 p)
        {
          ld.param.u64 %%rd1, [p];
          %s
          ret;
        }
        """
            .formatted(body));
  }

  DeviceMemory memory() {
    return memory;
  }

  long upload(int... values) {
    long address = memory.allocate(values.length * 4L);
    bytes(address, values.length * 4L).copyFrom(MemorySegment.ofArray(values));
    return address;
  }

  long upload(long... values) {
    long address = memory.allocate(values.length * 8L);
    bytes(address, values.length * 8L).copyFrom(MemorySegment.ofArray(values));
    return address;
  }

  long upload(float... values) {
    long address = memory.allocate(values.length * 4L);
    bytes(address, values.length * 4L).copyFrom(MemorySegment.ofArray(values));
    return address;
  }

  long upload(double... values) {
    long address = memory.allocate(values.length * 8L);
    bytes(address, values.length * 8L).copyFrom(MemorySegment.ofArray(values));
    return address;
  }

  private MemorySegment bytes(long address, long size) {
    return memory.segment(address, size);
  }

  int[] ints(long address, int n) {
    return bytes(address, n * 4L).toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  long[] longs(long address, int n) {
    return bytes(address, n * 8L).toArray(ValueLayout.JAVA_LONG_UNALIGNED);
  }

  float[] floats(long address, int n) {
    return bytes(address, n * 4L).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  double[] doubles(long address, int n) {
    return bytes(address, n * 8L).toArray(ValueLayout.JAVA_DOUBLE_UNALIGNED);
  }

  void launch(String kernel, int threads, Object... arguments) {
    launch(kernel, Grid.of(1, threads), arguments);
  }

  void launch(String kernel, Grid grid, Object... arguments) {
    Kernel decoded = module.kernel(kernel);
    ByteBuffer block = ByteBuffer.allocate(decoded.parameterBytes()).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < arguments.length; i++) {
      block.position(decoded.parameters().get(i).offset());
      switch (arguments[i]) {
        case Long value -> block.putLong(value);
        case Integer value -> block.putInt(value);
        case byte[] structure -> block.put(structure);
        default -> throw new IllegalArgumentException(arguments[i].toString());
      }
    }
    decoded.launch(memory, grid, block.array(), schedule, INSTRUCTIONS);
  }
}
