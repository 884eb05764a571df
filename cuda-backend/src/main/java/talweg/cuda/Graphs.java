package talweg.cuda;

import java.util.LinkedHashSet;
import java.util.Set;
import jcuda.driver.CUgraph;
import jcuda.driver.JCudaDriver;
import talweg.spi.Replay;

/** Recordings of a stream's work, each of which one call runs again. */
final class Graphs implements AutoCloseable {
  private final Faults faults;
  private final Stream stream;
  private final ScratchMemory scratch;
  private final Set<Recording> open = new LinkedHashSet<>();

  Graphs(Faults faults, Stream stream, ScratchMemory scratch) {
    this.faults = faults;
    this.stream = stream;
    this.scratch = scratch;
  }

  /** Records what {@code body} issues, and runs that once. */
  Replay capture(Runnable body) {
    // Nothing is under way meanwhile, so memory that is returned is free at once.
    stream.synchronize();
    Recording recording = new Recording(instantiate(record(body)));
    open.add(recording);
    recording.run();
    return recording;
  }

  private CUgraph record(Runnable body) {
    CUgraph graph = new CUgraph();
    stream.beginCapture();
    try {
      body.run();
    } catch (RuntimeException | Error e) {
      abandon(graph, e);
      throw e;
    }
    stream.endCapture(graph);
    return graph;
  }

  private void abandon(CUgraph graph, Throwable cause) {
    try {
      stream.endCapture(graph);
      Faults.ignore(() -> JCudaDriver.cuGraphDestroy(graph));
    } catch (RuntimeException e) {
      if (e != cause) {
        cause.addSuppressed(e);
      }
    }
  }

  private Handles.GraphExec instantiate(CUgraph graph) {
    Handles.GraphExec executable = new Handles.GraphExec();
    try {
      faults.check(
          "cuGraphInstantiate", () -> JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    } finally {
      Faults.ignore(() -> JCudaDriver.cuGraphDestroy(graph));
    }
    return executable;
  }

  private final class Recording implements Replay {
    private final Handles.GraphExec graph;

    Recording(Handles.GraphExec graph) {
      this.graph = graph;
    }

    @Override
    public void run() {
      stream.launch(graph);
    }

    @Override
    public void close() {
      // If it is still running, the driver waits for its end.
      if (open.remove(this)) {
        Faults.ignore(() -> JCudaDriver.cuGraphExecDestroy(graph));
        if (open.isEmpty()) {
          scratch.forgetRecorded();
        }
      }
    }
  }

  @Override
  public void close() {
    Set.copyOf(open).forEach(Recording::close);
  }
}
