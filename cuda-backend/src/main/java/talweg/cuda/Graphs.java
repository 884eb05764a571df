package talweg.cuda;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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
    try {
      recording.run();
    } catch (RuntimeException e) {
      recording.close();
      throw e;
    }
    return recording;
  }

  private List<CUgraph> record(Runnable body) {
    try {
      stream.beginCapture();
      body.run();
      return stream.endCapture();
    } catch (RuntimeException | Error e) {
      stream.abandonCapture();
      throw e;
    }
  }

  private List<Handles.GraphExec> instantiate(List<CUgraph> graphs) {
    List<Handles.GraphExec> executables = new ArrayList<>();
    try {
      for (CUgraph graph : graphs) {
        Handles.GraphExec executable = new Handles.GraphExec();
        faults.check(
            "cuGraphInstantiate", () -> JCudaDriver.cuGraphInstantiate(executable, graph, 0));
        executables.add(executable);
      }
      return executables;
    } catch (RuntimeException e) {
      destroy(executables);
      throw e;
    } finally {
      graphs.forEach(graph -> Faults.ignore(() -> JCudaDriver.cuGraphDestroy(graph)));
    }
  }

  /** Those that are still running, the driver destroys at their end. */
  private static void destroy(List<Handles.GraphExec> executables) {
    executables.forEach(graph -> Faults.ignore(() -> JCudaDriver.cuGraphExecDestroy(graph)));
  }

  /** One graph, as a rule; more where code had to be loaded while it was recorded. */
  private final class Recording implements Replay {
    private final Handles.GraphExec[] parts;

    Recording(List<Handles.GraphExec> parts) {
      this.parts = parts.toArray(Handles.GraphExec[]::new);
    }

    @Override
    public void run() {
      for (Handles.GraphExec part : parts) {
        stream.launch(part);
      }
    }

    @Override
    public void close() {
      if (open.remove(this)) {
        destroy(List.of(parts));
        if (open.isEmpty()) {
          scratch.forgetRecorded();
        }
      }
    }
  }

  @Override
  public void close() {
    open.forEach(recording -> destroy(List.of(recording.parts)));
    open.clear();
  }
}
