package talweg.cuda.sim;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Streams, events, captures and graphs. */
final class StreamCalls {
  private final SimulatedGpu gpu;

  StreamCalls(SimulatedGpu gpu) {
    this.gpu = gpu;
  }

  @Rule
  int cuStreamCreate(long stream, int flags) {
    CuError.require(flags == 0 || flags == 1, CuResult.INVALID_VALUE, "flags " + flags);
    Host.putLong(stream, gpu.streams.add(new SimulatedStream()));
    return 0;
  }

  @Rule
  int cuStreamCreateWithPriority(long stream, int flags, int priority) {
    return cuStreamCreate(stream, flags);
  }

  @Rule(failsAfterwards = true)
  int cuStreamDestroy_v2(long stream) {
    gpu.finish(gpu.stream(stream));
    gpu.streams.remove(stream);
    return 0;
  }

  @Rule
  int cuStreamSynchronize(long stream) {
    notCapturing(gpu.stream(stream));
    gpu.finish(gpu.stream(stream));
    return gpu.sticky();
  }

  @Rule
  int cuStreamQuery(long stream) {
    notCapturing(gpu.stream(stream));
    boolean ready = gpu.stream(stream).pending().isEmpty();
    // Whoever asks again and again gets on.
    gpu.finish(gpu.stream(stream));
    return ready ? gpu.sticky() : CuResult.NOT_READY;
  }

  private static void notCapturing(SimulatedStream stream) {
    if (stream.capturing()) {
      stream.capture().invalidate();
      throw new CuError(CuResult.CAPTURE_UNSUPPORTED, "the stream captures");
    }
  }

  @Rule
  int cuStreamWaitEvent(long stream, long event, int flags) {
    SimulatedStream waiting = gpu.stream(stream);
    SimulatedEvent.Mark mark = gpu.events.get(event).mark();
    if (mark == null) {
      return 0;
    }
    if (mark.captured()) {
      mark.stream().capture().join(waiting, mark.stream());
    } else {
      gpu.issue(waiting, new Work("wait", () -> gpu.finish(mark)));
    }
    return 0;
  }

  @Rule
  int cuStreamBeginCapture_v2(long stream, int mode) {
    CuError.require(stream > 2, CuResult.CAPTURE_UNSUPPORTED, "the default stream cannot capture");
    SimulatedStream on = gpu.stream(stream);
    notCapturing(on);
    CuError.require(mode >= 0 && mode <= 2, CuResult.INVALID_VALUE, "mode " + mode);
    on.capture(new Capture(on, mode));
    return 0;
  }

  @Rule
  int cuStreamEndCapture(long stream, long graph) {
    SimulatedStream on = gpu.stream(stream);
    CuError.require(on.capturing(), CuResult.INVALID_VALUE, "the stream does not capture");
    CuError.require(
        on.capture().origin() == on, 905, "the capture was begun in another stream"); // UNMATCHED
    Host.putLong(graph, 0);
    Host.putLong(graph, gpu.graphs.add(on.capture().end()));
    return 0;
  }

  @Rule
  int cuStreamIsCapturing(long stream, long status) {
    SimulatedStream on = gpu.stream(stream);
    Host.putInt(status, !on.capturing() ? 0 : on.capture().invalid() ? 2 : 1);
    return 0;
  }

  @Rule
  int cuGraphInstantiateWithFlags(long executable, long graph, long flags) {
    Host.putLong(executable, gpu.executables.add(gpu.graphs.get(graph)));
    return 0;
  }

  @Rule
  int cuGraphInstantiate_v2(long executable, long graph, long node, long log, long size) {
    return cuGraphInstantiateWithFlags(executable, graph, 0);
  }

  @Rule
  int cuGraphUpload(long executable, long stream) {
    gpu.executables.get(executable);
    gpu.stream(stream);
    return 0;
  }

  @Rule
  int cuGraphLaunch(long executable, long stream) {
    List<Work> nodes = gpu.executables.get(executable);
    SimulatedStream on = gpu.stream(stream);
    notCapturing(on);
    nodes.forEach(node -> gpu.enqueue(on, node));
    return 0;
  }

  @Rule(failsAfterwards = true)
  int cuGraphExecDestroy(long executable) {
    gpu.executables.remove(executable);
    return 0;
  }

  @Rule(failsAfterwards = true)
  int cuGraphDestroy(long graph) {
    gpu.graphs.remove(graph);
    return 0;
  }

  /** Handles of nodes only count them. */
  @Rule
  int cuGraphGetNodes(long graph, long nodes, long count) {
    int size = gpu.graphs.get(graph).size();
    if (nodes != 0) {
      long room = Math.min(Host.getLong(count), size);
      MemorySegment array = Host.segment(nodes, room * 8);
      for (long i = 0; i < room; i++) {
        array.setAtIndex(ValueLayout.JAVA_LONG, i, i + 1);
      }
    }
    Host.putLong(count, size);
    return 0;
  }

  @Rule
  int cuEventCreate(long event, int flags) {
    Host.putLong(event, gpu.events.add(new SimulatedEvent()));
    return 0;
  }

  @Rule
  int cuEventRecord(long event, long stream) {
    SimulatedStream on = gpu.stream(stream);
    SimulatedEvent.Mark mark = gpu.events.get(event).record(on);
    if (!on.capturing()) {
      gpu.enqueue(on, new Work("event", mark::reach));
    }
    return 0;
  }

  @Rule
  int cuEventQuery(long event) {
    SimulatedEvent.Mark mark = gpu.events.get(event).mark();
    boolean ready = mark == null || mark.reached();
    int code = cuEventSynchronize(event);
    return ready ? code : CuResult.NOT_READY;
  }

  @Rule
  int cuEventSynchronize(long event) {
    SimulatedEvent.Mark mark = gpu.events.get(event).mark();
    if (mark != null && mark.captured()) {
      mark.stream().capture().invalidate();
      throw new CuError(CuResult.CAPTURED_EVENT, "the event belongs to a capture");
    }
    if (mark != null) {
      gpu.finish(mark);
    }
    return gpu.sticky();
  }

  @Rule
  int cuEventElapsedTime(long milliseconds, long start, long end) {
    SimulatedEvent.Mark from = gpu.events.get(start).mark();
    SimulatedEvent.Mark to = gpu.events.get(end).mark();
    CuError.require(
        from != null && to != null, CuResult.INVALID_HANDLE, "an event was not recorded");
    CuError.require(
        from.reached() && to.reached(), CuResult.NOT_READY, "an event was not reached yet");
    Host.putFloat(milliseconds, (to.time() - from.time()) / 1e6f);
    return 0;
  }

  @Rule(failsAfterwards = true)
  int cuEventDestroy_v2(long event) {
    gpu.events.remove(event);
    return 0;
  }
}
