package talweg.cuda.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The rules of the driver, by calls from outside as native code makes them. */
@SuppressWarnings("restricted") // native calls are the point
@ExtendWith(SimulatedCuda.class)
class DriverCallsTest {
  private final Arena arena = Arena.ofAuto();
  private final MemorySegment out = arena.allocate(64, 8);
  private SymbolLookup driver;
  private long stream;

  /** Calls a function with arguments of type long or int. */
  private int call(String function, Object... arguments) {
    MemoryLayout[] layouts = new MemoryLayout[arguments.length];
    for (int i = 0; i < arguments.length; i++) {
      layouts[i] = arguments[i] instanceof Long ? ValueLayout.JAVA_LONG : ValueLayout.JAVA_INT;
    }
    try {
      return (int)
          Linker.nativeLinker()
              .downcallHandle(
                  driver.findOrThrow(function),
                  FunctionDescriptor.of(ValueLayout.JAVA_INT, layouts))
              .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(function, e);
    }
  }

  private void ok(String function, Object... arguments) {
    assertEquals(0, call(function, arguments), function);
  }

  /** Calls a function that writes a handle or address to its first argument. */
  private long get(String function, Object... more) {
    Object[] arguments = new Object[more.length + 1];
    arguments[0] = out.address();
    System.arraycopy(more, 0, arguments, 1, more.length);
    ok(function, arguments);
    return out.get(ValueLayout.JAVA_LONG, 0);
  }

  @BeforeEach
  void open() {
    driver = SymbolLookup.libraryLookup(Path.of(System.getProperty("talweg.cuda.driver")), arena);
    ok("cuInit", 0);
    ok("cuCtxSetCurrent", get("cuDevicePrimaryCtxRetain", 0));
    stream = get("cuStreamCreate", 1);
  }

  @AfterEach
  void close() {
    call("cuStreamDestroy_v2", stream);
    ok("cuDevicePrimaryCtxRelease_v2", 0);
    ok("cuCtxSetCurrent", 0L);
  }

  private long kernel(String name) throws IOException {
    try (InputStream in = getClass().getResourceAsStream("probes.ptx")) {
      String text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
      long module = get("cuModuleLoadData", arena.allocateFrom(text).address());
      return get("cuModuleGetFunction", module, arena.allocateFrom(name).address());
    }
  }

  private void unload(SimulatedGpu gpu) {
    // The only module of the test.
    ok("cuModuleUnload", 0x3000_0010L);
    assertEquals(0, gpu.modules.size());
  }

  private int launch(long function, int threads, long first, int second) {
    MemorySegment values = arena.allocate(16, 8);
    values.set(ValueLayout.JAVA_LONG, 0, first);
    values.set(ValueLayout.JAVA_INT, 8, second);
    MemorySegment pointers = arena.allocate(16, 8);
    pointers.setAtIndex(ValueLayout.JAVA_LONG, 0, values.address());
    pointers.setAtIndex(ValueLayout.JAVA_LONG, 1, values.address() + 8);
    return call(
        "cuLaunchKernel", function, 1, 1, 1, threads, 1, 1, 0, stream, pointers.address(), 0L);
  }

  @Test
  void aContextMustBeCurrent(SimulatedGpu gpu) {
    ok("cuCtxSetCurrent", 0L);
    assertEquals(201, call("cuMemAlloc_v2", out.address(), 64L));
    assertEquals("cuMemAlloc_v2: no context is current on this thread", gpu.lastError());
    ok("cuCtxSetCurrent", 0xc0de_0000L);
  }

  @Test
  void functionsThatAreNotSimulatedSaySo() {
    assertEquals(801, call("cuMemPrefetchAsync", 1L, 1L, 0, 0L));
  }

  @Test
  void memoryIsFreedOnceAndNotMoreIsGivenThanThereIs(SimulatedGpu gpu) {
    long p = get("cuMemAlloc_v2", 100L);
    assertEquals(2, call("cuMemAlloc_v2", out.address(), gpu.model.memoryBytes()));
    ok("cuMemFree_v2", p);
    assertEquals(1, call("cuMemFree_v2", p));
    assertTrue(gpu.lastError().contains("was freed before"), gpu.lastError());
    assertEquals(1, call("cuMemcpyDtoH_v2", out.address(), p, 4L));
  }

  @Test
  void chosenCallsFail(SimulatedGpu gpu) {
    gpu.fail("cuMemAlloc_v2", 2, 2);
    long p = get("cuMemAlloc_v2", 8L);
    assertEquals(2, call("cuMemAlloc_v2", out.address(), 8L));
    // A failing free has freed nevertheless.
    gpu.fail("cuMemFree_v2", 1, 999);
    assertEquals(999, call("cuMemFree_v2", p));
    assertEquals(0, gpu.liveAllocations());
    assertEquals(2, gpu.injected());
  }

  @Test
  void whatIsNotGivenBackIsListed(SimulatedGpu gpu) {
    long p = get("cuMemAlloc_v2", 100L);
    long host = get("cuMemHostAlloc", 10L, 0);
    assertEquals(
        List.of(
            "allocation 1 (100 bytes)",
            "pinned memory, 10 bytes",
            "1 of kind stream",
            "context of device 0, retained 1 times"),
        gpu.leaks());
    ok("cuMemFree_v2", p);
    ok("cuMemFreeHost", host);
  }

  @Test
  void aFaultShowsInLaterCallsAndEndsTheContext(SimulatedGpu gpu) throws IOException {
    long p = get("cuMemAlloc_v2", 256L);
    long function = kernel("bad_oob");
    assertEquals(0, launch(function, 64, p, 60));
    assertEquals(700, call("cuStreamSynchronize", stream));
    assertEquals(700, call("cuMemFree_v2", p));
    assertTrue(gpu.takeFault().startsWith("bad_oob block (0,0,0) thread 1 "));
    // Its end frees all, and a new one works.
    ok("cuDevicePrimaryCtxRelease_v2", 0);
    assertEquals(0, gpu.liveAllocations());
    get("cuDevicePrimaryCtxRetain", 0);
    stream = get("cuStreamCreate", 1);
    ok("cuStreamSynchronize", stream);
  }

  @Test
  void launchesAreChecked(SimulatedGpu gpu) throws IOException {
    long p = get("cuMemAlloc_v2", 256L);
    long function = kernel("bad_oob");
    assertEquals(1, launch(function, 1025, p, 0));
    assertEquals(1, launch(function, 0, p, 0));
    assertEquals(400, launch(function + 16, 1, p, 0));
    MemorySegment name = arena.allocateFrom("nothing");
    assertEquals(500, call("cuModuleGetFunction", out.address(), 0x3000_0010L, name.address()));
    assertEquals(0, launch(function, 1, p, 0));
    assertEquals(1, gpu.launches("bad_oob"));
    MemorySegment bounded = arena.allocateFrom("bad_loop");
    long limited = get("cuModuleGetFunction", 0x3000_0010L, bounded.address());
    assertEquals(701, launch(limited, 65, p, 0));
    ok("cuMemFree_v2", p);
    unload(gpu);
  }

  @Test
  void aCaptureRecordsAndForbids(SimulatedGpu gpu) throws IOException {
    long p = get("cuMemAlloc_v2", 256L);
    long function = kernel("bad_oob");
    ok("cuStreamBeginCapture_v2", stream, 2);
    assertEquals(0, launch(function, 1, p, 0));
    assertEquals(0, gpu.launches("bad_oob"));
    ok("cuMemFree_v2", get("cuMemAlloc_v2", 8L)); // allowed in a relaxed capture
    long graph = end(0);
    assertEquals(1, nodes(graph));
    long executable = get("cuGraphInstantiateWithFlags", graph, 0L);
    ok("cuGraphDestroy", graph);
    ok("cuGraphLaunch", executable, stream);
    ok("cuGraphLaunch", executable, stream);
    assertEquals(2, gpu.launches("bad_oob"));
    ok("cuGraphExecDestroy", executable);
    assertEquals(400, call("cuGraphLaunch", executable, stream));

    Object[][] forbidden = {
      {900, "cuStreamSynchronize", stream},
      {900, "cuCtxSynchronize"},
      {906, "cuMemcpyDtoH_v2", out.address(), p, 4L},
      {900, "cuMemcpyDtoHAsync_v2", out.address(), p, 4L, stream},
      {900, "cuMemAllocAsync", out.address(), 8L, stream}
    };
    for (Object[] row : forbidden) {
      ok("cuStreamBeginCapture_v2", stream, 2);
      Object[] arguments = java.util.Arrays.copyOfRange(row, 2, row.length);
      assertEquals(row[0], call((String) row[1], arguments), (String) row[1]);
      end(901);
    }
    ok("cuMemFree_v2", p);
    unload(gpu);
  }

  private long end(int code) {
    assertEquals(code, call("cuStreamEndCapture", stream, out.address()));
    return out.get(ValueLayout.JAVA_LONG, 0);
  }

  private long nodes(long graph) {
    ok("cuGraphGetNodes", graph, 0L, out.address());
    return out.get(ValueLayout.JAVA_LONG, 0);
  }

  @Test
  void streamsForkAndJoinWithinACapture() {
    long p = get("cuMemAlloc_v2", 256L);
    long other = get("cuStreamCreate", 1);
    long begun = get("cuEventCreate", 0);
    long done = get("cuEventCreate", 0);
    for (boolean joined : new boolean[] {true, false}) {
      ok("cuStreamBeginCapture_v2", stream, 2);
      ok("cuEventRecord", begun, stream);
      ok("cuStreamWaitEvent", other, begun, 0);
      ok("cuMemsetD32Async", p, 7, 8L, other);
      if (joined) {
        ok("cuEventRecord", done, other);
        ok("cuStreamWaitEvent", stream, done, 0);
      }
      long graph = end(joined ? 0 : 904);
      if (joined) {
        assertEquals(1, nodes(graph));
        ok("cuGraphDestroy", graph);
      }
    }
    ok("cuEventDestroy_v2", begun);
    ok("cuEventDestroy_v2", done);
    ok("cuStreamDestroy_v2", other);
    ok("cuMemFree_v2", p);
  }

  @Test
  void deferredStreamsShowPinnedMemoryThatIsChangedTooEarly(SimulatedGpu gpu) {
    gpu.defer();
    long p = get("cuMemAlloc_v2", 4L);
    long host = get("cuMemHostAlloc", 4L, 0);
    long done = get("cuEventCreate", 0);
    MemorySegment pinned = Host.segment(host, 4);
    pinned.set(ValueLayout.JAVA_INT, 0, 1);
    ok("cuMemcpyHtoDAsync_v2", p, host, 4L, stream);
    ok("cuEventRecord", done, stream);
    assertEquals(600, call("cuEventQuery", done));
    ok("cuMemcpyHtoDAsync_v2", p, host, 4L, stream);
    pinned.set(ValueLayout.JAVA_INT, 0, 2);
    ok("cuMemcpyDtoHAsync_v2", out.address(), p, 4L, stream);
    assertEquals(2, out.get(ValueLayout.JAVA_INT, 0));
    ok("cuEventDestroy_v2", done);
    ok("cuMemFreeHost", host);
    ok("cuMemFree_v2", p);
  }
}
